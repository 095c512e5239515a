"""A month of a wallet as the ledger has it: what there was, every transfer that moved it, what there is then.

It is read from the transfers alone, so that opening balance, entries and closing balance add up to the cent: the
closing balance of a month is the opening balance of the next, and that of this month is the wallet's own.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, func, or_, select, true, tuple_, union_all

from auctionapp.clock import rfc3339
from auctionapp.extensions import BigId, UtcDateTime, db
from auctionapp.keyset import Key
from auctionapp.money import format_amount
from auctionapp.wallet.models import Account, Payment, Transfer
from auctionapp.wallet.queries import auctions

WORDS = {
    "deposit": "Deposit", "withdraw": "Withdrawal begun", "withdrawn": "Paid out", "withdraw_back": "Withdrawal came back",
    "hold": "Held", "release": "Released", "capture": "Bought", "payout": "Sold", "fee": "Fee", "adjustment": "Adjustment",
}
"""A transfer's kind, for whose wallet it moves."""


@dataclass(slots=True)  # frozen ones take several times as long to make, and a month may have thousands
class Balance:
    """Cents of a wallet's three accounts, or what is added to each."""

    available: int = 0
    held: int = 0
    withdrawing: int = 0

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(self.available + other.available, self.held + other.held, self.withdrawing + other.withdrawing)

    @property
    def total(self) -> int:
        return self.available + self.held + self.withdrawing


@dataclass(slots=True)
class Line:
    """One transfer, with the balance after it."""

    id: int
    created_at: datetime
    kind: str
    change: Balance
    after: Balance
    auction_id: int | None
    title: str | None
    reference: str | None
    reason: str | None

    @property
    def words(self) -> str:
        return WORDS[self.kind]


@dataclass(frozen=True)
class Month:
    """A month of the calendar in somebody's zone."""

    first: date
    zone: ZoneInfo

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> "Month":
        return cls(moment.astimezone(zone).date().replace(day=1), zone)

    @classmethod
    def read(cls, text: str, zone: ZoneInfo) -> "Month | None":
        """From `2026-11`; None for anything else."""
        year, _, month = text.partition("-")
        if not (text.isascii() and len(year) == 4 and len(month) == 2 and year.isdigit() and month.isdigit()
                and 1 <= int(month) <= 12 and 1900 <= int(year) <= 9000):
            return None
        return cls(date(int(year), int(month), 1), zone)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> "Month":
        year, month = (self.first.year - 1, 12) if self.first.month == 1 else (self.first.year, self.first.month - 1)
        return Month(date(year, month, 1), self.zone)

    @property
    def after(self) -> "Month":
        year, month = (self.first.year + 1, 1) if self.first.month == 12 else (self.first.year, self.first.month + 1)
        return Month(date(year, month, 1), self.zone)

    @property
    def begin(self) -> datetime:
        return datetime(self.first.year, self.first.month, 1, tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True)
class Statement:
    """A month, or one page of a long one: then the lines begin at what was carried over to it."""

    month: Month
    opening: Balance
    carried: Balance
    lines: list[Line]
    closing: Balance
    following: Key | None = None
    """Where the next page goes on; None on the last."""


def statement(user_id: int, month: Month, after: Key | None = None, limit: int | None = None) -> Statement:
    """A person's month, in three statements however much it holds; at most `limit` lines after a key."""
    own = {account.id: account.kind for account in db.session.execute(
        select(Account.id, Account.kind).where(Account.owner_id == user_id))}
    begin, end = month.begin, month.after.begin
    # With all lines of the month its closing balance follows from them.
    opening, carried, closing = _balances(own, begin, after, begin if limit is None else end)
    rows = _transfers(own, begin, after, end, limit)
    more = limit is not None and len(rows) > limit
    lines, balance = [], carried
    for id, debit_id, credit_id, cents, kind, auction_id, reason, created_at, title, reference in rows[:limit]:
        change = _change(own.get(debit_id), own.get(credit_id), cents)
        balance = balance + change
        lines.append(Line(id, created_at, kind, change, balance, auction_id, title, reference, reason))
    if limit is None:
        closing = balance
    return Statement(month, opening, carried, lines, closing, Key(lines[-1].created_at, lines[-1].id) if more else None)


