"""The hub of one web process: one subscription to Redis, all open streams, every message encoded once (fault 33).

Three threads (greenlets under gevent): the listener hands on what Redis tells, the painter (`painter.py`) renders the
state of what is watched, the keeper (`keeper.py`) looks after what Redis cannot be trusted with. They start with the
first stream, so always after the fork.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import Flask, current_app
from prometheus_client import Gauge
from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry

from auctionapp import bus
from auctionapp.errors import Busy
from auctionapp.realtime import lines
from auctionapp.realtime.message import Message
from auctionapp.realtime.painter import Painter
from auctionapp.realtime.streams import Stream
from auctionapp.realtime.topic import Topic

log = logging.getLogger(__name__)

OPEN = Gauge("gavel_open_streams", "Streams of server-sent events", multiprocess_mode="livesum")
MOST_STREAMS = 20_000
"""Of one process; one more is asked to come later."""
BREATH = 256
"""Streams written in one go before other requests get their turn."""
SILENCE_SECONDS = 5.0
"""After this long without a word Redis is asked whether it is there."""


class Hub:
    def __init__(self, app: Flask):
        self.app = app
        self.topics: dict[str, Topic] = {}
        self.streams: dict[Stream, None] = {}
        self.behind: set[str] = set()
        """Topics that miss a number, for the keeper to read."""
        self.connected = False
        self.connections = 0
        """How often Redis was found: what was published before is to be read."""
        self.stopped = False
        self._lock = threading.RLock()
        """Guards topics and streams. Nothing waits while holding it, so under gevent it is never contended."""
        self._telling = threading.Lock()
        """One message at a time, also while the listener lets others have their turn."""
        self._started = False
        self.painter = Painter(self)

    # -- streams come and go -----------------------------------------------------------------------------------

    def join(self, stream: Stream) -> None:
        """Let a stream hear its topics; until `go_live` it only remembers. Raises Busy when there are too many."""
        with self._lock:
            if self.stopped or len(self.streams) >= MOST_STREAMS:
                raise Busy("Too many people are watching. Please try again in a moment.")
            self._start()
            stream.on_end = self.leave
            self.streams[stream] = None
            OPEN.inc()
            for name in stream.seen:
                topic = self.topics.get(name)
                if topic is None:
                    topic = self.topics[name] = Topic(name)
                topic.streams[stream] = None

    def go_live(self, stream: Stream, seen: dict[str, int]) -> None:
        """The stream was told everything up to these numbers: from now on it hears at once."""
        with self._lock:
            if stream.ended:
                return
            for name, sequence in seen.items():
                topic = self.topics[name]
                for message in topic.settle(sequence):
                    for other in list(topic.streams):
                        other.take(message)
            stream.go_live(seen)

    def leave(self, stream: Stream) -> None:
        with self._lock:
            if stream in self.streams:
                del self.streams[stream]
                OPEN.dec()
            for name in stream.seen:
                topic = self.topics.get(name)
                if topic is not None:
                    topic.streams.pop(stream, None)
                    if not topic.streams:
                        del self.topics[name]

    def stop(self) -> None:
        """End all streams for good: this process ends, and the clients come back to another (fault 35)."""
        self.stopped = True
        for stream in list(self.streams):
            stream.end()

    # -- news ---------------------------------------------------------------------------------------------------

    def tell(self, message: Message) -> None:
        """Hand a message to the streams of its topic, in the topic's order."""
        with self._telling:
            topic = self.topics.get(message.topic)
            if topic is None:
                return
            if message.state:
                self.painter.mark(topic)
            with self._lock:
                ready = topic.arrange(message, time.monotonic())
                if topic.behind_since is not None:
                    self.behind.add(topic.name)
            for one in ready:
                self._add_lines(one)
                self._each(list(topic.streams), lambda stream, one=one: stream.take(one))  # type: ignore[misc]
            if message.close or message.close_people:
                self.close(topic, message.close, message.close_people)

    def _add_lines(self, message: Message) -> None:
        """Lines whose publisher did not render them."""
        if any(lines.lacking(event) for event in message.events):
            with self.app.app_context():
                lines.add(message.events)

    def close(self, topic: Topic, which: bool | list[int], people: Sequence[int] = ()) -> None:
        """End streams of a topic: all of it, those of some sign-ins, those of some people."""
        for stream in list(topic.streams):
            if which is True or (isinstance(which, list) and stream.sign_in_id in which) or stream.user_id in people:
                stream.end()

    def write_to(self, streams: Iterable[Stream], data: Callable[[Stream], bytes]) -> None:
        """Write something that has no place in the order of a topic (a heartbeat)."""
        with self._telling:
            self._each(list(streams), lambda stream: stream.write(data(stream)))

    def _each(self, streams: list[Stream], action: Callable[[Stream], None]) -> None:
        for start in range(0, len(streams), BREATH):
            if start:
                time.sleep(0)
            with self._lock:
                for stream in streams[start:start + BREATH]:
                    if not stream.ended:
                        action(stream)

    # -- the listener -------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._started:
            return
        from auctionapp.realtime.keeper import Keeper

        self._started = True
        threading.Thread(target=self._listen, name="stream listener", daemon=True).start()
        threading.Thread(target=Keeper(self).run, name="stream keeper", daemon=True).start()
        threading.Thread(target=self.painter.run, name="stream painter", daemon=True).start()

    def _listen(self) -> None:
        pause = 0.1
        while not self.stopped:
            redis = Redis.from_url(self.app.config["REDIS_URL"], protocol=2, driver_info=None, socket_timeout=None,
                                   socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))
            try:
                with redis.pubsub() as subscription:
                    subscription.subscribe(bus.CHANNEL)
                    self._hear(subscription)
            except (RedisError, OSError) as error:
                if self.connected or pause == 0.1:
                    log.warning("The streams have lost Redis (%s); they read the database", type(error).__name__)
            except Exception:
                log.exception("The stream listener failed and starts again")
            finally:
                redis.close()
            pause = 0.1 if self.connected else min(pause * 2, 1.0)
            self.connected = False
            time.sleep(pause)

    def _hear(self, subscription: PubSub) -> None:
        asked = False
        while not self.stopped:
            heard = _next(subscription)
            if heard is None:
                if asked:
                    raise TimeoutError("Redis does not answer")
                subscription.ping()
                asked = True
                continue
            asked = False
            if heard["type"] == "subscribe":
                self.connected = True
                self.connections += 1
            elif heard["type"] == "message":
                for name, told in bus.heard(heard["data"]):
                    self._hand_on(name, told)

    def _hand_on(self, name: str, data: bytes) -> None:
        kind, _, number = name.partition(":")
        price = f"price:{number}" if kind == "auction" else ""
        if name not in self.topics and price not in self.topics:
            return
        try:
            message = Message.decode(name, data)
        except (ValueError, KeyError, TypeError):
            log.warning("News of %s are not ours", name)
            return
        about_price = message.about_price(price)
        self.tell(message)
        self.tell(about_price)


def _next(subscription: PubSub) -> Any:
    """The next message, None after a silence. `PubSub.get_message` first asks whether there is something to read, which
    under gevent costs more than reading it."""
    try:
        told = subscription.connection.read_response(  # type: ignore[attr-defined]
            timeout=SILENCE_SECONDS, disconnect_on_error=False, push_request=True)
    except RedisTimeout:
        return None
    return subscription.handle_message(told)


def hub() -> Hub:
    """The hub of this process and application; a forked child gets its own."""
    known: tuple[int, Hub] | None = current_app.extensions.get("hub")
    if known is None or known[0] != os.getpid():
        known = current_app.extensions["hub"] = (os.getpid(), Hub(current_app._get_current_object()))  # type: ignore[attr-defined]
    return known[1]


def stop(app: Flask) -> None:
    """End the streams of this process, when it ends."""
    known: tuple[int, Hub] | None = app.extensions.get("hub")
    if known is not None and known[0] == os.getpid():
        known[1].stop()
