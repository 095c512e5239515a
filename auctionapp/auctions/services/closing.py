"""The close (R7): decide the result and settle, once, whatever happens.

A scheduled job closes each auction at its effective end; the sweep closes what a lost job, a flushed Redis or a
dead scheduler missed. Both look at the database again under the auction's lock, so they may run twice or at once.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import events, topics, transaction
from auctionapp.auctions import rules
from auctionapp.auctions.models import Auction, HouseSettings
from auctionapp.auctions.representation import auction_json
from auctionapp.clock import Clock, database_clock, rfc3339
from auctionapp.money import share
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Hold

log = logging.getLogger(__name__)

OUTAGE = timedelta(minutes=2)
"""A longer gap between two sweeps is an outage (R7)."""
OUTAGE_EXTENSION = timedelta(minutes=10)
CLOSED_AT_ONCE = 200


def close(auction_id: int, clock: Clock = database_clock) -> bool:
    """Decide an auction whose end has come; return whether this call did it.

    Nothing happens when it is not open, its end has moved on, or an outage hides its end from the sweep (R7).
    """
    return transaction.write(lambda session: _close(session, auction_id, clock))


def _close(session: Session, auction_id: int, clock: Clock) -> bool:
    auction = lock_auction(session, auction_id)
    if auction is None or auction.state != "open":
        return False
    house = session.scalars(select(HouseSettings)).one()
    sold = auction.leader_id is not None and rules.reserve_met(
        auction.reserve_price_cents, auction.leader_maximum_cents) is not False
    accounts = lock_accounts(session, auction, sold)
    now = clock.now(session)
    if auction.ends_at > now or (house.last_sweep_at and now - house.last_sweep_at > OUTAGE):
        return False
    if sold:
        settle(session, auction, accounts, house.commission_basis_points, auction.price_cents, now)
    else:
        release_hold(session, auction, accounts, now)
        auction.state = "unsold"
    decided(session, auction, now)
    return True


def decided(session: Session, auction: Auction, now: datetime) -> None:
    """The end of every close: stamp it, tell the streams, announce it. Its new state is set."""
    auction.closed_at = now
    auction.version += 1
    session.flush()
    tell(session, auction, "closed", auction_json(auction, now=now), now)
    events.announce(session, events.AuctionClosed(auction.id))


def lock_auction(session: Session, auction_id: int) -> Auction | None:
    """The auction's row, locked and read anew (fault 3)."""
    return session.scalars(
        select(Auction).where(Auction.id == auction_id).with_for_update(of=Auction)
        .execution_options(populate_existing=True)
    ).first()


def lock_accounts(session: Session, auction: Auction, sold: bool) -> ledger.Accounts:
    """The accounts that a close concerns: the leader's and, for a sale, the seller's and the house's."""
    people = [auction.leader_id] if auction.leader_id else []
    if sold:
        ledger.ensure_accounts(session, auction.seller_id)
        people.append(auction.seller_id)
    return ledger.lock_accounts(session, people, house=["escrow", "fees"] if sold else [])


def _active_hold(session: Session, auction: Auction) -> Hold:
    return session.scalars(
        select(Hold).where(Hold.auction_id == auction.id, Hold.state == "active")
        .execution_options(populate_existing=True)
    ).one()


def settle(session: Session, auction: Auction, accounts: ledger.Accounts, commission_basis_points: int,
           hammer: int | None, now: datetime) -> None:
    """Sell to the leader for `hammer` cents, which the active hold covers: held → escrow, the rest of the hold
    released; escrow → seller, less the commission (R13). The auction and the accounts are locked."""
    hold = _active_hold(session, auction)
    winner, seller = auction.leader_id, auction.seller_id
    assert hammer is not None
    fee = share(hammer, commission_basis_points)
    held, escrow = accounts.id(winner, "held"), accounts.id(None, "escrow")
    income = accounts.id(seller, "available")
    movements = [
        ledger.Movement(held, escrow, hammer, "capture", f"capture:{auction.id}", auction.id),
        ledger.Movement(escrow, income, hammer, "payout", f"payout:{auction.id}", auction.id),
    ]
    if rest := hold.amount_cents - hammer:
        movements.append(ledger.Movement(held, accounts.id(winner, "available"), rest, "release",
                                         hold.release_key, auction.id))
    if fee:
        movements.append(ledger.Movement(income, accounts.id(None, "fees"), fee, "fee", f"fee:{auction.id}", auction.id))
    ledger.post(session, movements, now)
    hold.state = "captured"
    auction.state, auction.hammer_price_cents = "sold", hammer
    auction.winning_bid_id = auction.leading_bid_id
    events.announce(session, events.WalletChanged((winner, seller)))


