"""gunicorn's gevent worker, which shares connections evenly with the other web processes.

All of them listen on one socket, and whoever is quicker takes the next connection: of 32 that came one after another
one of two processes often took 24. Streams and programs keep their connections for long, so one process is busy then
while the other waits.
"""

import mmap
from functools import partial
from typing import Any

from gevent.server import StreamServer
from gunicorn.workers.ggevent import GeventWorker

LET_OTHERS_SECONDS = 0.01
"""So long new connections are left to a process that has fewer. One that is free takes them at once."""

MOST_PROCESSES = 256
_NOBODY = -1
# Memory that all processes have in common, as they are forked after this: each writes its own number and reads all.
_connection_counts = memoryview(mmap.mmap(-1, 4 * MOST_PROCESSES)).cast("i")
for _place in range(MOST_PROCESSES):
    _connection_counts[_place] = _NOBODY


class Worker(GeventWorker):
    """Made in the first process, which forks its web process next."""

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self._place = list(_connection_counts).index(_NOBODY)
        _connection_counts[self._place] = 0

    def ended(self) -> None:
        """To be called in the first process when the web process is gone."""
        _connection_counts[self._place] = _NOBODY

    def server_class(self, listener: Any, spawn: Any, **_: Any) -> StreamServer:
        return _FairServer(self, listener, handle=partial(self.handle, listener), spawn=spawn)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        _connection_counts[self._place] += 1
        try:
            super().handle(listener, client, addr)
        finally:
            _connection_counts[self._place] -= 1

    def has_more_than_another(self) -> bool:
        """Whether another process has fewer connections."""
        own = _connection_counts[self._place]
        return any(_NOBODY < count < own for count in _connection_counts)


class _FairServer(StreamServer):
    max_accept = 1

    def __init__(self, worker: Worker, listener: Any, **named: Any):
        super().__init__(listener, **named)
        self._worker = worker
        self._takes_all = False

    def do_read(self) -> Any:
        if not self._takes_all and self._worker.has_more_than_another():
            self.stop_accepting()
            self._timer = self.loop.timer(LET_OTHERS_SECONDS)
            self._timer.start(self._take_what_is_left)
            return None
        return super().do_read()

    def _take_what_is_left(self) -> None:
        """The others have had their time; one that stands still must not keep anybody waiting for long."""
        if not self.started:
            return
        self.start_accepting()
        self._takes_all, self.max_accept = True, StreamServer.max_accept
        try:
            self._do_read()
        finally:
            self._takes_all, self.max_accept = False, _FairServer.max_accept
