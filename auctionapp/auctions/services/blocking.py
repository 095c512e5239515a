"""Blocking a person (R17): sessions, bids and lots in one transaction, and back again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from auctionapp import audit, transaction
from auctionapp.accounts.models import User
from auctionapp.accounts.services import people as accounts
from auctionapp.accounts.services.sessions import end_everything
from auctionapp.auctions.models import Auction, Bid, BidderAlias
from auctionapp.auctions.services import refolding, stopping
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock, rfc3339
from auctionapp.errors import Conflict, NotAllowed
from auctionapp.events import AccountBlocked, announce
from auctionapp.wallet import ledger

STAY, VOID = "stay", "void"
SELLER_BLOCKED = "The seller's account was blocked."
ROUNDS = 3


def block(actor: Actor, user_id: int, reason: str, bids: str, clock: Clock = database_clock) -> None:
    """Block a person: sessions, tokens and streams end, bids stay where they stand or are voided, own lots stop.

    `bids` is "stay" (the maximum becomes the price, the rest of the hold is released) or "void" (the remaining bids
    are folded again). Raises NotFound, NotAllowed for oneself, Conflict for who is blocked, ReasonMissing.
    """
    if bids not in (STAY, VOID):
        raise ValueError(bids)
    reason = audit.clean_reason(reason)
    if user_id == actor.admin_id:
        raise NotAllowed("You cannot block yourself.")
    transaction.write(lambda session: _block(session, actor, user_id, reason, bids, clock))
    # What was published or bid by a transaction that began before this one.
    for _ in range(ROUNDS):
        if not transaction.write(lambda session: _stop_all(session, actor, user_id, bids, clock)):
            break


def unblock(actor: Actor, user_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Let a person in again. Lots that were suspended go on one by one, from their own pages; bids stay as they are.

    Raises NotFound, Conflict for who is not blocked, ReasonMissing.
    """
    reason = audit.clean_reason(reason)

    def work(session: Session) -> None:
        person = accounts.locked(session, user_id)
        if person.blocked_at is None:
            raise Conflict("This person is not blocked.")
        before = {"blocked_at": rfc3339(person.blocked_at), "blocked_reason": person.blocked_reason}
        person.blocked_at = person.blocked_reason = None
        audit.record(session, actor, "unblock", "person", user_id, clock.now(session), before,
                     {"blocked_at": None}, reason)

    transaction.write(work)


def _block(session: Session, actor: Actor, user_id: int, reason: str, bids: str, clock: Clock) -> None:
    stopped = _stop_all(session, actor, user_id, bids, clock)
    person = accounts.locked(session, user_id)
    if person.blocked_at is not None:
        raise Conflict("This person is blocked already.")
    now = clock.now(session)
    person.blocked_at, person.blocked_reason = now, reason
    end_everything(session, user_id)
    announce(session, AccountBlocked(user_id))
    audit.record(session, actor, "block", "person", user_id, now, {"blocked_at": None},
                 {"blocked_at": rfc3339(now), "bids": bids, "auctions": stopped}, reason)


def _stop_all(session: Session, actor: Actor, user_id: int, bids: str, clock: Clock) -> list[int]:
    """Stop the lots and bids of a person; returns the auctions that changed."""
    auctions = _locked_auctions(session, user_id, bids)
    involved = [auction.id for auction in auctions if auction.seller_id != user_id] if bids == VOID else []
    people = {user_id, *(auction.leader_id for auction in auctions if auction.leader_id)}
    people.update(session.scalars(select(BidderAlias.user_id).where(BidderAlias.auction_id.in_(involved))))
    locked = ledger.lock_accounts(session, people)
    blocked = set(session.scalars(select(User.id).where(User.id.in_(people), User.blocked_at.is_not(None))))
    purses = refolding.Purses(locked, blocked | {user_id})
    now = clock.now(session)
    changed = []
    for auction in auctions:
        before = stopping.facts(auction)
        if auction.seller_id == user_id:
            if auction.state != "open":
                continue
            stopping.suspend_locked(session, auction, SELLER_BLOCKED, purses, now)
        elif bids == VOID:
            if not refolding.void_bids(session, auction.id, [user_id]):
                continue
            refolding.refold(session, auction, purses, now)
        elif not _stop_where_it_stands(session, auction, user_id, purses, now):
            continue
        changed.append(auction.id)
        audit.record(session, actor, "stop_for_block", "auction", auction.id, now, before, stopping.facts(auction))
    return changed


def _stop_where_it_stands(session: Session, auction: Auction, user_id: int, purses: refolding.Purses,
                          now: datetime) -> bool:
    """The leader's maximum becomes the price; the rest of the hold is released."""
    if auction.leader_id != user_id or auction.leader_maximum_cents == auction.price_cents:
        return False
    auction.version += 1
    session.execute(update(Bid).where(Bid.auction_id == auction.id, Bid.bidder_id == user_id, Bid.state == "standing",
                                      Bid.maximum_cents > auction.price_cents)
                    .values(stopped_at_cents=auction.price_cents))
    hold = refolding.active_hold(session, auction.id)
    if hold is not None:
        refolding.reduce(session, auction, hold, auction.price_cents, purses, now)
    auction.leader_maximum_cents = auction.price_cents
    session.flush()
    return True


def _locked_auctions(session: Session, user_id: int, bids: str) -> Sequence[Auction]:
    """All that may change, locked in id order: own lots, and lots with bids of this person."""
    with_bids = Auction.id.in_(select(BidderAlias.auction_id).where(BidderAlias.user_id == user_id))
    concerned = and_(with_bids, Auction.leader_id == user_id) if bids == STAY else with_bids
    return session.scalars(
        select(Auction).where(Auction.state.in_(("open", "suspended")), or_(Auction.seller_id == user_id, concerned))
        .order_by(Auction.id).with_for_update(of=Auction).execution_options(populate_existing=True)).all()