def release_hold(session: Session, auction: Auction, accounts: ledger.Accounts, now: datetime) -> None:
    """Give the leader's whole hold back, where somebody leads. The auction and the leader's accounts are locked."""
    if auction.leader_id is None:
        return
    hold = _active_hold(session, auction)
    ledger.post(session, [ledger.Movement(
        accounts.id(auction.leader_id, "held"), accounts.id(auction.leader_id, "available"), hold.amount_cents,
        "release", hold.release_key, auction.id)], now)
    hold.state = "released"
    events.announce(session, events.WalletChanged((auction.leader_id,)))


def tell(session: Session, auction: Auction, kind: str, payload: dict, now: datetime) -> None:
    """Append an event to the auction's topic. The auction is locked."""
    auction.topic_sequence += 1
    topics.record(session, [{"topic": topics.auction_topic(auction.id), "sequence": auction.topic_sequence,
                             "kind": kind, "payload": payload}], now)


def sweep(clock: Clock = database_clock) -> int:
    """Stamp the time, move ends that an outage hid (R7), close all that is due; return how many were closed."""
    transaction.write(lambda session: _stamp(session, clock))
    return close_due(clock)


def _stamp(session: Session, clock: Clock) -> None:
    house = session.scalars(select(HouseSettings).with_for_update().execution_options(populate_existing=True)).one()
    now = clock.now(session)
    last, house.last_sweep_at = house.last_sweep_at, now
    if last is None or now - last <= OUTAGE:
        return
    log.warning("No sweep from %s to %s: open auctions that ended in between are extended (R7)", last, now)
    hidden = session.scalars(
        select(Auction.id).where(Auction.state == "open", Auction.ends_at > last, Auction.ends_at <= now).order_by(Auction.id)
    ).all()
    for auction_id in hidden:
        auction = lock_auction(session, auction_id)
        if auction is None or auction.state != "open" or not last < auction.ends_at <= now:
            continue
        auction.ends_at = now + max(timedelta(seconds=auction.soft_close_seconds), OUTAGE_EXTENSION)
        auction.outage_extended = True
        auction.version += 1
        tell(session, auction, "extended", {"ends_at": rfc3339(auction.ends_at)}, now)
        events.announce(session, events.AuctionChanged(auction.id))
        events.announce(session, events.AuctionScheduled(auction.id))


def close_due(clock: Clock = database_clock) -> int:
    """Close every auction whose end has come, one transaction each: one that fails stops no other (fault 27)."""
    closed = 0
    for auction_id in transaction.write(lambda session: due_auctions(session, clock.now(session))):
        try:
            closed += close(auction_id, clock)
        except Exception:
            log.exception("Auction %s could not be closed; it is tried again later", auction_id)
            transaction.write(lambda session, auction_id=auction_id: _put_off(session, auction_id, clock.now(session)))
    return closed


def due_auctions(session: Session, now: datetime) -> list[int]:
    return list(session.scalars(
        select(Auction.id).where(Auction.state == "open", Auction.ends_at <= now,
                                 (Auction.close_again_at.is_(None)) | (Auction.close_again_at <= now))
        .order_by(Auction.ends_at).limit(CLOSED_AT_ONCE)
    ))


def _put_off(session: Session, auction_id: int, now: datetime) -> None:
    failures = session.scalar(select(Auction.close_failures).where(Auction.id == auction_id)) or 0
    pause = timedelta(seconds=min(2 ** failures, 300))
    session.execute(update(Auction).where(Auction.id == auction_id)
                    .values(close_failures=failures + 1, close_again_at=now + pause))
