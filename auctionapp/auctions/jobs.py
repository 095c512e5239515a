"""Entry points of jobs and of the scheduler's own rounds: ids in, one service call."""

from datetime import datetime, timedelta

from sqlalchemy import select

from auctionapp import jobqueue
from auctionapp.auctions.models import Auction
from auctionapp.auctions.services import closing, second_chance
from auctionapp.clock import database_clock
from auctionapp.extensions import db

SOON = timedelta(minutes=2)


def close(auction_id: int) -> None:
    """Close an auction at its end. One that comes early, or whose end has moved, is scheduled again."""
    if not closing.close(auction_id):
        schedule_close(auction_id)


def schedule_close(auction_id: int) -> None:
    """Put the close of an open auction into the schedule at its effective end, in place of an earlier entry."""
    ends_at = db.session.scalar(
        select(Auction.ends_at).where(Auction.id == auction_id, Auction.state == "open", Auction.close_again_at.is_(None)))
    now = database_clock.now(db.session())
    db.session.rollback()
    if ends_at is not None and ends_at > now:
        _schedule(auction_id, ends_at)


def sweep() -> None:
    """Every few seconds: close what no job closed."""
    closing.sweep()


def lapse_offers() -> None:
    """Every few seconds: end second-chance offers that nobody answered in time (R4)."""
    second_chance.lapse_due()


def reconcile_schedule() -> None:
    """Rebuild the entries of auctions that end soon from the database, whatever Redis has forgotten (fault 23)."""
    now = database_clock.now(db.session())
    soon = db.session.execute(
        select(Auction.id, Auction.ends_at).where(Auction.state == "open", Auction.ends_at > now,
                                                  Auction.ends_at <= now + SOON)).all()
    db.session.rollback()
    for auction_id, ends_at in soon:
        _schedule(auction_id, ends_at)


def _schedule(auction_id: int, ends_at: datetime) -> None:
    jobqueue.schedule_at(f"close-{auction_id}", ends_at, "auctionapp.auctions.jobs.close", auction_id)
