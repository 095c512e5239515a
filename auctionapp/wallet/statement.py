"""A month of a wallet as the ledger has it: what there was, every transfer that moved it, what there is then.

It is read from the transfers alone, so that opening balance, entries and closing balance add up to the cent: the
closing balance of a month is the opening balance of the next, and that of this month is the wallet's own.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, or_, select, union_all
from sqlalchemy.orm import aliased

from auctionapp.clock import rfc3339
from auctionapp.extensions import db
from auctionapp.money import format_amount
from auctionapp.wallet.models import PERSON_KINDS, Account, Payment, Transfer
from auctionapp.wallet.queries import auctions

WORDS = {
    "deposit": "Deposit", "withdraw": "Withdrawal begun", "withdrawn": "Paid out", "withdraw_back": "Withdrawal came back",
    "hold": "Held", "release": "Released", "capture": "Bought", "payout": "Sold", "fee": "Fee", "adjustment": "Adjustment",
}
"""A transfer's kind, for whose wallet it moves."""


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
    month: Month
    opening: Balance
    lines: list[Line]

    @property
    def closing(self) -> Balance:
        return self.lines[-1].after if self.lines else self.opening


def statement(user_id: int, month: Month) -> Statement:
    """A person's month, in three statements however much it holds."""
    own = {account.id: account.kind for account in db.session.execute(
        select(Account.id, Account.kind).where(Account.owner_id == user_id))}
    balance = opening = _opening(own, month.begin)
    lines = []
    for row in _transfers(own, month.begin, month.after.begin):
        change = _change(own, row)
        balance = balance + change
        lines.append(Line(row.id, row.created_at, row.kind, change, balance, row.auction_id, row.title,
                          row.external_reference, row.reason))
    return Statement(month, opening, lines)


def _opening(own: dict[int, str], begin: datetime) -> Balance:
    if not own:
        return Balance()
    moved = union_all(
        select(Transfer.credit_account_id.label("account_id"), Transfer.amount_cents.label("cents"))
        .where(Transfer.credit_account_id.in_(own), Transfer.created_at < begin),
        select(Transfer.debit_account_id, -Transfer.amount_cents)
        .where(Transfer.debit_account_id.in_(own), Transfer.created_at < begin)).subquery()
    sums = db.session.execute(select(moved.c.account_id, func.sum(moved.c.cents)).group_by(moved.c.account_id))
    return Balance(**{own[account_id]: int(cents) for account_id, cents in sums})


def _transfers(own: dict[int, str], begin: datetime, end: datetime) -> Iterable[Row[Any]]:
    if not own:
        return []
    payment = aliased(Payment)
    return db.session.execute(
        select(Transfer.id, Transfer.created_at, Transfer.kind, Transfer.amount_cents, Transfer.debit_account_id,
               Transfer.credit_account_id, Transfer.auction_id, auctions.c.title, payment.external_reference,
               Transfer.reason)
        .outerjoin(auctions, auctions.c.id == Transfer.auction_id).outerjoin(payment, payment.id == Transfer.payment_id)
        .where(or_(Transfer.debit_account_id.in_(own), Transfer.credit_account_id.in_(own)),
               Transfer.created_at >= begin, Transfer.created_at < end)
        .order_by(Transfer.created_at, Transfer.id))


def _change(own: dict[int, str], row: Row[Any]) -> Balance:
    change = dict.fromkeys(PERSON_KINDS, 0)
    for account_id, sign in ((row.debit_account_id, -1), (row.credit_account_id, 1)):
        if account_id in own:
            change[own[account_id]] += sign * row.amount_cents
    return Balance(**change)


# -- as a table for programs -----------------------------------------------------------------------------------------

COLUMNS = ("time_utc", "time_local", "time_zone", "entry", "auction", "lot", "reference", "note", "available_change",
           "held_change", "paying_out_change", "available", "held", "paying_out", "currency")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets: people's words get an apostrophe before (OWASP, CSV injection)."""


def as_csv(paper: Statement, currency: str) -> Iterator[str]:
    """RFC 4180, piece by piece: amounts as decimals with a point, times in UTC and in the month's zone.

    The first line after the head is the opening balance, the last the closing balance.
    """
    zone = paper.month.zone

    def row(moment: datetime, entry: str, change: Balance | None, balance: Balance, line: Line | None = None) -> str:
        changes = ["", "", ""] if change is None else _amounts(change)
        return _csv_line([
            rfc3339(moment), moment.astimezone(zone).isoformat(), zone.key, entry,
            str(line.auction_id or "") if line else "", _harmless(line.title) if line else "",
            _harmless(line.reference) if line else "", _harmless(line.reason) if line else "",
            *changes, *_amounts(balance), currency])

    yield _csv_line(COLUMNS)
    yield row(paper.month.begin, "Opening balance", None, paper.opening)
    for line in paper.lines:
        yield row(line.created_at, line.words, line.change, line.after, line)
    yield row(paper.month.after.begin, "Closing balance", None, paper.closing)


def _amounts(balance: Balance) -> list[str]:
    return [format_amount(cents) for cents in (balance.available, balance.held, balance.withdrawing)]


def _harmless(words: str | None) -> str:
    words = words or ""
    return f"'{words}" if words.lstrip(" ").startswith(FORMULA) else words


def _csv_line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
