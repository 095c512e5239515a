"""How many connections each web process has, for all of them to see.

The numbers are in memory that the processes have in common since they were forked from one: each writes its own and
reads all, so there is nothing to lock. In a process that has no place here nothing is counted.
"""

import mmap

PLACES = 256
_NOBODY = -1
_counts = memoryview(mmap.mmap(-1, 4 * PLACES)).cast("i")
for _place in range(PLACES):
    _counts[_place] = _NOBODY

_own: int | None = None


def take_place() -> int | None:
    """A place for a web process to be, taken in the process that forks it; None when there is none left."""
    free = next((place for place, count in enumerate(_counts) if count == _NOBODY), None)
    if free is not None:
        _counts[free] = 0
    return free


def give_place_back(place: int | None) -> None:
    """The web process is gone."""
    if place is not None:
        _counts[place] = _NOBODY


def count_here(place: int | None) -> None:
    """From now on this process counts in its place."""
    global _own
    _own = place


def opened() -> None:
    if _own is not None:
        _counts[_own] += 1


def closed() -> None:
    if _own is not None:
        _counts[_own] -= 1


def another_has_fewer() -> bool:
    return _own is not None and any(_NOBODY < count < _counts[_own] for count in _counts)
