"""The log of what a stream told: one row per event, numbered by its topic's own sequence.

A topic is one stream's audience: `auction:42`, `person:7`, `conversation:3`. The sequence is taken under the lock of
the topic's row (the auction's, the person's, the conversation's), so its order is the order of the commits and a cursor
never skips an event.
Redis only wakes the hubs; who was away reads here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from auctionapp import bulk, events
from auctionapp.extensions import BigId, UtcDateTime, db


class TopicEvent(db.Model):
    __tablename__ = "topic_events"
    __table_args__ = (Index("uq_topic_events_topic_sequence", "topic", "sequence", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def auction_topic(auction_id: int) -> str:
    return f"auction:{auction_id}"


def person_topic(user_id: int) -> str:
    return f"person:{user_id}"


def price_topic(auction_id: int) -> str:
    """Price and time of an auction for cards on other pages. It has no log: the hub derives it from the auction's."""
    return f"price:{auction_id}"


def post_topic(post_id: int) -> str:
    return f"post:{post_id}"


def feed_topic() -> str:
    """Of everybody's new posts: the house has one feed."""
    return "feed:1"


def conversation_topic(conversation_id: int) -> str:
    return f"conversation:{conversation_id}"


def record(session: Session, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Append events, dicts of topic, sequence, kind and payload; after the commit the streams are told."""
    if rows:
        bulk.insert_rows(session.connection(), TopicEvent.__table__, rows, created_at=now)
        events.announce(session, events.TopicNews(tuple(rows)))


def read_after(session: Session, topic: str, sequence: int, limit: int = 500) -> Sequence[TopicEvent]:
    """The events of a topic after a sequence number, in order."""
    return session.scalars(
        select(TopicEvent).where(TopicEvent.topic == topic, TopicEvent.sequence > sequence)
        .order_by(TopicEvent.sequence).limit(limit)
    ).all()
