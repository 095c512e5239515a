"""From the database to the streams: the present state, and the lines and events that were missed."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from auctionapp import realtime
from auctionapp.realtime import cursor, frames, lines, queries
from auctionapp.realtime.message import Message, api_frames, page_html

LINES_AT_ONCE = 50
"""Rendering so many takes some hundredths of a second, in which the process does nothing else."""


def state(topic: str) -> str:
    """The fragments that show a topic's state whole."""
    return states([topic])


def states(topics: Iterable[str]) -> str:
    """The fragments that show the state of these topics."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for kind, number in map(queries.split, topics):
        numbers[kind].append(number)
    html = ""
    for kind, some in numbers.items():
        if kind in realtime.state_of_many:
            html += realtime.state_of_many[kind](some)
        elif kind in realtime.states_each:
            html += "".join(realtime.states_each[kind](some).values())
        elif kind in realtime.state_of:
            html += "".join(realtime.state_of[kind](number) for number in some)
    return html


def state_of_each(topics: Iterable[str]) -> dict[str, str]:
    """The same of each of these topics by itself."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for kind, number in map(queries.split, topics):
        numbers[kind].append(number)
    found: dict[str, str] = {}
    for kind, some in numbers.items():
        if kind in realtime.states_each:
            found.update({f"{kind}:{number}": html for number, html in realtime.states_each[kind](some).items()})
        else:
            found.update({f"{kind}:{number}": state(f"{kind}:{number}") for number in some})
    return found


def own_state(topics: Iterable[str]) -> str:
    """The fragments of these topics that are for the one person among them alone."""
    numbers = [queries.split(topic) for topic in topics]
    user_id = next((number for kind, number in numbers if kind == "person"), None)
    if user_id is None:
        return ""
    return "".join(realtime.own_state_of[kind](number, user_id) for kind, number in numbers
                   if kind in realtime.own_state_of)


def missed(topic: str, after: int, up_to: int) -> Iterator[Message]:
    """What a topic told after a number, in messages of at most 500 events."""
    while after < up_to:
        events, reached = queries.events_between(topic, after, up_to)
        yield Message(topic, reached, after, events)
        after = reached


def page_opening(seen: dict[str, int], present: dict[str, int], retry: int,
                 unheard: Collection[int] = ()) -> Iterator[bytes]:
    """For a page: the lines missed since `seen`, without words of people who are `unheard`, then all regions of state,
    leaving off at `present`."""
    told = {topic: min(seen.get(topic, present[topic]), present[topic]) for topic in present}
    for topic, up_to in present.items():
        while told[topic] < up_to:
            events, told[topic] = queries.events_between(topic, told[topic], up_to, LINES_AT_ONCE)
            lines.add(events)
            html = page_html(events, unheard)
            if html:
                yield frames.event(html, event_id=cursor.write(told))
            time.sleep(0)  # everybody else's turn
    html = states(present) + own_state(present)
    yield f"retry: {retry}\n".encode() + frames.event(html, event_id=cursor.write(told))


def api_opening(topic: str, seen: int | None, present: int, retry: int) -> Iterator[bytes]:
    """For a program: every event after `seen`; without one, only the number from which it listens."""
    if seen is None:
        yield f"retry: {retry}\nid: {present}\n\n".encode()
        return
    yield f"retry: {retry}\n\n".encode()
    while seen < present:
        events, seen = queries.events_between(topic, seen, present)
        yield api_frames(events)
