"""The one blueprint of the API, and what every operation says of itself: its token, its limit, its problems."""

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any

import flask_smorest
from flask_smorest.utils import deepupdate
from marshmallow import Schema

from auctionapp.api import authentication, limits
from auctionapp.api.bodies import Parser
from auctionapp.errors import Unauthorized
from auctionapp.extensions import csrf

View = Callable[..., Any]

READING_JSON = {400, 413, 415, 422}

AUCTION = "<int:auction_id>"


class Blueprint(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = Parser()

    def operation(self, *, token: str = "required", limit: limits.Limit | None = limits.READS,
                  problems: tuple[int, ...] = (), idempotent: bool = False) -> Callable[[View], View]:
        """Guard an operation and document how: stands directly below `route`.

        `token` is "required", "optional" (a wrong one is refused all the same), "none", or "checked later": required,
        and whether it is still valid is decided with the operation. Without a `limit` the view
        counts by itself.
        """
        def decorator(view: View) -> View:
            @wraps(view)
            def guarded(*given: Any, **named: Any) -> Any:
                found = _authenticated(token)
                if limit is not None:
                    limits.spend(limit, str(found.id) if found else None)
                return view(*given, **named)

            documentation = deepcopy(getattr(view, "_apidoc", {}))
            about = _about(token, {*problems, *_problems_of_arguments(documentation)}, idempotent)
            documentation["manual_doc"] = deepupdate(about, documentation.get("manual_doc", {}))
            guarded._apidoc = documentation  # type: ignore[attr-defined]
            return guarded

        return decorator

    def body(self, schema: type[Schema]) -> Callable[[View], View]:
        """Document the JSON body of a view that reads it by itself."""
        def decorator(view: View) -> View:
            documentation = deepcopy(getattr(view, "_apidoc", {}))
            documentation.setdefault("arguments", {}).setdefault("parameters", []).append(
                {"in": "json", "required": True, "schema": schema})
            view._apidoc = documentation  # type: ignore[attr-defined]
            return view

        return decorator


def _authenticated(token: str) -> authentication.Caller | None:
    if token == "none":
        return None
    try:
        return authentication.authenticate(token != "optional", checked_later=token == "checked later")
    except Unauthorized:
        # Wrong tokens cost a look into the database each: they count for the address.
        limits.spend(limits.READS, None)
        raise


def _about(token: str, problems: set[int], idempotent: bool) -> dict[str, Any]:
    documented = problems | {429, 500, 503} | ({401} if token != "none" else set())
    about: dict[str, Any] = {
        "security": {"optional": [{}, {"token": []}], "none": []}.get(token, [{"token": []}]),
        "responses": {status: f"Problem{status}" for status in sorted(documented)},
    }
    if idempotent:
        about["parameters"] = ["IdempotencyKey"]
    return about


def _problems_of_arguments(documentation: dict[str, Any]) -> set[int]:
    """What reading a body or a query may refuse."""
    places = {parameter["in"] for parameter in documentation.get("arguments", {}).get("parameters", ())}
    return (READING_JSON if "json" in places else set()) | ({422} if places else set())


blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)
