"""A PostgreSQL connection that lets gevent's loop wait for it.

Under gevent psycopg waits through a patched `select.poll`, which makes a poll, watchers and a timer for every answer:
on the way of a bid that took longer than reading the answers. Here one watcher of the loop is all.
"""

import select
from typing import Any, TypeVar

import psycopg
from gevent import get_hub, monkey
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait

T = TypeVar("T")

_POLL_MASKS: dict[int, int] = {Wait.R: select.POLLIN, Wait.W: select.POLLOUT, Wait.RW: select.POLLIN | select.POLLOUT}
_BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL
_poll = monkey.get_original("select", "poll")


class GreenConnection(psycopg.Connection[Any]):
    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Run one of psycopg's generators to its end; only this greenlet waits. `interval` means nothing here."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        descriptor, hub = self.pgconn.socket, get_hub()
        try:
            wanted = next(gen)
            while True:
                # There is nearly always room to write: seeing that costs less than having the loop tell it.
                ready = 0 if wanted == Wait.R else _ready_now(descriptor, wanted)
                if not ready:
                    watcher = hub.loop.io(descriptor, int(wanted))  # the loop's numbers for reading and writing are psycopg's
                    try:
                        hub.wait(watcher)
                    finally:
                        watcher.close()
                    ready = Ready.R if wanted == Wait.R else _ready_now(descriptor, wanted)
                wanted = gen.send(ready)
        except StopIteration as ended:
            result: T = ended.value
            return result


def _ready_now(descriptor: int, wanted: int) -> int:
    """What of `wanted` can be done at once; on a broken connection all: doing it tells what happened."""
    poll = _poll()
    poll.register(descriptor, _POLL_MASKS[wanted])
    found = poll.poll(0)
    if not found:
        return 0
    events = found[0][1]
    if events & _BROKEN:
        return wanted
    return (Ready.R if events & select.POLLIN else 0) | (Ready.W if events & select.POLLOUT else 0)
