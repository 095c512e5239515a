"""Renders the state of topics that somebody watches, once for all who watch it in this process.

Only the hub knows who watches, so whoever changes a state says no more than that; nothing is rendered for nobody.
A storm of changes costs one rendering after another and not one each.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from auctionapp.realtime import catch_up, frames
from auctionapp.realtime.message import PAGE, Message
from auctionapp.realtime.streams import Stream
from auctionapp.realtime.topic import Topic

if TYPE_CHECKING:
    from auctionapp.realtime.hub import Hub

log = logging.getLogger(__name__)

REST_SECONDS = 0.1
"""Between two rounds; the first change after a pause is shown at once, a storm of them ten times a second."""

PAUSE_AFTER_FAILURE_SECONDS = 1.0


TOGETHER = 50
"""People whose state is read and rendered in one go; others get their turn in between."""


def _kind(name: str) -> str:
    return name.partition(":")[0]


def _parts(names: Sequence[str]) -> Iterator[list[str]]:
    """People in parts of at most TOGETHER, all other topics one by one: their rendering is no shared work."""
    for kind, some in groupby(names, _kind):
        rest = list(some)
        size = TOGETHER if kind == "person" else 1
        for start in range(0, len(rest), size):
            yield rest[start:start + size]


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
            for names in _parts(sorted(changed, key=_kind)):
                try:
                    self._paint(names)
                except Exception:
                    log.exception("The state of %s and more could not be shown and is tried again", names[0])
                    time.sleep(PAUSE_AFTER_FAILURE_SECONDS)
                    with self._lock:
                        self._changed.update(dict.fromkeys(names))
                    self._wake.set()
            time.sleep(REST_SECONDS)

    def _paint(self, names: list[str]) -> None:
        """Show the state of topics of one kind."""
        ready: dict[str, Topic] = {}
        for name in names:
            topic = self.hub.topics.get(name)
            if topic is None:
                continue
            if topic.last is None:  # its first stream is just reading the database: after it has, there is an order
                self.mark(topic)
            else:
                ready[name] = topic
        if not ready:
            return
        with self.hub.app.app_context():
            states = catch_up.state_of_each(ready)
        for name, topic in ready.items():
            # Not older than anything told so far, and no second painter: whatever was told meanwhile, this may be shown.
            self.hub.tell(Message(name, None, None, [], states.get(name, "")))
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
