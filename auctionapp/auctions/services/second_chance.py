"""The second chance (R4): an unsold lot is offered to its highest bidder, who accepts, declines or lets it lapse.

Every use case locks the lot's row first, so that two answers, an answer and a withdrawal, an answer and relisting
find each other. Accepting moves the money of a close, under the keys of a close: it happens once.
"""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import events, transaction
from auctionapp.accounts.models import SellerBlock, User
from auctionapp.auctions import rules, seller_rules
from auctionapp.auctions.models import Auction, Bid, HouseSettings, IncrementTable, SecondChance
from auctionapp.auctions.queries import second_chances
from auctionapp.auctions.services import closing
from auctionapp.auctions.services.selling import locked_own, write_step
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, InsufficientFunds, NotFound
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Hold

log = logging.getLogger(__name__)

OVER = {
    "accepted": "You have accepted this offer.", "declined": "You have declined this offer.",
    "lapsed": "This offer has lapsed.", "withdrawn": "The seller has withdrawn this offer.",
}


def offer(auction_id: int, seller_id: int, asked_cents: int | None, clock: Clock = database_clock) -> int:
    """Offer an unsold lot to its highest bidder: at the bidder's maximum (None), or at an amount up to the last price.

    Returns the offer's id; the same offer sent twice is one. Raises NotFound, NotAllowed, Conflict where R4 or the
    house does not allow it.
    """
    def work(session: Session) -> int:
        auction = locked_own(session, auction_id, seller_id)
        standing = _standing(session, auction_id)
        if standing is not None and (None if standing.at_maximum else standing.amount_cents) == asked_cents:
            return standing.id
        offers = second_chances.offers_of(session, auction_id)
        now = clock.now(session)
        seller_rules.refuse_second_chance(auction, offers, now)
        _refuse_bidder(session, auction)
        made = SecondChance(
            auction_id=auction.id, bidder_id=auction.leader_id, at_maximum=asked_cents is None, state="open",
            amount_cents=seller_rules.second_chance_cents(auction, asked_cents), offered_at=now,
            lapses_at=now + seller_rules.OFFER_STANDS)
        session.add(made)
        session.flush()
        events.announce(session, events.SecondChanceChanged(made.id))
        return made.id

    return transaction.write(work)


def accept(offer_id: int, bidder_id: int, clock: Clock = database_clock) -> int:
    """Buy the lot for what it was offered for: the money is held, captured and settled in one transaction.

    Returns the lot's id; accepting again changes nothing. Raises NotFound for another's offer, Conflict when it no
    longer stands, InsufficientFunds.
    """
    def work(session: Session) -> int:
        auction, made = _locked(session, offer_id, bidder_id)
        if made.state == "accepted":
            return auction.id
        _refuse_unless_open(made)
        house = session.scalars(select(HouseSettings)).one()
        accounts = closing.lock_accounts(session, auction, sold=True)
        now = clock.now(session)
        if now >= made.lapses_at:
            raise Conflict(OVER["lapsed"])
        if session.scalar(select(User.blocked_at).where(User.id == auction.seller_id)) is not None:
            raise Conflict("The seller's account was blocked, so this offer no longer stands.")
        available = accounts.balance(bidder_id, "available")
        if available < made.amount_cents:
            raise InsufficientFunds(available, made.amount_cents - available)
        _hold_again(session, auction, accounts, made.amount_cents, now)
        terms = rules.Terms.of(auction, session.get_one(IncrementTable, auction.increment_table_id).steps)
        write_step(session, auction, terms, rules.Step(
            bidder_id, "manual", made.amount_cents, "second_chance", is_offer=False), now)
        made.state, made.decided_at = "accepted", now
        closing.settle(session, auction, accounts, house.commission_basis_points, made.amount_cents, now)
        closing.decided(session, auction, now)
        return auction.id

    return transaction.write(work)


def decline(offer_id: int, bidder_id: int, clock: Clock = database_clock) -> None:
    """Say no; saying it again changes nothing. Raises NotFound, Conflict when the offer no longer stands."""

    def work(session: Session) -> None:
        _, made = _locked(session, offer_id, bidder_id)
        if made.state != "declined":
            _refuse_unless_open(made)
            _decide(session, made, "declined", clock.now(session))

    transaction.write(work)


