"""Joins the API to the application: its blueprint, its OpenAPI document, the page to read it."""

from typing import Any

import flask_smorest
from flask import Flask

from auctionapp import problem_details
from auctionapp.api import (  # noqa: F401 (importing the resources adds them to the blueprint)
    auctions,
    authentication,
    bids,
    catalogue,
    conversations,
    documentation,
    events,
    limits,
    messages,
    notifications,
    tokens,
    users,
    wallet,
)
from auctionapp.api.blueprint import blueprint
from auctionapp.api.schemas import ProblemSchema
from auctionapp.security import RowId

TITLES = {
    400: "What was sent cannot be read", 401: "No valid token", 403: "Not allowed", 404: "Nothing here, or not yours",
    409: "The present state does not allow it", 413: "Too large", 415: "Not a media type that is read here",
    422: "Refused: the type says why", 429: "Too often", 500: "A failure on our side",
    503: "Not just now, or not set up",
}
DESCRIPTION = """\
Everything that the pages can do, for programs.

Money is a decimal string such as "12.50", never a number. Times are RFC 3339 in UTC. A list has pages: `page` and
`per_page`, and a `Link` header with the first, previous, next and last. Every refusal is a problem (RFC 9457) whose
`type` ends in the word that names it.\
"""


class Api(flask_smorest.Api):
    """flask-smorest, with our own problem details instead of its error handler for the whole application."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def install(app: Flask) -> None:
    """Register the API's routes and make its document."""
    app.config.setdefault("API_TITLE", app.config["SITE_NAME"])
    app.config.setdefault("API_VERSION", "1")
    app.config.setdefault("OPENAPI_VERSION", "3.1.0")
    limits.init_app(app)
    api = Api(app, spec_kwargs={
        "info": {"description": DESCRIPTION}, "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in documentation.GROUPS],
    })
    api.register_converter(RowId, lambda _: {"type": "integer", "minimum": 0, "maximum": 10**18 - 1})
    _describe_common(api.spec.components)
    api.register_blueprint(blueprint)
    api.spec._tags = [tag for tag in api.spec._tags if tag["name"] != blueprint.name]
    document = api.spec.to_dict()
    document["components"]["schemas"].pop("PaginationMetadata", None)
    documentation.install(app, document)


def _describe_common(components: Any) -> None:
    components.security_scheme("token", {
        "type": "http", "scheme": "bearer", "description": "From `POST /api/v1/tokens`."})
    components.parameter("IdempotencyKey", "header", {
        "name": "Idempotency-Key", "schema": {"type": "string", "minLength": 1, "maxLength": 255,
                                              "pattern": "^[!-~][ -~]*$"},
        "description": "The same key with the same body gives the same answer and happens once (24 hours). "
                       "With another body it is 422 `idempotency-key-reuse`."})
    for status, title in TITLES.items():
        content = {problem_details.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        headers = {}
        if status in problem_details.RETRY_AFTER_SECONDS:
            headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        if status == 401:
            headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
        components.response(f"Problem{status}", {"description": title, "content": content, "headers": headers})