def _balances(own: dict[int, str], begin: datetime, after: Key | None, end: datetime) -> list[Balance]:
    """The balances before a month, before a page of it, and after it."""
    if not own:
        return [Balance()] * 3
    moved = union_all(
        select(Transfer.credit_account_id.label("account_id"), Transfer.amount_cents.label("cents"), Transfer.created_at,
               Transfer.id).where(Transfer.credit_account_id.in_(own), Transfer.created_at < end),
        select(Transfer.debit_account_id, -Transfer.amount_cents, Transfer.created_at, Transfer.id)
        .where(Transfer.debit_account_id.in_(own), Transfer.created_at < end)).subquery()
    before_month = moved.c.created_at < begin
    before_page = before_month if after is None else or_(before_month, _place(moved.c) <= _bound(after))
    sums = db.session.execute(select(
        moved.c.account_id, *(func.coalesce(func.sum(moved.c.cents).filter(condition), 0)
                              for condition in (before_month, before_page, true()))).group_by(moved.c.account_id)).all()
    return [Balance(**{own[row[0]]: int(row[place]) for row in sums}) for place in (1, 2, 3)]


def _place(columns: Any) -> Any:
    return tuple_(columns.created_at, columns.id)


def _bound(key: Key) -> Any:
    return tuple_(bindparam(None, key.moment, type_=UtcDateTime), bindparam(None, key.id, type_=BigId))


def _transfers(own: dict[int, str], begin: datetime, after: Key | None, end: datetime,
               limit: int | None) -> Sequence[Row[Any]]:
    """The columns are in the order in which `statement` takes them."""
    if not own:
        return []
    found = (select(Transfer.id, Transfer.debit_account_id, Transfer.credit_account_id, Transfer.amount_cents, Transfer.kind,
                    Transfer.auction_id, Transfer.reason, Transfer.created_at, Transfer.payment_id)
             .where(or_(Transfer.debit_account_id.in_(own), Transfer.credit_account_id.in_(own)),
                    Transfer.created_at >= begin, Transfer.created_at < end)
             .order_by(Transfer.created_at, Transfer.id))
    if after is not None:
        found = found.where(_place(Transfer) > _bound(after))
    moved = (found if limit is None else found.limit(limit + 1)).subquery()
    columns: list[Any] = [*list(moved.c)[:-1], auctions.c.title, Payment.external_reference]
    return db.session.execute(
        select(*columns)
        .outerjoin(auctions, auctions.c.id == moved.c.auction_id).outerjoin(Payment, Payment.id == moved.c.payment_id)
        .order_by(moved.c.created_at, moved.c.id)).all()


def _change(debited: str | None, credited: str | None, cents: int) -> Balance:
    """Of the own accounts, by their kinds: two different ones, or one and somebody else's."""
    change = Balance()
    if debited is not None:
        setattr(change, debited, -cents)
    if credited is not None:
        setattr(change, credited, cents)
    return change


# -- as a table for programs -----------------------------------------------------------------------------------------

COLUMNS = ("time_utc", "time_local", "time_zone", "entry", "auction", "lot", "reference", "note", "available_change",
           "held_change", "paying_out_change", "available", "held", "paying_out", "currency")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets: people's words get an apostrophe before (OWASP, CSV injection)."""


def as_csv(paper: Statement, currency: str) -> str:
    """RFC 4180: amounts as decimals with a point, times in UTC and in the month's zone.

    The first line after the head is the opening balance, the last the closing balance.
    """
    zone, written = paper.month.zone, io.StringIO()
    writer = csv.writer(written)

    def times(moment: datetime) -> tuple[str, str, str]:
        return rfc3339(moment), moment.astimezone(zone).isoformat(), zone.key

    def balance(moment: datetime, words: str, cents: Balance) -> None:
        writer.writerow([*times(moment), words, "", "", "", "", "", "", "", *_amounts(cents), currency])

    writer.writerow(COLUMNS)
    balance(paper.month.begin, "Opening balance", paper.opening)
    writer.writerows(
        [*times(line.created_at), line.words, line.auction_id or "", _harmless(line.title), _harmless(line.reference),
         _harmless(line.reason), *_amounts(line.change), *_amounts(line.after), currency] for line in paper.lines)
    balance(paper.month.after.begin, "Closing balance", paper.closing)
    return written.getvalue()


def _amounts(balance: Balance) -> list[str]:
    return [format_amount(cents) for cents in (balance.available, balance.held, balance.withdrawing)]


def _harmless(words: str | None) -> str:
    words = words or ""
    return f"'{words}" if words.lstrip(" ").startswith(FORMULA) else words
