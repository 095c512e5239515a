"""Calls that wait for the same work are done together: one transaction or one query answers many of them.

Under load the work of one call waits while that of another runs; then everything that has gathered is done at
once, each call with its own answer. An idle process does one call alone, at once.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class _Waiting(Generic[Item, Result]):
    item: Item
    key: Hashable
    woken: threading.Event = field(default_factory=threading.Event)
    results: list[Result] = field(default_factory=list)
    failure: BaseException | None = None


class Batcher(Generic[Item, Result]):
    """Does `work` for lists of items, at most `slots` lists at a time in this process.

    Items whose `key` is being worked on wait for the next list, so that one thing is never worked on twice at once.
    Whoever finds a free slot works for all who wait; after one list the next in line takes over, so that nobody
    works for others for long. `work` returns a result for each item, in order, and what is left to do after all
    callers have their results: only the worker waits for that.
    """

    def __init__(self, work: Callable[[list[Item]], tuple[Sequence[Result], Callable[[], None] | None]],
                 key: Callable[[Item], Hashable] = lambda item: None, slots: int = 1, limit: int = 64):
        self._work = work
        self._key = key
        self._free = slots
        self._limit = limit
        self._lock = threading.Lock()
        self._line: list[_Waiting[Item, Result]] = []
        self._busy: set[Hashable] = set()

    def do(self, item: Item) -> Result:
        """The result for one item. Raises what `work` raised for its list."""
        own: _Waiting[Item, Result] = _Waiting(item, self._key(item))
        with self._lock:
            mine = self._free > 0 and own.key not in self._busy
            if mine:
                self._free -= 1
                batch = self._take(own)
            else:
                self._line.append(own)
        if not mine:
            own.woken.wait()
            if own.failure is not None:
                raise own.failure
            if own.results:
                return own.results[0]
            with self._lock:
                batch = self._take(own)
        return self._run(batch, own)

    def _take(self, own: _Waiting[Item, Result]) -> list[_Waiting[Item, Result]]:
        """The worker's own item and all in line that may run with it; their keys are busy from now on."""
        batch, left = [own], []
        for one in self._line:
            free = len(batch) < self._limit and (one.key == own.key or one.key not in self._busy)
            (batch if free else left).append(one)
        self._line = left
        self._busy.update(one.key for one in batch)
        return batch

    def _run(self, batch: list[_Waiting[Item, Result]], own: _Waiting[Item, Result]) -> Result:
        afterwards = None
        try:
            results, afterwards = self._work([one.item for one in batch])
            for one, result in zip(batch, results, strict=True):
                one.results.append(result)
        except BaseException as failure:
            for one in batch:
                one.failure = failure
            raise
        finally:
            for one in batch:
                if one is not own:
                    one.woken.set()
            self._hand_over(batch)
        if afterwards is not None:
            afterwards()
        return own.results[0]

    def _hand_over(self, batch: list[_Waiting[Item, Result]]) -> None:
        with self._lock:
            self._busy.difference_update(one.key for one in batch)
            for index, one in enumerate(self._line):
                if one.key not in self._busy:
                    self._busy.add(one.key)
                    del self._line[index]
                    one.woken.set()
                    return
            self._free += 1
