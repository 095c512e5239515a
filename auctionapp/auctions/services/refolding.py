"""An auction after some of its bids went (R10, R17): who leads by those that remain, at which price, what is held.

Every function works in the caller's transaction; the auction and all accounts concerned are locked.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from auctionapp import events
from auctionapp.auctions import rules
from auctionapp.auctions.models import Auction, Bid, IncrementTable, PriceStep
from auctionapp.auctions.services.selling import write_step
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Hold

BEATEN = ("beaten", "tie")
"""Reasons of the step of an offer that did not take the lead."""


@dataclass
class Purses:
    """The locked accounts, with what this transaction has moved already."""

    accounts: ledger.Accounts
    cannot_lead: Collection[int] = ()
    """Blocked people: their bids may stand, but nobody comes to lead with them again."""
    moved_cents: dict[int, int] = field(default_factory=dict)

    def available(self, user_id: int) -> int:
        return self.accounts.balance(user_id, "available") + self.moved_cents.get(user_id, 0)

    def move(self, session: Session, auction_id: int, user_id: int, cents: int, kind: str, key: str,
             now: datetime) -> None:
        """Hold or release an amount of one person."""
        sides = [self.accounts.id(user_id, "available"), self.accounts.id(user_id, "held")]
        debit, credit = sides if kind == "hold" else reversed(sides)
        ledger.post(session, [ledger.Movement(debit, credit, cents, kind, key, auction_id)], now)
        self.moved_cents[user_id] = self.moved_cents.get(user_id, 0) + (-cents if kind == "hold" else cents)
        events.announce(session, events.WalletChanged((user_id,)))


def active_hold(session: Session, auction_id: int) -> Hold | None:
    return session.scalars(
        select(Hold).where(Hold.auction_id == auction_id, Hold.state == "active")
        .execution_options(populate_existing=True)).one_or_none()


def release(session: Session, auction: Auction, purses: Purses, now: datetime) -> None:
    """Give the leader's whole hold back."""
    hold = active_hold(session, auction.id)
    if hold is not None:
        purses.move(session, auction.id, hold.bidder_id, hold.amount_cents, "release", hold.release_key, now)
        hold.state = "released"
        session.flush()


def reduce(session: Session, auction: Auction, hold: Hold, to_cents: int, purses: Purses, now: datetime) -> None:
    """Hold less of the same leader. The auction's version is one that no other change of it has."""
    if hold.amount_cents > to_cents:
        purses.move(session, auction.id, hold.bidder_id, hold.amount_cents - to_cents, "release",
                    f"reduce:{hold.bid_id}:{auction.version}", now)
        hold.amount_cents = to_cents
        session.flush()


def void_bids(session: Session, auction_id: int, bidder_ids: Collection[int]) -> list[int]:
    """Take all standing bids of these people out; the rows stay, and the history says that they count no more."""
    ids = list(session.scalars(
        update(Bid).where(Bid.auction_id == auction_id, Bid.bidder_id.in_(bidder_ids), Bid.state == "standing")
        .values(state="void").returning(Bid.id)))
    if ids:
        session.execute(update(PriceStep).where(PriceStep.auction_id == auction_id, PriceStep.bid_id.in_(ids))
                        .values(reason="void"))
    return ids


def refold(session: Session, auction: Auction, purses: Purses, now: datetime) -> list[int]:
    """Decide anew by the standing bids. Whoever comes to lead is held again; who cannot be is passed over and told.

    Returns the people who were passed over. While an auction is suspended nothing is held.
    """
    terms = rules.Terms.of(auction, session.get_one(IncrementTable, auction.increment_table_id).steps)
    hold = active_hold(session, auction.id)
    passed_over: list[int] = []
    while True:
        found = rules.refold(terms, _remaining(session, auction.id))
        leader_id, maximum = found.leader_id, found.leader_maximum_cents
        if leader_id is None or maximum is None or auction.state != "open":
            break
        stays = hold is not None and hold.bidder_id == leader_id
        own = hold.amount_cents if stays and hold is not None else 0
        if purses.available(leader_id) + own >= maximum and (stays or leader_id not in purses.cannot_lead):
            break
        void_bids(session, auction.id, [leader_id])
        passed_over.append(leader_id)
    auction.version += 1
    _hold_again(session, auction, hold, found, purses, now)
    before = auction.price_cents, auction.leader_id
    auction.leader_id, auction.leader_maximum_cents = found.leader_id, found.leader_maximum_cents
    auction.price_cents, auction.leading_bid_id = found.price_cents, found.leading_bid_id
    auction.bid_count = _counted(session, auction.id)
    if found.leader_id is not None and found.price_cents is not None and before != (found.price_cents, found.leader_id):
        write_step(session, auction, terms, rules.Step(found.leader_id, "auto", found.price_cents, "refolded",
                                                       is_offer=False), now)
    session.flush()
    events.announce(session, events.AuctionChanged(auction.id))
    if found.leader_id is not None and found.leader_id != before[1]:
        events.announce(session, events.LeadReturned(auction.id))
    if passed_over:
        events.announce(session, events.BidsPassedOver(auction.id, tuple(passed_over)))
    return passed_over


def _remaining(session: Session, auction_id: int) -> list[rules.PastOffer]:
    beaten = set(session.scalars(select(PriceStep.bid_id).where(
        PriceStep.auction_id == auction_id, PriceStep.is_offer, PriceStep.reason.in_(BEATEN))))
    rows = session.execute(
        select(Bid.id, Bid.bidder_id, Bid.kind, Bid.maximum_cents, Bid.stopped_at_cents)
        .where(Bid.auction_id == auction_id, Bid.state == "standing").order_by(Bid.number))
    return [rules.PastOffer(row.id, row.bidder_id, row.kind, row.maximum_cents, row.id not in beaten,
                            row.stopped_at_cents) for row in rows]


def _hold_again(session: Session, auction: Auction, hold: Hold | None, found: rules.Refolded, purses: Purses,
                now: datetime) -> None:
    leader_id, maximum, bid_id = found.leader_id, found.leader_maximum_cents, found.leading_bid_id
    if auction.state != "open":
        return
    if hold is not None and hold.bidder_id == leader_id and maximum is not None:
        reduce(session, auction, hold, maximum, purses, now)
        return
    release(session, auction, purses, now)
    if leader_id is None or maximum is None or bid_id is None:
        return
    purses.move(session, auction.id, leader_id, maximum, "hold", f"rehold:{bid_id}:{auction.version}", now)
    earlier = session.get(Hold, bid_id, populate_existing=True)
    if earlier is not None:
        earlier.state, earlier.amount_cents, earlier.turn = "active", maximum, earlier.turn + 1
    else:
        session.add(Hold(bid_id=bid_id, auction_id=auction.id, bidder_id=leader_id, amount_cents=maximum,
                         state="active", created_at=now))
    session.flush()


def _counted(session: Session, auction_id: int) -> int:
    """People's offers that made a step and still stand."""
    return session.scalar(
        select(func.count()).select_from(PriceStep).join(Bid, Bid.id == PriceStep.bid_id)
        .where(PriceStep.auction_id == auction_id, PriceStep.is_offer, Bid.state == "standing")) or 0
