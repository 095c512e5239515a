"""One piece of news of a topic, encoded once for all streams that carry it."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from auctionapp import compact_json
from auctionapp.realtime import cursor, frames

PAGE = "page"
API = "api"

Event = dict[str, Any]
"""A row of the topic's log: sequence, kind, payload; `html` is what a page appends for it, if it appends anything, and
`authors` whose words those are, where people who have blocked one of them are not told."""


class Message:
    """What `bus.publish` sent, or what was read from the database in its place.

    `events` are rows of the topic's log in order: all that happened after the number `after` up to `sequence`.
    Without events both are None. `html` are fragments for pages; `state` asks the hub to render the topic's state.
    """

    __slots__ = ("topic", "sequence", "after", "events", "html", "close", "close_people", "state", "_shared")

    def __init__(self, topic: str, sequence: int | None, after: int | None, events: list[Event],
                 html: str | None = None, close: bool | list[int] = False, state: bool = False,
                 close_people: list[int] | None = None):
        self.topic = topic
        self.sequence = sequence
        self.after = after
        self.events = events
        self.html = html or ""
        self.close = close
        self.close_people = close_people or []
        self.state = state
        self._shared: dict[Any, Any] = {}

    @classmethod
    def decode(cls, topic: str, text: bytes) -> "Message":
        """Raises ValueError, KeyError or TypeError for what `bus.publish` never sends."""
        given = compact_json.decode(text)
        events = sorted(given["events"], key=lambda event: event["sequence"])
        sequence = int(events[-1]["sequence"]) if events else None
        after = int(events[0]["sequence"]) - 1 if events else None
        return cls(topic, sequence, after, events, given["html"], given["close"], given["state"],
                   given.get("close_people"))

    def about_price(self, topic: str) -> "Message":
        """What news of an auction says to the topic of its price: its number, and whether the state may be another."""
        changed = self.state and (not self.events or any(event["kind"] != "message" for event in self.events))
        return Message(topic, self.sequence, self.after, [], state=changed)

    def forget_until(self, sequence: int) -> None:
        """Leave out events that were told already."""
        if self.after is not None and self.after < sequence:
            self.events = [event for event in self.events if event["sequence"] > sequence]
            self.after = sequence

    def shared(self, kind: str, chunked: bool) -> bytes:
        """The bytes for every stream that carries this topic alone; empty when there is nothing for its kind."""
        found = self._shared.get((kind, chunked))
        if found is None:
            if kind == API:
                found = api_frames(self.events)
            else:
                found = self.page_frame({self.topic: self.sequence})
            self._shared[kind, chunked] = found = frames.chunk(found) if chunked and found else found
        return found

    def tells_of(self, people: Collection[int]) -> bool:
        """Whether some of it are words of one of these people."""
        return any(is_of(event, people) for event in self.events) if people else False

    def page_frame(self, seen: dict[str, int], unheard: Collection[int] = ()) -> bytes:
        """For a page; `seen` is where its stream stands after it. Words of people who are `unheard` are left out."""
        if self.tells_of(unheard):
            lines = self._lines(unheard)
        else:
            lines = self._shared.get("lines")
            if lines is None:
                lines = self._shared["lines"] = self._lines()
        return f"id: {cursor.write(seen)}\n{lines}\n".encode() if lines else b""

    def _lines(self, unheard: Collection[int] = ()) -> str:
        html = self.html + page_html(self.events, unheard)
        return frames.data_lines(html) if html else ""


def is_of(event: Event, people: Collection[int]) -> bool:
    return any(author in people for author in event.get("authors", ()))


def page_html(events: Iterable[Event], unheard: Collection[int] = ()) -> str:
    """What a page appends for these events, words of people who are `unheard` left out."""
    return "".join(event.get("html", "") for event in events if not is_of(event, unheard))


def api_frames(events: Iterable[Event]) -> bytes:
    """One frame per event; its id is its number in the topic."""
    return b"".join(
        frames.event(json.dumps(event["payload"], ensure_ascii=False), event["kind"], str(event["sequence"]))
        for event in events)
