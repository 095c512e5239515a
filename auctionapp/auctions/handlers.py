"""Reactions of the auctions to what happened; `wiring.py` binds them to events.

They wait in gatherers: under a storm of bids one rendering tells of many, and the answer to a bid waits for none.
"""

from collections.abc import Sequence

from auctionapp.auctions import jobs, live
from auctionapp.events import AuctionChanged, AuctionClosed, AuctionScheduled, BidsPlaced
from auctionapp.gather import Gatherer


def _tell_all(events: Sequence[BidsPlaced | AuctionChanged | AuctionClosed]) -> None:
    for auction_id in dict.fromkeys(event.auction_id for event in events):
        live.publish(auction_id)


def _schedule_all(events: Sequence[AuctionScheduled]) -> None:
    for auction_id in dict.fromkeys(event.auction_id for event in events):
        jobs.schedule_close(auction_id)


_tellers = Gatherer(_tell_all)
_schedulers = Gatherer(_schedule_all)


def tell_watchers(event: BidsPlaced | AuctionChanged | AuctionClosed) -> None:
    """Everybody who has the auction open sees its present state."""
    _tellers.submit(event)


def schedule_close(event: AuctionScheduled) -> None:
    """The close waits at the effective end, wherever it has moved (R5)."""
    _schedulers.submit(event)
