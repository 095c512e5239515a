"""Reminders of the end of watched lots: an hour and ten minutes before it, once for each person, lot and end.

A reminder belongs to the end that the lot would have without its soft close (`first_ends_at`): what bids near the end
add (R5) is reminded of no more, or a contest of bids would ring for everybody who watches. An end that the seller or
the house has moved is another end, with reminders of its own. When a reminder is due is counted from the effective
end, which its words name. Notice, mail and the mark on the watch are one transaction, so that a process that dies
leaves all of it or nothing, and the next round goes on.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, func, or_, select, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Watch
from auctionapp.clock import Clock, database_clock
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.services.writing import notify

HOUR, MINUTES = timedelta(hours=1), timedelta(minutes=10)
AT_ONCE = 500


@dataclass(frozen=True)
class House:
    """What the words of a reminder need of the settings."""

    site: Site
    currency: str
    time_zone: str
    """Of people who have chosen none."""


def remind(house: House, clock: Clock = database_clock) -> int:
    """Tell those whose watched lots end soon; returns how many were told. Several processes may run it at once."""
    told = 0
    while True:
        looked_at, new = _round(house, clock)
        told += new
        if looked_at < AT_ONCE:
            return told


def _round(house: House, clock: Clock) -> tuple[int, int]:
    def work(session: Session) -> tuple[int, int]:
        now = clock.now(session)
        due = _due(session, now)
        notices = [_words(row, now, house) for row in due if _is_in_time(row, now)]
        new = notify(session, notices, house.site, now)
        _mark(session, due, now)
        return len(due), len(new)

    return transaction.write(work)


def _due(session: Session, now: datetime) -> list[Row[Any]]:
    """Watches whose reminder stands out, locked; those that another process holds are left to it."""
    end = func.coalesce(Auction.first_ends_at, Auction.ends_at)
    soon = now + MINUTES
    columns: list[Any] = [
        Watch.user_id, Watch.auction_id, Watch.created_at, Auction.title, Auction.price_cents, Auction.starting_price_cents,
        Auction.starts_at, Auction.ends_at, (Auction.leader_id == Watch.user_id).label("leads"), end.label("end"),
        User.time_zone, User.blocked_at]
    return list(session.execute(
        select(*columns).join(Auction, Auction.id == Watch.auction_id).join(User, User.id == Watch.user_id)
        .where(Auction.state == "open", Auction.ends_at > now, Auction.ends_at <= now + HOUR,
               or_(and_(Auction.ends_at > soon, Watch.hour_told_of.is_distinct_from(end)),
                   and_(Auction.ends_at <= soon, Watch.minutes_told_of.is_distinct_from(end))))
        .order_by(Auction.ends_at, Watch.auction_id, Watch.user_id).limit(AT_ONCE)
        .with_for_update(of=Watch, skip_locked=True)).all())


def _lead(row: Row[Any], now: datetime) -> timedelta:
    return HOUR if row.ends_at > now + MINUTES else MINUTES


def _is_in_time(row: Row[Any], now: datetime) -> bool:
    """Whoever began to watch after the moment, or a lot that began after it, needs no word of it."""
    moment = row.ends_at - _lead(row, now)
    return row.blocked_at is None and row.created_at <= moment and row.starts_at <= moment


def _words(row: Row[Any], now: datetime, house: House) -> words.Notice:
    lead = _lead(row, now)
    price = row.starting_price_cents if row.price_cents is None else row.price_cents
    return words.ending(
        words.Lot(row.auction_id, row.title, price, house.currency), row.user_id, row.ends_at, row.ends_at - now,
        ZoneInfo(row.time_zone or house.time_zone), has_bids=row.price_cents is not None, leads=bool(row.leads),
        key=f"{lead // timedelta(minutes=1)}:{row.end:%Y%m%d%H%M%S}")


def _mark(session: Session, due: list[Row[Any]], now: datetime) -> None:
    """So that these come no more for the end that was read, also where no word was needed."""
    by_lot: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in due:
        by_lot[row.auction_id].append(row)
    for auction_id, rows in by_lot.items():
        column = "hour_told_of" if _lead(rows[0], now) == HOUR else "minutes_told_of"
        session.execute(
            update(Watch).where(Watch.auction_id == auction_id, Watch.user_id.in_([row.user_id for row in rows]))
            .values({column: rows[0].end}).execution_options(synchronize_session=False))
