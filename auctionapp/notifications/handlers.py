"""Reactions of the notices to what happened; `wiring.py` binds them to events.

They wait in gatherers, so that no answer waits for them and a storm of bids becomes a few transactions.
"""

from collections.abc import Sequence

from flask import current_app

from auctionapp.events import (
    AuctionClosed,
    BidsPlaced,
    NoticesCreated,
    PaymentFinished,
    ReportMade,
    ReserveReached,
)
from auctionapp.gather import Gatherer
from auctionapp.mail.site import Site
from auctionapp.notifications import live
from auctionapp.notifications.services import auctions, house

STORM_PAUSE_SECONDS = 0.2
"""Between two rounds in the background: the first outbid person is told at once, a storm of bids five times a second."""


def _settings() -> tuple[Site, str]:
    return Site.of(current_app.config), current_app.config["CURRENCY"]


def _tell_outbid(events: Sequence[BidsPlaced]) -> None:
    lost = [(event.auction_id, user_id, bid_id) for event in events for user_id, bid_id in event.outbid]
    if lost:
        auctions.tell_outbid(lost, *_settings())


def _show(events: Sequence[NoticesCreated]) -> None:
    live.tell({user_id for event in events for user_id in event.user_ids})


_outbid = Gatherer(_tell_outbid, STORM_PAUSE_SECONDS)
_shown = Gatherer(_show)


def tell_outbid(event: BidsPlaced) -> None:
    """People who lost the lead are told at once, wherever on the site they are."""
    _outbid.submit(event)


def tell_closed(event: AuctionClosed) -> None:
    """Winner, seller and losers get the result."""
    auctions.tell_closed(event.auction_id, *_settings())


def tell_reserve_reached(event: ReserveReached) -> None:
    """Everybody with a bid learns that the lowered reserve is met (R4)."""
    auctions.tell_reserve_reached(event.auction_id, *_settings())


def tell_payment(event: PaymentFinished) -> None:
    auctions.tell_payment(event.payment_id, *_settings())


def tell_reported(_event: ReportMade) -> None:
    """Administrators learn that something was reported."""
    house.tell_reported(_settings()[0])


def show(event: NoticesCreated) -> None:
    """The counter of every open page of these people."""
    _shown.submit(event)