def withdraw(auction_id: int, seller_id: int, clock: Clock = database_clock) -> None:
    """Take the standing offer of an own lot back. Raises NotFound, NotAllowed, Conflict when it was answered before."""

    def work(session: Session) -> None:
        auction = locked_own(session, auction_id, seller_id)
        made = _standing(session, auction.id)
        if made is None:
            raise Conflict("No offer of this lot stands: it was answered, or has lapsed.")
        _decide(session, made, "withdrawn", clock.now(session))

    transaction.write(work)


def lapse_due(clock: Clock = database_clock) -> int:
    """End every offer whose time has run out, one transaction each; returns how many were ended."""
    ended = 0
    for offer_id in transaction.write(lambda session: second_chances.lapsed(session, clock.now(session))):
        try:
            ended += transaction.write(lambda session, offer_id=offer_id: _lapse(session, offer_id, clock))
        except Exception:
            log.exception("The second-chance offer %s could not be ended; it is tried again later", offer_id)
    return ended


def _lapse(session: Session, offer_id: int, clock: Clock) -> bool:
    _, made = _locked(session, offer_id)
    now = clock.now(session)
    if made.state != "open" or now < made.lapses_at:
        return False
    _decide(session, made, "lapsed", now)
    return True


def _standing(session: Session, auction_id: int) -> SecondChance | None:
    """The open offer of a locked lot."""
    return session.scalars(
        select(SecondChance).where(SecondChance.auction_id == auction_id, SecondChance.state == "open")
        .execution_options(populate_existing=True)).one_or_none()


def _locked(session: Session, offer_id: int, bidder_id: int | None = None) -> tuple[Auction, SecondChance]:
    """The lot, locked, and then the offer as it stands. Raises NotFound, for another's offer too."""
    made = session.get(SecondChance, offer_id)
    if made is None or (bidder_id is not None and made.bidder_id != bidder_id):
        raise NotFound()
    auction = closing.lock_auction(session, made.auction_id)
    assert auction is not None
    return auction, session.get_one(SecondChance, offer_id, populate_existing=True)


def _refuse_unless_open(made: SecondChance) -> None:
    if made.state != "open":
        raise Conflict(OVER[made.state])


def _decide(session: Session, made: SecondChance, state: str, now: datetime) -> None:
    made.state, made.decided_at = state, now
    session.flush()
    events.announce(session, events.SecondChanceChanged(made.id))


def _refuse_bidder(session: Session, auction: Auction) -> None:
    """Raises Conflict where the highest bidder is none any more, or one whom the seller or the house has shut out."""
    leading = session.get(Bid, auction.leading_bid_id)
    bidder = session.get(User, auction.leader_id, populate_existing=True)
    if leading is None or leading.state != "standing" or bidder is None or not bidder.is_active:
        raise Conflict("The highest bidder can no longer buy this lot. Relist it instead.")
    if session.get(SellerBlock, (auction.seller_id, auction.leader_id)) is not None:
        raise Conflict("You take no bids from the highest bidder. Take them again first, then make the offer.")


def _hold_again(session: Session, auction: Auction, accounts: ledger.Accounts, amount_cents: int, now: datetime) -> None:
    """Take up the hold that was freed at the end, for what is paid now."""
    hold = session.scalars(
        select(Hold).where(Hold.auction_id == auction.id, Hold.bidder_id == auction.leader_id)
        .order_by(Hold.created_at.desc(), Hold.bid_id.desc()).limit(1).execution_options(populate_existing=True)).one()
    auction.version += 1
    ledger.post(session, [ledger.Movement(
        accounts.id(auction.leader_id, "available"), accounts.id(auction.leader_id, "held"), amount_cents, "hold",
        f"rehold:{hold.bid_id}:{auction.version}", auction.id)], now)
    hold.state, hold.amount_cents, hold.turn = "active", amount_cents, hold.turn + 1
    session.flush()
