"""Reactions of the auctions to what happened; `wiring.py` binds them to events."""

from collections.abc import Sequence

from auctionapp import bus
from auctionapp.auctions import jobs
from auctionapp.events import AuctionChanged, AuctionScheduled
from auctionapp.gather import Gatherer
from auctionapp.topics import auction_topic


def show_state(event: AuctionChanged) -> None:
    """Everybody who has the auction open sees its present state."""
    bus.publish(bus.News(auction_topic(event.auction_id), state=True))


def _schedule_all(events: Sequence[AuctionScheduled]) -> None:
    for auction_id in dict.fromkeys(event.auction_id for event in events):
        jobs.schedule_close(auction_id)


_schedulers = Gatherer(_schedule_all)


def schedule_close(event: AuctionScheduled) -> None:
    """The close waits at the effective end, wherever it has moved (R5); the answer to a bid does not wait for that."""
    _schedulers.submit(event)
