"""Reading what a program sent: JSON bodies, queries, idempotency keys. What cannot be read is named, never a 500."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow
from flask import Request, request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from auctionapp.api.fields import Amount
from auctionapp.errors import DomainError, InvalidAmount
from auctionapp.idempotency import Key

LARGEST_BODY = 512 * 1024
_KEY = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}", re.ASCII)


class Invalid(DomainError):
    """Some members of the body or the query are missing or not as documented; `errors` says which and why."""

    slug = "validation"
    text = "Some fields need another look."


def read_json() -> Any:
    """The body as JSON. Raises 415 for another media type, 413 for too large a body, 400 for what is no JSON."""
    media_type = request.mimetype
    if media_type != "application/json" and not (
            media_type.startswith("application/") and media_type.endswith("+json")):
        raise UnsupportedMediaType("Send JSON: Content-Type: application/json.")
    # A body without a length is cut off at the limit without a word: one byte more shows that it is too large.
    request.max_content_length = LARGEST_BODY + 1
    body = request.get_data(cache=False)
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge()
    try:
        return decoded(body)
    except ValueError:
        raise BadRequest("The body is not valid JSON.") from None


def decoded(body: bytes) -> Any:
    """The same of a body that was read. Raises ValueError for what is no JSON."""
    try:
        return _decode(body.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(parse_constant=_no_number).decode
"""Made once: `json.loads` with options makes a decoder each time."""


class Parser(FlaskParser):
    """webargs with our reading and our problem details; members that are not documented are ignored (fault 42)."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {  # noqa: RUF012
        "json": marshmallow.EXCLUDE, "query": marshmallow.EXCLUDE}

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        return read_json()

    def handle_error(self, error: marshmallow.ValidationError, req: Request, schema: marshmallow.Schema, *,
                     error_status_code: int | None, error_headers: Mapping[str, str] | None) -> NoReturn:
        refuse(schema, next(iter(error.messages.values())) if isinstance(error.messages, dict) else error.messages)


def refuse(schema: marshmallow.Schema, messages: Any) -> NoReturn:
    """Raise the refusal of a body: InvalidAmount when nothing but amounts is wrong."""
    if not isinstance(messages, dict):
        messages = {"_schema": messages}
    errors = {("body" if name == "_schema" else str(name)): _flat(words) for name, words in messages.items()}
    wrong = [schema.fields.get(name) for name in messages]
    if wrong and all(isinstance(field, Amount) for field in wrong):
        raise InvalidAmount(errors=errors)
    raise Invalid(errors=errors)


def _flat(words: Any) -> list[str]:
    """The messages of one field, of whatever is nested in it too."""
    if isinstance(words, dict):
        return [word for inner in words.values() for word in _flat(inner)]
    return [word for inner in words for word in _flat(inner)] if isinstance(words, list) else [str(words)]


def idempotency_key(user_id: int, body: str) -> Key | None:
    """The caller's key for this request, if one was sent. `body` is what must be the same each time."""
    given = request.headers.get("Idempotency-Key")
    if not given:
        return None
    if not _KEY.fullmatch(given):
        raise Invalid("An Idempotency-Key has 1 to 255 printable ASCII characters.")
    return Key(user_id, request.method, request.path, given, body)
