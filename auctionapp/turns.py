"""In which order calls came, as far as a process can know.

Under gevent one loop serves all. In each of its turns it first runs the greenlets that may go on, some of which find their next
request there already, then asks the system once which other requests have come, and serves those in no particular
order (libev: in reverse). So of the calls of one turn nobody knows which came first; those of a later turn came later.
"""

import sys
from typing import Any


def turn(otherwise: int) -> int:
    """The number of the present turn, rising; without gevent `otherwise`, for then every call is a turn of its own."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return otherwise
    from gevent import get_hub

    hub = get_hub()
    counter: _Counter | None = _counters.get(id(hub))
    if counter is None or counter.hub is not hub:
        counter = _counters[id(hub)] = _Counter(hub)
    return counter.turns


class _Counter:
    """Counts the turns of one loop. The loop's own number changes in the middle, where it asks the system."""

    def __init__(self, hub: Any):
        self.hub = hub
        self.turns = 0
        # Before all else that is done in a turn.
        self._watcher = hub.loop.prepare(ref=False, priority=hub.loop.MAXPRI)
        self._watcher.start(self._begin)

    def _begin(self) -> None:
        self.turns += 1


_counters: dict[int, _Counter] = {}
