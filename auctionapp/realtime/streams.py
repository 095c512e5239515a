"""One open stream: what it carries, what it has seen, and where its bytes go.

A stream that is not read is cut off: what waits for it is bounded, and the client comes back to a replay (fault 32).
"""

import os
import queue
import socket as plain_socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

from auctionapp.realtime import frames
from auctionapp.realtime.message import PAGE, Message

WAITING_BYTES = 128 * 1024
"""What may wait for a socket that takes nothing, besides the system's own buffer."""
SEND_BUFFER_BYTES = 64 * 1024
WAITING_MESSAGES = 500
"""What may wait while a stream is still being brought up to date, or for a generator that nobody asks."""
OPENING_SECONDS = 20
"""How long a reader may take no byte of what is replayed to it."""


class Stream(ABC):
    """The common part: order and repetition. `seen` maps each topic to the last number that was told."""

    __slots__ = ("kind", "seen", "user_id", "sign_in_id", "unheard", "live", "ended", "_early", "on_end", "__weakref__")

    chunked = False

    def __init__(self, kind: str, topics: list[str], user_id: int | None = None, sign_in_id: int | None = None):
        self.kind = kind
        self.seen = dict.fromkeys(topics, 0)
        self.user_id = user_id
        self.sign_in_id = sign_in_id
        self.unheard: frozenset[int] = frozenset()
        """Whom its reader has blocked: nothing that they say to everybody comes here (`keeper.py` keeps it true)."""
        self.live = False
        self.ended = False
        self._early: list[Message] | None = []
        self.on_end: Callable[[Stream], None] | None = None

    def take(self, message: Message) -> None:
        """Tell a message, unless it was seen; kept for later while the stream is being brought up to date."""
        if not self.live:
            if self._early is not None:
                self._early.append(message)
                if len(self._early) > WAITING_MESSAGES:
                    self.end()
            return
        seen = self.seen[message.topic]
        if message.after is not None:
            if message.sequence <= seen:
                return
            if message.after < seen:
                message = Message(message.topic, message.sequence, message.after, message.events, message.html)
                message.forget_until(seen)
        self.seen[message.topic] = max(seen, message.sequence)
        if len(self.seen) == 1 and message.sequence >= seen and not message.tells_of(self.unheard):
            data = message.shared(self.kind, self.chunked)
        else:
            data = self.framed(message.page_frame(self.seen, self.unheard)) if self.kind == PAGE else b""
        if data:
            self.write(data)

    def go_live(self, seen: dict[str, int]) -> None:
        """From here on at once: what came meanwhile is told first. `seen` is what the replay told."""
        self.seen.update(seen)
        self.live = True
        early, self._early = self._early, None
        for message in early or ():
            self.take(message)

    def framed(self, data: bytes) -> bytes:
        return frames.chunk(data) if self.chunked and data else data

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send bytes that are framed already, without waiting; a reader that is too slow is ended."""

    def end(self) -> None:
        """Close it; harmless when it has ended."""
        if self.ended:
            return
        self.ended = True
        self._early = None
        self._close()
        if self.on_end:
            self.on_end(self)

    @abstractmethod
    def _close(self) -> None:
        """Let go of what the stream holds; `end` calls it once."""


class QueueStream(Stream):
    """For servers that ask for the next piece: a bounded queue behind a generator."""

    __slots__ = ("_queue",)

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self._queue: queue.Queue[bytes | None] = queue.Queue(WAITING_MESSAGES)

    def write(self, data: bytes) -> None:
        try:
            self._queue.put_nowait(data)
        except queue.Full:
            self.end()

    def _close(self) -> None:
        while True:
            try:
                self._queue.put_nowait(None)
                return
            except queue.Full:
                self._queue.get_nowait()

    def pieces(self) -> Iterator[bytes]:
        while (data := self._queue.get()) is not None:
            yield data


class SocketStream(Stream):
    """Writes on the connection itself, without a greenlet of its own (docs/decisions/0004).

    The usual write is one system call. What the system's buffer does not take waits here, up to WAITING_BYTES, for
    the event loop to say that there is room. A read watcher notices a client that hangs up.
    """

    __slots__ = ("fd", "chunked", "_waiting", "_watch_read", "_watch_write")

    def __init__(self, *given: Any, **named: Any):
        super().__init__(*given, **named)
        self.fd = -1
        self._waiting = b""
        self._watch_read: Any = None
        self._watch_write: Any = None

    def take_over(self, fd: int, chunked: bool) -> None:
        """Use a duplicate of this connection, which its server may then close on its own side."""
        from gevent import get_hub

        self.chunked = chunked
        self.fd = os.dup(fd)
        with plain_socket.socket(fileno=os.dup(self.fd)) as same:
            same.setsockopt(plain_socket.SOL_SOCKET, plain_socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            same.setblocking(False)
        self._watch_read = get_hub().loop.io(self.fd, 1)
        self._watch_read.start(self._heard)

    def write_all(self, data: bytes) -> None:
        """Write as a greenlet that may wait, before the stream is live. Raises TimeoutError for a reader that does
        not read, OSError for one who left."""
        from gevent import socket

        rest = memoryview(self.framed(data))
        while rest:
            if self.ended:
                raise BrokenPipeError("the reader left")
            try:
                rest = rest[os.write(self.fd, rest):]
            except BlockingIOError:
                socket.wait_write(self.fd, OPENING_SECONDS)

    def write(self, data: bytes) -> None:
        if self._waiting:
            self._keep(data)
            return
        try:
            sent = os.write(self.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.end()
            return
        if sent < len(data):
            self._keep(data[sent:])

    def _keep(self, data: bytes) -> None:
        from gevent import get_hub

        if len(self._waiting) + len(data) > WAITING_BYTES:
            self.end()
            return
        self._waiting += data
        if self._watch_write is None:
            self._watch_write = get_hub().loop.io(self.fd, 2)
            self._watch_write.start(self._room)

    def _room(self) -> None:
        try:
            self._waiting = self._waiting[os.write(self.fd, self._waiting):]
        except BlockingIOError:
            return
        except OSError:
            self.end()
            return
        if not self._waiting:
            self._watch_write.stop()
            self._watch_write.close()
            self._watch_write = None

    def _heard(self) -> None:
        """A reader has nothing to say: the end of its side means that it left."""
        try:
            if os.read(self.fd, 4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.end()

    def _close(self) -> None:
        for watcher in (self._watch_read, self._watch_write):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._watch_read = self._watch_write = None
        if self.fd >= 0:
            if self.chunked and not self._waiting:
                try:
                    os.write(self.fd, frames.LAST_CHUNK)
                except OSError:
                    pass
            os.close(self.fd)
            self.fd = -1
        self._waiting = b""
