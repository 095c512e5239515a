"""Reactions of the chat to what happened; `wiring.py` binds them to events."""

from auctionapp.chat import services
from auctionapp.events import AuctionClosed


def open_handover(event: AuctionClosed) -> None:
    """Winner and seller get a thread of their own. A lost reaction is made good by the first message."""
    services.open_handover(event.auction_id)
