"""What the house does to a lot on sale, with a public reason (R9): suspend, let go on, withdraw; and what it shows
on the home page. Rows of bids and money are never deleted.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import audit, events, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid, BidderAlias, PriceStep
from auctionapp.auctions.representation import auction_json
from auctionapp.auctions.services import refolding
from auctionapp.auctions.services.closing import lock_auction, tell
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock, rfc3339
from auctionapp.errors import Conflict, NotFound
from auctionapp.wallet import ledger

LEAST_TIME_LEFT = timedelta(minutes=10)
"""A lot that goes on takes bids at least so long."""


def suspend(actor: Actor, auction_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Take no bids for now; what is held is freed. Raises NotFound, Conflict unless it is on sale, ReasonMissing."""

    def change(session: Session, auction: Auction, purses: refolding.Purses, now: datetime) -> None:
        if auction.state != "open":
            raise Conflict("Only a lot that is on sale can be suspended.")
        suspend_locked(session, auction, reason, purses, now)

    _do(actor, "suspend", auction_id, reason, change, clock)


def resume(actor: Actor, auction_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Let a suspended lot go on: its end moves by the time it stood still, and bids are folded and held again (R10).

    Raises NotFound, Conflict unless it is suspended and its seller may sell, ReasonMissing.
    """

    def change(session: Session, auction: Auction, purses: refolding.Purses, now: datetime) -> None:
        if auction.state != "suspended":
            raise Conflict("This lot is not suspended.")
        if session.scalar(select(User.blocked_at).where(User.id == auction.seller_id)) is not None:
            raise Conflict("Its seller is blocked. Unblock the seller first.")
        later = max(now - (auction.suspended_at or now), now + LEAST_TIME_LEFT - auction.ends_at)
        auction.ends_at, auction.first_ends_at = auction.ends_at + later, auction.first_ends_at + later
        auction.state, auction.suspended_at, auction.ended_reason = "open", None, None
        auction.close_failures, auction.close_again_at = 0, None
        session.flush()
        refolding.refold(session, auction, purses, now)
        tell(session, auction, "extended", {"ends_at": rfc3339(auction.ends_at)}, now)
        events.announce(session, events.AuctionScheduled(auction.id))
        events.announce(session, events.AuctionStopped(auction.id, auction.version))

    _do(actor, "resume", auction_id, reason, change, clock)


def withdraw(actor: Actor, auction_id: int, reason: str, clock: Clock = database_clock) -> None:
    """End a lot for good without a sale: bids are void, what is held is freed, everybody reads why (R9).

    Raises NotFound, Conflict for one that is decided, ReasonMissing.
    """

    def change(session: Session, auction: Auction, purses: refolding.Purses, now: datetime) -> None:
        if auction.state not in ("open", "suspended"):
            raise Conflict("This auction is over, so it stays in the records as it is.")
        refolding.release(session, auction, purses, now)
        session.execute(update(Bid).where(Bid.auction_id == auction.id, Bid.state == "standing").values(state="void"))
        session.execute(update(PriceStep).where(PriceStep.auction_id == auction.id).values(reason="void"))
        auction.state, auction.closed_at, auction.suspended_at = "cancelled", now, None
        auction.featured_at = None
        _stopped(session, auction, reason)
        tell(session, auction, "closed", auction_json(auction, now=now), now)

    _do(actor, "withdraw", auction_id, reason, change, clock)


def feature(actor: Actor, auction_id: int, shown: bool, clock: Clock = database_clock) -> None:
    """Show a lot on the home page while it is on sale, or no more. Raises NotFound, Conflict unless it is on sale."""

    def work(session: Session) -> None:
        auction = lock_auction(session, auction_id)
        if auction is None:
            raise NotFound()
        if shown and auction.state != "open":
            raise Conflict("Only a lot that is on sale is shown on the home page.")
        now = clock.now(session)
        if (auction.featured_at is not None) == shown:
            return
        auction.featured_at = now if shown else None
        audit.record(session, actor, "feature" if shown else "unfeature", "auction", auction_id, now,
                     {"featured": not shown}, {"featured": shown})

    transaction.write(work)


def suspend_locked(session: Session, auction: Auction, reason: str, purses: refolding.Purses, now: datetime) -> None:
    """Suspend in the caller's transaction. The auction and its leader's accounts are locked."""
    refolding.release(session, auction, purses, now)
    auction.state, auction.suspended_at = "suspended", now
    _stopped(session, auction, reason)


def facts(auction: Auction) -> dict[str, Any]:
    """What the log keeps of an auction before and after."""
    return {
        "state": auction.state, "reason": auction.ended_reason, "price_cents": auction.price_cents,
        "leader_id": auction.leader_id, "leader_maximum_cents": auction.leader_maximum_cents,
        "bid_count": auction.bid_count, "ends_at": rfc3339(auction.ends_at) if auction.ends_at else None,
    }


def _stopped(session: Session, auction: Auction, reason: str) -> None:
    auction.ended_reason = reason
    auction.version += 1
    session.flush()
    events.announce(session, events.AuctionChanged(auction.id))
    events.announce(session, events.AuctionStopped(auction.id, auction.version))


Change = Callable[[Session, Auction, refolding.Purses, datetime], None]


def _do(actor: Actor, action: str, auction_id: int, reason: str, change: Change, clock: Clock) -> None:
    """Lock the auction, then everybody who may lead, then the clock; change; write the log."""
    reason = audit.clean_reason(reason)

    def work(session: Session) -> None:
        auction = lock_auction(session, auction_id)
        if auction is None:
            raise NotFound()
        people = set(session.scalars(select(BidderAlias.user_id).where(BidderAlias.auction_id == auction_id)))
        purses = refolding.Purses(ledger.lock_accounts(session, people))
        purses.cannot_lead = set(session.scalars(
            select(User.id).where(User.id.in_(people), User.blocked_at.is_not(None))))
        now, before = clock.now(session), facts(auction)
        change(session, auction, purses, now)
        audit.record(session, actor, action, "auction", auction_id, now, before, facts(auction), reason)

    transaction.write(work)
