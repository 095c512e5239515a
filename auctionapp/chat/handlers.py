"""Reactions of the chat to what happened; `wiring.py` binds them to events."""

from auctionapp import bus
from auctionapp.chat import live, queries, services
from auctionapp.events import AuctionClosed, MessagePosted
from auctionapp.extensions import db


def tell(event: MessagePosted) -> None:
    """Everybody who has the conversation open sees the line."""
    line = queries.lines_by_id([event.message_id])[event.message_id]
    news = {"kind": "message", "payload": queries.message_json(line), "html": live.partial(line)}
    db.session.rollback()
    for topic, sequence in event.sequences:
        bus.publish(topic, sequence, events=[news | {"sequence": sequence}])


def open_handover(event: AuctionClosed) -> None:
    """Winner and seller get a thread of their own. A lost reaction is made good by the first message."""
    services.open_handover(event.auction_id)
