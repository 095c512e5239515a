"""gunicorn's gevent worker, which shares connections evenly with the other web processes (docs/decisions/0009)."""

from functools import partial
from typing import Any

from gevent.server import StreamServer
from gunicorn.workers.ggevent import GeventWorker

from auctionapp import connection_counts

LET_OTHERS_SECONDS = 0.01
"""So long new connections are left to a process that has fewer. One that is free takes them at once."""


class Worker(GeventWorker):
    """Made in the first process, which forks its web process next."""

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self.place = connection_counts.take_place()

    def init_process(self) -> None:
        connection_counts.count_here(self.place)
        super().init_process()

    def server_class(self, listener: Any, spawn: Any, ssl_context: Any = None, **_: Any) -> StreamServer:
        named = {"ssl_context": ssl_context} if ssl_context else {}
        return _FairServer(listener, handle=partial(self.handle, listener), spawn=spawn, **named)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        connection_counts.opened()
        try:
            super().handle(listener, client, addr)
        finally:
            connection_counts.closed()


class _FairServer(StreamServer):
    max_accept = 1
    _takes_all = False

    def do_read(self) -> Any:
        if not self._takes_all and connection_counts.another_has_fewer():
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
