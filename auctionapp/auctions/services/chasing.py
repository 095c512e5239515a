"""Closing by hand what is overdue, as the sweep would, whatever pause an earlier failure has set (fault 27)."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from auctionapp import audit, transaction
from auctionapp.auctions.models import Auction
from auctionapp.auctions.services import closing
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock


def close_overdue(actor: Actor, clock: Clock = database_clock) -> int:
    """Close every auction whose end has come; returns how many were closed."""

    def forget_pauses(session: Session) -> list[int]:
        now = clock.now(session)
        session.execute(update(Auction).where(Auction.state == "open", Auction.ends_at <= now,
                                              Auction.close_again_at.is_not(None)).values(close_again_at=None))
        return closing.due_auctions(session, now)

    due = transaction.write(forget_pauses)
    closed = closing.close_due(clock)
    transaction.write(lambda session: audit.record(
        session, actor, "close_due", "house", 1, clock.now(session), {"due": due}, {"closed": closed}))
    return closed
