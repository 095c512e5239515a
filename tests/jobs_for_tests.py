"""Jobs that leave a trace in Redis, for the tests of the queue."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import redis
from flask import current_app

from auctionapp import jobqueue


def _redis():
    """A connection without the short timeouts of the queue's own: a busy machine must not make a job run twice."""
    return redis.Redis.from_url(current_app.config["REDIS_URL"])


def note(word: str) -> None:
    """Write down the word and the time; needs an application context."""
    _redis().rpush("notes", f"{word} {time.time()}")


def _noted(word: str) -> bool:
    return any(entry.startswith(f"{word} ".encode()) for entry in _redis().lrange("notes", 0, -1))


def note_and_come_back_once(name: str) -> None:
    """Like a job that finds it came too early: it schedules itself again under its own name."""
    first = not _noted(name)
    note(name)
    if first:
        jobqueue.schedule_at(name, datetime.now(UTC), "tests.jobs_for_tests.note_and_come_back_once", name)


def fail_first(word: str) -> None:
    first = not _noted(word)
    note(word)
    if first:
        raise RuntimeError("the first try fails, as the test wants")


def tick() -> None:
    """A periodic function that needs no Redis."""
    current_app.config["TICKS"].append(time.monotonic())


def tick_and_fail() -> None:
    tick()
    raise RuntimeError("as the test wants")
