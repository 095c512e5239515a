"""Figures over time for the dashboard: each a list of (moment, number) without gaps, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.auctions.queries.overdue import overdue_count
from auctionapp.extensions import db
from auctionapp.reports.models import Report
from auctionapp.wallet.models import Account

DAY, HOUR = 86_400, 3_600
DAYS, HOURS = 30, 24

Series = list[tuple[datetime, int]]


@dataclass(frozen=True)
class Now:
    """How the house stands; amounts in cents."""

    live: int
    people: int
    open_reports: int
    overdue: int
    suspended: int
    held_cents: int
    fees_cents: int


def now_figures(now: datetime) -> Now:
    """One statement, and one for what is overdue."""

    def number(table: Any, *conditions: Any) -> Any:
        return select(func.count()).select_from(table).where(*conditions).scalar_subquery()

    def balance(kind: str) -> Any:
        return select(func.coalesce(func.sum(Account.balance_cents), 0)).where(Account.kind == kind).scalar_subquery()

    row = db.session.execute(select(
        number(Auction, Auction.state == "open", Auction.starts_at <= now, Auction.ends_at > now), number(User),
        number(Report, Report.closed_at.is_(None)), number(Auction, Auction.state == "suspended"),
        balance("held"), balance("fees"))).one()
    return Now(row[0], row[1], row[2], overdue_count(db.session(), now), row[3], int(row[4]), int(row[5]))


def turnover(now: datetime) -> Series:
    """Hammer prices of each day, in cents."""
    begin = _begin(now, DAY, DAYS)
    day = _bucket(Auction.closed_at, DAY)
    # By the end, which an index knows; nothing closes before it.
    rows = db.session.execute(select(day, func.sum(Auction.hammer_price_cents)).where(
        Auction.state == "sold", Auction.ends_at >= begin - timedelta(days=1), Auction.closed_at >= begin).group_by(day))
    return _filled(rows.all(), begin, DAY, DAYS)


def live_auctions(now: datetime) -> Series:
    """How many lots were on sale at the end of each day."""
    begin = _begin(now, DAY, DAYS)
    over = func.coalesce(Auction.closed_at, Auction.suspended_at)
    published = Auction.published_at.is_not(None) | (Auction.state != "draft")
    started, ended = _bucket(Auction.starts_at, DAY), _bucket(over, DAY)
    opened = db.session.execute(select(started, func.count()).where(published, Auction.starts_at <= now).group_by(started)).all()
    closed = db.session.execute(select(ended, func.count()).where(
        published, Auction.starts_at <= now, over.is_not(None)).group_by(ended)).all()
    series = []
    for when, _ in _filled([], begin, DAY, DAYS):
        last = int(when.timestamp()) // DAY
        series.append((when, sum(count for day, count in opened if day <= last)
                       - sum(count for day, count in closed if day <= last)))
    return series


def bids(now: datetime) -> Series:
    """Bids of each hour of the last day."""
    begin = _begin(now, HOUR, HOURS)
    # Numbers rise with time: from the last bid before the day on, without looking at older ones.
    older = select(Bid.id).where(Bid.placed_at < begin).order_by(Bid.id.desc()).limit(1).scalar_subquery()
    hour = _bucket(Bid.placed_at, HOUR)
    rows = db.session.execute(select(hour, func.count()).where(Bid.id > func.coalesce(older, 0)).group_by(hour))
    return _filled(rows.all(), begin, HOUR, HOURS)


def new_people(now: datetime) -> Series:
    """People who came on each day."""
    begin = _begin(now, DAY, DAYS)
    day = _bucket(User.created_at, DAY)
    return _filled(db.session.execute(select(day, func.count()).where(User.created_at >= begin).group_by(day)).all(),
                   begin, DAY, DAYS)


def _bucket(column: Any, seconds: int) -> ColumnElement[int]:
    """The number of the day or hour since the epoch, in UTC."""
    if db.engine.dialect.name == "sqlite":
        return cast(func.strftime("%s", column), BigInteger) // seconds
    # date_part gives a float, which is quick to divide; extract a numeric, which is not.
    return cast(func.floor(func.date_part("epoch", column) / seconds), BigInteger)


def _begin(now: datetime, seconds: int, number: int) -> datetime:
    return datetime.fromtimestamp((int(now.timestamp()) // seconds - number + 1) * seconds, UTC)


def _filled(rows: Sequence[Any], begin: datetime, seconds: int, number: int) -> Series:
    found = {int(bucket): int(value) for bucket, value in rows if bucket is not None}
    first = int(begin.timestamp()) // seconds
    return [(begin + timedelta(seconds=seconds * place), found.get(first + place, 0)) for place in range(number)]
