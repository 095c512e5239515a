"""Renders the state of topics that somebody watches, once for all who watch it in this process.

Only the hub knows who watches, so whoever changes a state says no more than that; nothing is rendered for nobody.
A storm of changes costs one rendering after another and not one each.
"""

import logging
import threading
import time
from typing import TYPE_CHECKING

from auctionapp.realtime import catch_up, frames
from auctionapp.realtime.message import PAGE, Message
from auctionapp.realtime.streams import Stream
from auctionapp.realtime.topic import Topic

if TYPE_CHECKING:
    from auctionapp.realtime.hub import Hub

log = logging.getLogger(__name__)

REST_SECONDS = 0.03
"""Between two rounds; the first change after a pause is shown at once."""

PAUSE_AFTER_FAILURE_SECONDS = 1.0


class Painter:
    def __init__(self, hub: "Hub"):
        self.hub = hub
        self._lock = threading.Lock()
        self._changed: dict[str, None] = {}
        self._wake = threading.Event()

    def mark(self, topic: Topic) -> None:
        """This topic's state has changed."""
        if any(stream.kind == PAGE for stream in list(topic.streams)):
            with self._lock:
                self._changed[topic.name] = None
            self._wake.set()

    def run(self) -> None:
        while not self.hub.stopped:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                changed, self._changed = self._changed, {}
            for name in changed:
                try:
                    self._paint(name)
                except Exception:
                    log.exception("The state of %s could not be shown and is tried again", name)
                    time.sleep(PAUSE_AFTER_FAILURE_SECONDS)
                    with self._lock:
                        self._changed[name] = None
                    self._wake.set()
            time.sleep(REST_SECONDS)

    def _paint(self, name: str) -> None:
        topic = self.hub.topics.get(name)
        if topic is None:
            return
        if topic.last is None:  # its first stream is just reading the database: after it has, there is an order
            self.mark(topic)
            return
        with self.hub.app.app_context():
            html = catch_up.state(name)
        # Not older than anything told so far, and no second painter: whatever was told meanwhile, this may be shown.
        self.hub.tell(Message(name, None, None, [], html))
        if name.startswith("person:"):
            self._paint_own_parts(topic)

    def _paint_own_parts(self, topic: Topic) -> None:
        """What a person alone may know of the other topic of the same page: an auction's own part."""
        pages: dict[tuple[str, ...], list[Stream]] = {}
        for stream in list(topic.streams):
            if stream.live and len(stream.seen) > 1:
                pages.setdefault(tuple(stream.seen), []).append(stream)
        for topics, streams in pages.items():
            with self.hub.app.app_context():
                html = catch_up.own_state(topics)
            if html:
                data = frames.event(html)
                self.hub.write_to(streams, lambda stream, data=data: stream.framed(data))  # type: ignore[misc]
