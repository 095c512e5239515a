"""Calls that wait for the same work are done together: one transaction or one query answers many of them.

Under load the work of one call waits while that of another runs; then everything that has gathered is done at
once, each call with its own answer. An idle process does one call alone, at once.
"""

import itertools
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any, Generic, TypeVar

from auctionapp.turns import turn

Item = TypeVar("Item")
Result = TypeVar("Result")


_numbers = itertools.count()


GATHER_AFTER_SECONDS = 0.05
"""The load is over when nothing was done for this long."""


@dataclass(eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    key: Hashable
    place: tuple[Any, ...]
    """In the order of the list."""
    woken: threading.Event = field(default_factory=threading.Event)
    results: list[Result] = field(default_factory=list)
    failure: BaseException | None = None


_BY_PLACE = attrgetter("place")


class Batch(list[Item]):
    """A list of items to be worked on."""

    let_in: Callable[[], None] = staticmethod(lambda: None)
    """Takes in what has come meanwhile for the same keys, each item at its place: worth a call after waiting for a lock."""


class Batcher(Generic[Item, Result]):
    """Does `work` for lists of items, usually one list at a time in this process.

    Whoever finds nobody at work works for all who wait; after one list the next in line takes over, so that nobody
    works for others for long. A list that takes longer than `patience_seconds`, because something slow holds a lock,
    keeps only its own items waiting: further lists then run beside it, at most `slots` in all. Items whose `key` is
    being worked on wait, so that one thing is never worked on twice at once.

    Those who got their answers together are likely to ask again together. So after a list of many the next worker
    waits until as many have come as were answered, besides those who waited meanwhile, at most `gather_seconds`:
    under load fewer, fuller lists, and no wait without.

    A list is in the order of arrival. Which of the requests that the event loop found in one turn came first is known
    to nobody (`turns.py`), so among those `rank` decides: the lower first.

    `work` returns a result for each item,
    in order, and what is left to do after all callers have their results: only the worker waits for that.
    """

    def __init__(self, work: Callable[[Batch[Item]], tuple[Sequence[Result], Callable[[], None] | None]],
                 key: Callable[[Item], Hashable] = lambda item: None, rank: Callable[[Item], Any] = lambda item: 0,
                 slots: int = 1, limit: int = 64,
                 patience_seconds: float = 0.05, gather_seconds: float = 0.0):
        self._work = work
        self._key = key
        self._rank = rank
        self._slots = slots
        self._limit = limit
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._line: list[_Waiting[Item, Result]] = []
        self._busy: set[Hashable] = set()
        self._running = 0
        self._gather_seconds = gather_seconds
        self._expected = 1
        self._began = 0.0
        self._last_ended = 0.0
        self._enough = threading.Event()

    def do(self, item: Item, within: Callable[[], AbstractContextManager[Any]] = nullcontext) -> Result:
        """The result for one item. Raises what `work` raised for its list. The work is done `within` a context of the
        worker's, which those who only wait need not have."""
        own: _Waiting[Item, Result] = _Waiting(item, self._key(item), self._place(item))
        with self._lock:
            self._line.append(own)
            if len(self._line) + 1 >= self._expected:
                self._enough.set()
            begins = self._start(own, beside=0)
        while not begins:
            if not own.woken.wait(self._patience_seconds):
                with self._lock:
                    slow = time.monotonic() - self._began > self._patience_seconds
                    begins = self._start(own, beside=self._slots - 1 if slow else 0)
                continue
            if own.failure is not None:
                raise own.failure
            if own.results:
                return own.results[0]
            begins = True
        self._gather()
        with self._lock:
            batch = self._take(own)
            self._began = time.monotonic()
        with within():
            return self._run(batch, own)

    def _place(self, item: Item) -> tuple[Any, ...]:
        number = next(_numbers)
        return turn(number), self._rank(item), number

    def _start(self, own: _Waiting[Item, Result], beside: int) -> bool:
        """Whether this one begins a list: at most `beside` run already, and nobody else has the item or its key."""
        if self._running > beside or own not in self._line or own.key in self._busy:
            return False
        self._running += 1
        self._busy.add(own.key)
        self._line.remove(own)
        return True

    def _gather(self) -> None:
        """Give those who were answered together the moment that they need to ask again."""
        if self._expected > 2 and time.monotonic() - self._last_ended < GATHER_AFTER_SECONDS:
            with self._lock:
                if len(self._line) + 1 < self._expected:
                    self._enough.clear()
            self._enough.wait(self._gather_seconds)

    def _take(self, own: _Waiting[Item, Result]) -> list[_Waiting[Item, Result]]:
        """The worker's own item and all in line that may run with it; their keys are busy from now on."""
        batch, left = [own], []
        for one in sorted(self._line, key=_BY_PLACE):
            free = len(batch) < self._limit and (one.key == own.key or one.key not in self._busy)
            (batch if free else left).append(one)
        batch.sort(key=_BY_PLACE)
        self._line = left
        self._busy.update(one.key for one in batch)
        return batch

    def _let_in(self, batch: list[_Waiting[Item, Result]], items: Batch[Item]) -> None:
        keys = {one.key for one in batch}
        with self._lock:
            late = [one for one in sorted(self._line, key=_BY_PLACE) if one.key in keys][:self._limit - len(batch)]
            if late:
                self._line = [one for one in self._line if one not in late]
                batch.extend(late)
                batch.sort(key=_BY_PLACE)
                items[:] = [one.item for one in batch]

    def _run(self, batch: list[_Waiting[Item, Result]], own: _Waiting[Item, Result]) -> Result:
        afterwards = None
        items = Batch(one.item for one in batch)
        items.let_in = partial(self._let_in, batch, items)
        try:
            results, afterwards = self._work(items)
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
            self._expected, self._last_ended = len(batch) + len(self._line), time.monotonic()
            for index, one in enumerate(self._line):
                if one.key not in self._busy:
                    self._busy.add(one.key)
                    del self._line[index]
                    one.woken.set()
                    return
            self._running -= 1
