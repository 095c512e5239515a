"""A deadline for request bodies: a sender that trickles is refused instead of holding a greenlet for ever (fault 36).
A body whose chunks are broken is refused too; gunicorn finds that out while we read (fault 57).

Only the gevent web processes use it (gunicorn.conf.py); a proxy in front that buffers requests does it better.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import gevent
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestTimeout

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class DeadlineInput:
    """A request's body that must have arrived within some seconds of the first read, else RequestTimeout (408).

    Raises BadRequest where its chunks cannot be told apart.
    """

    def __init__(self, stream: Any, seconds: float) -> None:
        self._stream = stream
        self._seconds = seconds
        self._ends_at: float | None = None

    def _in_time(self, read: Callable[..., bytes], *arguments: int) -> bytes:
        now = time.monotonic()
        if self._ends_at is None:
            self._ends_at = now + self._seconds
        with gevent.Timeout(max(0.001, self._ends_at - now), RequestTimeout()):
            try:
                return read(*arguments)
            except ParseException as error:
                raise BadRequest("The body is not sent as HTTP wants it.") from error

    def read(self, *arguments: int) -> bytes:
        return self._in_time(self._stream.read, *arguments)

    def readline(self, *arguments: int) -> bytes:
        return self._in_time(self._stream.readline, *arguments)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


def with_body_deadline(application: Application, seconds: float) -> Application:
    """Wrap a WSGI application so that every body it reads has this deadline."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = DeadlineInput(environ["wsgi.input"], seconds)
        return application(environ, start_response)

    return wrapped
