"""Bytes of server-sent events."""

import re

_LINE_ENDS = re.compile("\r\n|\r|\n")


def data_lines(text: str) -> str:
    """Every line as its own `data:`, so that a line break in a text cannot forge a frame (fault 39)."""
    return "".join(f"data: {line}\n" for line in _LINE_ENDS.split(text))


def event(data: str, name: str = "", event_id: str = "") -> bytes:
    """One frame. `name` and `event_id` are ours and hold no line breaks."""
    head = (f"id: {event_id}\n" if event_id else "") + (f"event: {name}\n" if name else "")
    return f"{head}{data_lines(data)}\n".encode()


def chunk(data: bytes) -> bytes:
    """The data as one chunk of HTTP's chunked transfer coding."""
    return b"%X\r\n%b\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
