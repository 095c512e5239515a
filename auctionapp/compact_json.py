"""JSON without blanks, for programs and for the database."""

import json
from datetime import datetime
from typing import Any

import orjson


def encode(value: Any) -> str:
    """Times as ISO 8601. Raises TypeError for what JSON does not know."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # half a surrogate pair, say, which somebody sent and is told again
        return _encode(value)


decode = orjson.loads

_encode = json.JSONEncoder(separators=(",", ":"), default=datetime.isoformat).encode
