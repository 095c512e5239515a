"""The sweep that finds what lost reactions left untold."""

import logging

from auctionapp import events
from auctionapp.clock import database_clock
from auctionapp.extensions import db
from auctionapp.notifications import queries

log = logging.getLogger(__name__)


def announce_missing() -> None:
    """Tell once more of closed auctions whose notices are missing: every reaction to a close may run twice."""
    missing = queries.unannounced_closes(database_clock.now(db.session()))
    db.session.rollback()
    for auction_id in missing:
        log.warning("The end of auction %s was not told; telling it now", auction_id)
        events.dispatch(events.AuctionClosed(auction_id))
