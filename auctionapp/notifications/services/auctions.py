"""Telling people how their bids, lots and payments fare, in transactions of their own after the fact."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Executable, bindparam, select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.auctions.models import Auction, Bid, SecondChance
from auctionapp.clock import Clock, database_clock
from auctionapp.events import NoticesCreated, announce
from auctionapp.extensions import UtcDateTime
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services.writing import notify
from auctionapp.wallet.models import Payment


def tell_outbid(lost_leads: Iterable[tuple[int, int, int, int]], site: Site, currency: str,
                clock: Clock = database_clock) -> None:
    """Tell people who lost the lead: auction, person, the bid that lost it, and the auction's version after it.

    Only the last loss of each person on each auction is told, and none to whoever leads again. An older unread
    notice of the same gives way to the newer, and to leading again.
    """
    last = {(auction_id, user_id): (bid_id, version) for auction_id, user_id, bid_id, version in lost_leads}
    auction_ids = {auction_id for auction_id, _ in last}

    def work(session: Session) -> None:
        lots = {lot.id: lot for lot in session.connection().execute(
            _open_lots(session.get_bind().dialect.name), {"auctions": sorted(auction_ids)})}
        now = clock.now(session)
        losers = sorted(pair for pair in last if pair[0] in lots and lots[pair[0]].leader_id != pair[1])
        _mark_answered(session, [*losers, *sorted((lot.id, lot.leader_id) for lot in lots.values())], now)
        notify(session, [
            words.outbid(words.Lot(auction_id, lots[auction_id].title, lots[auction_id].price_cents, currency),
                         user_id, *last[auction_id, user_id])
            for auction_id, user_id in losers], site, now)

    transaction.write(work)


def answer_outbid(auction_id: int, clock: Clock = database_clock) -> None:
    """Somebody leads again because others' bids went: what told them that they were outbid is answered."""

    def work(session: Session) -> None:
        leader_id = session.scalar(select(Auction.leader_id).where(Auction.id == auction_id))
        if leader_id is not None:
            _mark_answered(session, [(auction_id, leader_id)], clock.now(session))

    transaction.write(work)


@lru_cache
def _open_lots(dialect: str) -> Executable:
    return select(Auction.id, Auction.title, Auction.price_cents, Auction.leader_id).where(
        bulk.among(Auction.id, "auctions", dialect), Auction.state == "open")


@lru_cache
def _answer(dialect: str) -> Executable:
    return update(Notice.__table__).where(
        Notice.kind == "outbid", Notice.read_at.is_(None),
        bulk.pairs_among((Notice.auction_id, Notice.user_id), "pairs", dialect)
    ).values(read_at=bindparam("now", type_=UtcDateTime)).returning(Notice.user_id)


