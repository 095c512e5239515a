"""Refusals and failures for programs: problem details (RFC 9457) for everything under `/api/`."""

from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from auctionapp import compact_json
from auctionapp.errors import DomainError

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
TYPES = "/api/v1/problems/"
RETRY_AFTER_SECONDS = {429: 10, 503: 2}
"""What a client is asked to wait where the refusal does not know better."""

SLUGS = {
    400: "malformed-request", 401: "unauthorized", 403: "not-allowed", 404: "not-found", 405: "method-not-allowed",
    408: "request-timeout", 413: "too-large", 415: "unsupported-media-type", 422: "validation",
    429: "too-many-requests", 500: "internal-error", 503: "busy",
}
DETAILS = {
    404: "There is nothing here, or it is not yours.",
    405: "This address does not know that method.",
    413: "The body is larger than is taken here.",
    500: "Something broke on our side. Nothing of yours was changed.",
    503: "This cannot be done just now. Please try again in a moment.",
}


class TooManyRequests(DomainError):
    slug = "too-many-requests"
    status = 429
    text = "That was often in a short time. Wait a moment, then try again."

    def __init__(self, retry_after_seconds: int):
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


def wanted() -> bool:
    """Whether this request came from a program."""
    return request.path.startswith(PREFIX)


def of_refusal(error: DomainError) -> Response:
    """The answer to a DomainError: its slug ends the type, its extras are members."""
    response = _response(members_of(error))
    if seconds := getattr(error, "retry_after_seconds", None):
        response.headers["Retry-After"] = str(seconds)
    return response


def members_of(error: DomainError) -> dict[str, Any]:
    """A refusal as the members of problem details."""
    extras = dict(error.extras)
    if isinstance(extras.get("errors"), dict):
        extras["errors"] = {name: [words] if isinstance(words, str) else words
                            for name, words in extras["errors"].items()}
    return _members(error.status, error.slug, error.text) | extras


def of_exception(error: HTTPException) -> Response:
    """The answer to an error of HTTP itself; `Allow` and `Retry-After` stay."""
    status = error.code or 500
    slug = SLUGS.get(status) or error.name.lower().replace(" ", "-")
    detail = DETAILS.get(status) or error.description or error.name
    response = _response(_members(status, slug, detail))
    for name, value in error.get_headers():
        if name in ("Retry-After", "Allow"):
            response.headers[name] = value
    return response


def of_failure() -> Response:
    """The answer to what nobody expected; it says nothing of the cause."""
    return _response(_members(500, SLUGS[500], DETAILS[500]))


def _members(status: int, slug: str, detail: str) -> dict[str, Any]:
    return {"type": TYPES + slug, "title": slug.replace("-", " ").capitalize(), "status": status, "detail": detail}


def _response(members: dict[str, Any]) -> Response:
    status = members["status"]
    response = Response(compact_json.encode(members), status, content_type=MEDIA_TYPE)
    if status == 401:
        given = "Authorization" in request.headers
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"' + (', error="invalid_token"' if given else "")
    if status in RETRY_AFTER_SECONDS:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS[status])
    return response
