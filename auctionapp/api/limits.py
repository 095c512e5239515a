"""How often a caller may ask (faults 48, 51): counted in Redis, in this process while Redis is away."""

import logging
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from auctionapp.problem_details import TooManyRequests

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.2
SKIP_SECONDS = 1.0
"""After a failure nobody tries Redis for this long."""


@dataclass(frozen=True)
class Limit:
    """A named allowance for each person, and a wider one for the address that they share with others."""

    name: str
    per_person: tuple[RateLimitItem, ...]
    per_address: tuple[RateLimitItem, ...]

    @classmethod
    def of(cls, name: str, per_person: str, per_address: str) -> "Limit":
        return cls(name, tuple(parse_many(per_person)), tuple(parse_many(per_address)))


READS = Limit.of("reads", "600/minute", "1200/minute")
WRITES = Limit.of("writes", "120/minute", "600/minute")
BIDS = Limit.of("bids", "10/second; 300/minute", "1800/minute")
UPLOADS = Limit.of("uploads", "300/10minute", "1200/10minute")
"""Pictures, each: looking at one may take a second of a processor."""
ACCOUNTS = Limit.of("accounts", "10/minute", "30/minute")
"""Passwords and codes; the person is the address that was typed in."""


class Counters:
    """The counters of one application."""

    def __init__(self, url: str):
        options: dict[str, Any] = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS,
                                   "retry": Retry(NoBackoff(), 0), "key_prefix": "gavel:limits"}
        storage = storage_from_string(url, **options)
        self._shared = FixedWindowRateLimiter(storage)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._skip_until = 0.0

    def wait_seconds(self, item: RateLimitItem, *who: str) -> int:
        """Count one more; 0 when it is allowed, else the seconds until the next may come."""
        if time.monotonic() >= self._skip_until:
            try:
                return self._wait_seconds(self._shared, item, who)
            except (RedisError, OSError) as error:
                self._skip_until = time.monotonic() + SKIP_SECONDS
                log.warning("Redis is away (%s): this process counts requests by itself", type(error).__name__)
        return self._wait_seconds(self._own, item, who)

    def _wait_seconds(self, limiter: FixedWindowRateLimiter, item: RateLimitItem, who: tuple[str, ...]) -> int:
        if limiter.hit(item, *who):
            return 0
        ends_at = limiter.get_window_stats(item, *who).reset_time
        return max(1, int(ends_at - time.time()) + 1)


def init_app(app: Flask) -> None:
    """Give the application its counters; nothing is connected yet."""
    if app.config["RATELIMIT_ENABLED"]:
        app.extensions["api_limits"] = Counters(app.config["RATELIMIT_STORAGE_URI"])


def spend(limit: Limit, person: str | None) -> None:
    """Count this request. Raises TooManyRequests, which says how long to wait."""
    spend_from(request.remote_addr, limit, person, current_app)


def spend_from(address: str | None, limit: Limit, person: str | None, app: Flask) -> None:
    """The same outside of Flask's requests."""
    if not app.config["RATELIMIT_ENABLED"]:
        return
    counters: Counters = app.extensions["api_limits"]
    asked = [(item, ("person", person)) for item in limit.per_person] if person else []
    asked += [(item, ("address", address or "unknown")) for item in limit.per_address]
    for item, who in asked:
        seconds = counters.wait_seconds(item, limit.name, *who)
        if seconds:
            raise TooManyRequests(seconds)