def _mark_answered(session: Session, pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Outbid notices of these auctions and people have been overtaken: their counters fall."""
    if not pairs:
        return
    connection = session.connection()
    dialect = connection.dialect.name
    values = bulk.pair_values("pairs", pairs, dialect)
    people = {user_id for user_id, in connection.execute(_answer(dialect), values | {"now": now})}
    if people:
        announce(session, NoticesCreated((), tuple(sorted(people))))


def tell_closed(auction_id: int, site: Site, currency: str, clock: Clock = database_clock) -> set[str]:
    """Tell winner, seller and everybody else with a bid how an auction ended (R7). Returns the keys of new notices."""

    def work(session: Session) -> set[str]:
        auction = session.execute(
            select(Auction.id, Auction.title, Auction.state, Auction.seller_id, Auction.leader_id, Auction.bid_count,
                   Auction.hammer_price_cents).where(Auction.id == auction_id)).first()
        if auction is None or auction.state not in ("sold", "unsold"):
            return set()
        sold = auction.state == "sold"
        bidders = _bidders(session, auction_id)
        lot = words.Lot(auction.id, auction.title, auction.hammer_price_cents, currency)
        notices = [words.lost(lot, bidder, sold) for bidder in bidders if not (sold and bidder == auction.leader_id)]
        if sold:
            notices += [words.won(lot, auction.leader_id), words.sold(lot, auction.seller_id)]
        else:
            notices.append(words.unsold(lot, auction.seller_id, bool(auction.bid_count)))
        return notify(session, notices, site, clock.now(session))

    return transaction.write(work)


def tell_reserve_reached(auction_id: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell everybody with a bid that the seller lowered the reserve and it is met now (R4)."""

    def work(session: Session) -> None:
        auction = session.execute(
            select(Auction.id, Auction.title, Auction.price_cents)
            .where(Auction.id == auction_id, Auction.state == "open", Auction.price_cents.is_not(None))).first()
        if auction is None:
            return
        lot = words.Lot(auction.id, auction.title, auction.price_cents, currency)
        notify(session, [words.reserve_reached(lot, bidder) for bidder in _bidders(session, auction_id)], site,
               clock.now(session))

    transaction.write(work)


def tell_passed_over(auction_id: int, user_ids: Sequence[int], site: Site, currency: str,
                     clock: Clock = database_clock) -> None:
    """Tell those whose bids would lead again, had their money been there (R10)."""

    def work(session: Session) -> None:
        auction = session.get(Auction, auction_id, populate_existing=True)
        if auction is not None:
            lot = words.Lot(auction.id, auction.title, auction.price_cents, currency)
            notify(session, [words.passed_over(lot, user_id) for user_id in user_ids], site, clock.now(session))

    transaction.write(work)


def tell_stopped(auction_id: int, version: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell the seller and everybody with a bid that the house suspended or withdrew a lot, or lets it go on."""

    def work(session: Session) -> None:
        auction = session.get(Auction, auction_id, populate_existing=True)
        if auction is None or auction.state not in words.STOPPED:
            return
        lot = words.Lot(auction.id, auction.title, auction.price_cents, currency)
        bidders = session.scalars(select(Bid.bidder_id).where(
            Bid.auction_id == auction_id, Bid.state != "retracted").distinct().order_by(Bid.bidder_id)).all()
        notify(session, [words.stopped(lot, user_id, auction.state, auction.ended_reason or "", version)
                         for user_id in dict.fromkeys([auction.seller_id, *bidders])], site, clock.now(session))

    transaction.write(work)


def tell_ended_early(auction_id: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell everybody with a bid that the seller ended a lot before its time (R9)."""

    def work(session: Session) -> None:
        auction = session.get(Auction, auction_id, populate_existing=True)
        if auction is None or auction.state != "cancelled":
            return
        lot = words.Lot(auction.id, auction.title, auction.price_cents, currency)
        bidders = session.scalars(select(Bid.bidder_id).where(
            Bid.auction_id == auction_id, Bid.state != "retracted").distinct().order_by(Bid.bidder_id)).all()
        notify(session, [words.ended_early(lot, bidder, auction.ended_reason or "") for bidder in bidders], site,
               clock.now(session))

    transaction.write(work)


def tell_second_chance(offer_id: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell bidder or seller what became of a second-chance offer (R4), as it stands now."""

    def work(session: Session) -> None:
        made = session.get(SecondChance, offer_id, populate_existing=True)
        if made is None:
            return
        auction = session.get_one(Auction, made.auction_id)
        lot = words.Lot(auction.id, auction.title, made.amount_cents, currency)
        notify(session, words.second_chance(lot, made.id, made.state, made.bidder_id, auction.seller_id), site,
               clock.now(session))

    transaction.write(work)


def _bidders(session: Session, auction_id: int) -> Sequence[int]:
    return session.scalars(
        select(Bid.bidder_id).where(Bid.auction_id == auction_id, Bid.state == "standing").distinct()
        .order_by(Bid.bidder_id)).all()


def tell_payment(payment_id: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell a person how a deposit or withdrawal ended (R14)."""

    def work(session: Session) -> None:
        paid = session.get(Payment, payment_id, populate_existing=True)
        if paid is None or paid.state == "pending":
            return
        notify(session, [words.payment(paid.id, paid.user_id, paid.kind, paid.state == "completed", paid.amount_cents,
                                       currency)], site, clock.now(session))

    transaction.write(work)
