"""Reactions of the streams to what happened; `wiring.py` binds them to events."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from auctionapp import bus, topics
from auctionapp.events import SessionsEnded, TopicNews
from auctionapp.gather import Gatherer


def _tell_all(news: Sequence[TopicNews]) -> None:
    by_topic: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in news:
        for row in one.rows:
            by_topic[row["topic"]].append(row)
    bus.publish_all([bus.News(topic, events=rows, state=True) for topic, rows in by_topic.items()])


_tellers = Gatherer(_tell_all)


def tell_news(event: TopicNews) -> None:
    """What was appended to a topic's log goes to all who listen; a storm of it goes together."""
    _tellers.submit(event)


def end_private_streams(event: SessionsEnded) -> None:
    """Streams of sign-ins that ended are closed in every process (fault 37); the keeper finds what this misses."""
    bus.publish(bus.News(topics.person_topic(event.user_id), close=event.session_ids))
