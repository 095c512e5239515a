"""Reactions of the streams to what happened; `wiring.py` binds them to events."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from auctionapp import bus, topics
from auctionapp.events import NoticesCreated, SessionsEnded, TopicNews, WalletChanged
from auctionapp.gather import Gatherer
from auctionapp.realtime import lines


def _tell_all(told: Sequence[TopicNews | WalletChanged | NoticesCreated]) -> None:
    by_topic: dict[str, list[dict[str, Any]]] = defaultdict(list)
    people: dict[int, None] = {}
    for one in told:
        if isinstance(one, TopicNews):
            for row in one.rows:
                by_topic[row["topic"]].append(row)
        else:
            people.update(dict.fromkeys(one.user_ids))
    lines.add([row for rows in by_topic.values() for row in rows])
    # What a conversation's topic shows as its state, how far was read, does not move with its messages.
    news = [bus.News(topic, events=run, state=not topic.startswith("conversation:"))
            for topic, rows in by_topic.items() for run in _runs(rows)]
    bus.publish_all(news + [bus.News(topics.person_topic(user_id), state=True) for user_id in people])


def _runs(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows of one topic by number, apart wherever a number is missing: another process tells it, or the database.

    One message tells everything from its first number to its last, so a gap within it would never be noticed.
    """
    runs: list[list[dict[str, Any]]] = []
    for row in sorted(rows, key=lambda row: row["sequence"]):
        if runs and row["sequence"] == runs[-1][-1]["sequence"] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


_tellers = Gatherer(_tell_all)


def tell_news(event: TopicNews) -> None:
    """What was appended to a topic's log goes to all who listen; a storm of it goes together."""
    _tellers.submit(event)


def show_people(event: WalletChanged | NoticesCreated) -> None:
    """Open pages of these people show the new figures, counters and banners: each person is told once a round."""
    _tellers.submit(event)


def end_private_streams(event: SessionsEnded) -> None:
    """Streams of sign-ins that ended are closed in every process (fault 37); the keeper finds what this misses."""
    bus.publish(bus.News(topics.person_topic(event.user_id), close=event.session_ids))
