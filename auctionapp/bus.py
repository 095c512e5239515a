"""Telling every web process that topics have news: one Redis PUBLISH for all that is told at once, after the commit.

Redis only wakes the hubs (`realtime/hub.py`). A message that is lost loses nothing: the hubs notice the
missing sequence number and read the database (`topics.py`), and a stream that connects again is brought up
to date.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from auctionapp import compact_json

log = logging.getLogger(__name__)

CHANNEL = "gavel:news"
"""One for all topics: a process has streams of most of what happens, and each message costs more than its text."""
TIMEOUT_SECONDS = 0.2
"""For connecting or for the answer; a publish that fails is over within 0.25 s (fault 24)."""
SKIP_SECONDS = 1.0
"""After a failure nobody tries for this long."""


_TOLD = ("sequence", "kind", "payload", "html", "authors")


class Bus:
    """The publishing side of one application."""

    def __init__(self, url: str):
        pool = BlockingConnectionPool.from_url(
            url, max_connections=16, timeout=0.04, socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0), protocol=2, driver_info=None)
        self.redis = Redis(connection_pool=pool)
        self.skip_until = 0.0

    def send(self, message: str) -> bool:
        """Publish a message; False when Redis is away."""
        if time.monotonic() < self.skip_until:
            return False
        try:
            self.redis.publish(CHANNEL, message)
        except (RedisError, OSError) as error:
            self.skip_until = time.monotonic() + SKIP_SECONDS
            log.warning("Redis is away (%s): streams read %s from the database", type(error).__name__,
                        message.partition(" ")[0])
            return False
        return True


def init_app(app: Flask) -> None:
    """Give the application its bus; nothing is connected yet."""
    app.extensions["bus"] = Bus(app.config["REDIS_URL"])


@dataclass(frozen=True)
class News:
    """What is told of one topic (`topics.auction_topic(42)`).

    - `events`: rows of the topic's log that it tells of, in order and without a gap, as dicts of sequence, kind and
      payload, and `html` where the publisher has rendered what pages show, with `authors` where it is kept from who has
      blocked one of them. Telling one twice is harmless: the hub knows what it has seen.
    - `state`: the topic's state changed. Each hub that shows it to somebody renders it anew, once for all of them.
    - `html`: fragments for pages (`<hx-partial hx-target=…>`) that are no part of the state.
    - `close`: ends streams after this: True all of the topic, ids of sign-ins those only.
    - `close_people`: ends the topic's streams of these people.
    """

    topic: str
    events: Sequence[dict[str, Any]] = ()
    state: bool = False
    html: str | None = None
    close: bool | Sequence[int] = False
    close_people: Sequence[int] = ()

    @property
    def line(self) -> str:
        """The topic and what is told of it; JSON has no line breaks of its own."""
        return self.topic + " " + compact_json.encode({
            "events": [{name: event[name] for name in _TOLD if name in event} for event in self.events],
            "state": self.state, "html": self.html,
            "close": self.close if isinstance(self.close, bool) else list(self.close),
            "close_people": list(self.close_people)})


def publish(news: News) -> bool:
    """Wake every hub with news of a topic. Never raises, gives up within 0.25 s; returns False when Redis is away.

    Call it after the commit, never inside a transaction.
    """
    return publish_all([news])


def publish_all(news: Sequence[News]) -> bool:
    """The same for several, in one message."""
    bus: Bus = current_app.extensions["bus"]
    return not news or bus.send("\n".join([one.line for one in news]))


def heard(message: bytes) -> Iterator[tuple[str, bytes]]:
    """Topics and what is told of each, in a message that was published here."""
    for line in message.split(b"\n"):
        topic, _, told = line.partition(b" ")
        yield topic.decode("ascii", "replace"), told
