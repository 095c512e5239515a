"""Reactions of the streams to what happened; `wiring.py` binds them to events."""

from auctionapp import bus, topics
from auctionapp.events import SessionsEnded


def end_private_streams(event: SessionsEnded) -> None:
    """Streams of sign-ins that ended are closed in every process (fault 37); the keeper finds what this misses."""
    bus.publish(topics.person_topic(event.user_id), 0, close=event.session_ids)
