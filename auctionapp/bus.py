"""Telling every web process that a topic has news: one Redis PUBLISH per event, after the commit.

Redis only wakes the hubs (`realtime/hub.py`). A message that is lost loses nothing: the hubs notice the
missing sequence number and read the database (`topics.py`), and a stream that connects again is brought up
to date.
"""

import json
import logging
import time
from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app
from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

CHANNEL_PREFIX = "gavel:"
TIMEOUT_SECONDS = 0.2
"""For connecting or for the answer; a publish that fails is over within 0.25 s (fault 24)."""
SKIP_SECONDS = 1.0
"""After a failure nobody tries for this long."""


class Bus:
    """The publishing side of one application."""

    def __init__(self, url: str):
        pool = BlockingConnectionPool.from_url(
            url, max_connections=16, timeout=0.04, socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0), protocol=2, driver_info=None)
        self.redis = Redis(connection_pool=pool)
        self.skip_until = 0.0

    def send(self, channel: str, message: str) -> bool:
        if time.monotonic() < self.skip_until:
            return False
        try:
            self.redis.publish(channel, message)
        except (RedisError, OSError) as error:
            self.skip_until = time.monotonic() + SKIP_SECONDS
            log.warning("Redis is away (%s): streams read %s from the database", type(error).__name__, channel)
            return False
        return True


def init_app(app: Flask) -> None:
    """Give the application its bus; nothing is connected yet."""
    app.extensions["bus"] = Bus(app.config["REDIS_URL"])


def publish(topic: str, sequence: int, html: str | None = None, events: Sequence[dict[str, Any]] = (),
            close: bool | Sequence[int] = False) -> bool:
    """Wake every hub with news of a topic (`topics.auction_topic(42)`). Never raises, gives up within 0.25 s.

    Call it after the commit, never inside a transaction.

    - `sequence`: the topic's last number that this message tells of.
    - `html`: fragments that replace regions of pages (`<hx-partial hx-target=…>`), rendered once for all.
    - `events`: rows of the topic's log that it tells of, as dicts of sequence, kind and payload, with `html` where
      pages append something for it. Sending one twice is harmless: the hub knows what it has seen. A message
      without events only shows the present state.
    - `close`: ends streams after this message: True all of the topic, ids of sign-ins those only.

    Returns False when Redis is away.
    """
    message = {"sequence": sequence, "html": html, "events": list(events),
               "close": close if isinstance(close, bool) else list(close)}
    bus: Bus = current_app.extensions["bus"]
    return bus.send(CHANNEL_PREFIX + topic, json.dumps(message, separators=(",", ":")))
