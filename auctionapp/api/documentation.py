"""The OpenAPI document, and a page to read it that needs no script."""

import json
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, render_template
from markupsafe import Markup, escape

from auctionapp.errors import BidTooLow
from auctionapp.problem_details import members_of

GROUPS = ("Tokens", "People", "Catalogue", "Auctions", "Bids", "Events", "Messages",
          "Conversations", "Notifications", "Wallet")

pages = Blueprint("api_documentation", __name__, url_prefix="/api/v1")


def install(app: Flask, document: dict[str, Any]) -> None:
    """Keep the finished document, and serve it as JSON and as a page."""
    app.extensions["api_document"] = document
    app.register_blueprint(pages)


@pages.get("/openapi.json")
def openapi() -> Response:
    return Response(json.dumps(current_app.extensions["api_document"]), content_type="application/json")


@pages.get("/docs")
def docs() -> str:
    document = current_app.extensions["api_document"]
    example = json.dumps(members_of(BidTooLow(next_minimum_cents=1500)), indent=2)
    return render_template("api/docs.html", groups=_groups(document), schemas=_schemas(document), example=example,
                           type_of=type_of, with_code=with_code)


@pages.get("/problems/<slug>")
def problem(slug: str) -> Any:
    """A problem's type leads to the page that explains problems."""
    return redirect("/api/v1/docs#problems", 303)


def _groups(document: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The operations by their tag, in the order of GROUPS."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for path, operations in document["paths"].items():
        shared = operations.get("parameters", [])
        for method, operation in operations.items():
            if method == "parameters":
                continue
            found[operation["tags"][0]].append({
                "method": method.upper(), "path": path, "summary": operation.get("summary", ""),
                "description": operation.get("description", ""),
                "token": _token(operation.get("security", [])),
                "parameters": [_resolved(document, one) for one in [*shared, *operation.get("parameters", [])]],
                "body": _members(document, operation.get("requestBody", {})),
                "answers": _answers(document, operation["responses"]),
            })
    return [(name, operations) for name, operations in found.items() if operations]


def _token(security: list[dict[str, Any]]) -> str:
    if not security:
        return "No token"
    return "Token optional" if {} in security else "Token"


def _resolved(document: dict[str, Any], thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        found: Any = document
        for part in thing["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        thing = found
    return thing


def _schemas(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that is answered, by name; pages of lists all look alike and are left out."""
    return [_shape(document, name, schema) for name, schema in sorted(document["components"]["schemas"].items())
            if not name.endswith(("Page", "Body", "Patch"))]


def _members(document: dict[str, Any], content: dict[str, Any]) -> dict[str, Any] | None:
    """Media type, name and members of a body or an answer."""
    for media_type, told in content.get("content", {}).items():
        schema = told.get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        return {"media_type": media_type} | _shape(document, name, schema)
    return None


def _shape(document: dict[str, Any], name: str, schema: dict[str, Any]) -> dict[str, Any]:
    shape = _resolved(document, schema)
    return {"name": name, "required": shape.get("required", []),
            "members": {key: _resolved(document, one) | {"shown_type": type_of(one)}
                        for key, one in shape.get("properties", {}).items()}}


def _answers(document: dict[str, Any], responses: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"status": status, "description": told["description"], "body": _members(document, told)}
            for status, told in ((status, _resolved(document, one)) for status, one in sorted(responses.items()))]


def type_of(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    kinds = schema.get("type", "any")
    if "array" in kinds:
        return f"list of {type_of(schema.get('items', {}))}" + (" or null" if "null" in kinds else "")
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if schema.get("format"):
        words += f" ({schema['format']})"
    if schema.get("enum"):
        words = " | ".join("null" if one is None else str(one) or '""' for one in schema["enum"])
    return words


def with_code(text: str) -> Markup:
    """A description with what stands between backticks as code."""
    pieces = [Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
              for number, piece in enumerate(text.split("`"))]
    return Markup("").join(pieces)
