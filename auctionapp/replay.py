"""Proof against the past: plays a file of real auctions through the real engine in a scratch database.

Each row's `bid` is the bidder's maximum, placed as an automatic bid at its own time (auction-rules, "Proof against
real auctions"). An auction that closes elsewhere than recorded is played again with a reserve at the recorded
price: a secret reserve explains a price that the bids alone do not.
"""

import csv
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from sqlalchemy import insert, select

from auctionapp import events, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Category
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.errors import BidTooLow, DomainError, OwnMaximumAgain
from auctionapp.extensions import db
from auctionapp.money import parse_amount
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Payment

OPENED = datetime(2003, 1, 1, tzinfo=UTC)
WALLET_CENTS = 10**11
COLUMNS = {"auction", "item", "duration_days", "bid_time_days", "bidder", "bid", "opening_bid", "closing_price"}


class UnreadableFile(ValueError):
    """The file is not one of past auctions; the text says where and why."""


@dataclass(frozen=True)
class PastBid:
    bidder: str
    maximum_cents: int
    placed_at: datetime


@dataclass(frozen=True)
class PastAuction:
    name: str
    item: str
    starting_price_cents: int
    closing_price_cents: int
    ends_at: datetime
    bids: list[PastBid]


@dataclass
class Tally:
    auctions: int = 0
    exact: int = 0
    by_reserve: int = 0
    own_maximum: int = 0
    below_minimum: int = 0
    other: int = 0
    bids: int = 0
    seconds: float = 0.0

    @property
    def line(self) -> str:
        refused = self.own_maximum + self.below_minimum + self.other
        return (f"{self.auctions} auctions: {self.exact} exact, {self.exact + self.by_reserve} exact or explained by a "
                f"reserve, {refused} refused ({self.own_maximum} own maximum again, {self.below_minimum} below the minimum)")


def replay(path: Path, progress: Callable[[Tally], None]) -> Tally:
    """Play all auctions of a file; `progress` is called after each. Raises UnreadableFile."""
    # Here, since the application's own wiring imports this module, and few processes need Alembic.
    from flask_migrate import upgrade

    from auctionapp import create_app

    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="gavel-replay-") as folder:
        app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/replay.sqlite3"})
        with app.app_context(), events.unheard():
            upgrade()
            house = _House()
            began = time.monotonic()
            for past in read(path):
                _play_twice(house, past, tally)
                tally.auctions += 1
                tally.seconds = time.monotonic() - began
                progress(tally)
                db.session.remove()
            db.engine.dispose()
    return tally


def _play_twice(house: "_House", past: PastAuction, tally: Tally) -> None:
    if house.play(past, None, tally) == past.closing_price_cents:
        tally.exact += 1
    elif house.play(past, past.closing_price_cents, Tally()) == past.closing_price_cents:
        tally.by_reserve += 1


class _House:
    """The scratch database's people and lots."""

    def __init__(self) -> None:
        self.people: dict[str, int] = {}
        self.category_id = db.session.scalar(select(Category.id).limit(1))
        self.seller_id = self._person("the seller")

    def play(self, past: PastAuction, reserve_cents: int | None, tally: Tally) -> int | None:
        """Play one auction to its close; the hammer price in cents, None when unsold."""
        bidders = {bid.bidder: self._bidder(bid.bidder) for bid in past.bids}
        auction_id = self._auction(past, reserve_cents)
        for bid in past.bids:
            tally.bids += 1
            try:
                bidding.place_bid(auction_id, bidding.Offer(bidders[bid.bidder], "auto", bid.maximum_cents),
                                  SetClock(bid.placed_at))
            except OwnMaximumAgain:
                tally.own_maximum += 1
            except BidTooLow:
                tally.below_minimum += 1
            except DomainError:
                tally.other += 1
        closing.close(auction_id, SetClock(past.ends_at))
        return db.session.scalar(select(Auction.hammer_price_cents).where(Auction.id == auction_id))

    def _auction(self, past: PastAuction, reserve_cents: int | None) -> int:
        def work(session):
            return session.execute(insert(Auction).values(
                seller_id=self.seller_id, title=past.item, category_id=self.category_id, state="open",
                starting_price_cents=past.starting_price_cents, reserve_price_cents=reserve_cents,
                increment_table_id=1, soft_close_seconds=0, starts_at=OPENED, ends_at=past.ends_at,
                first_ends_at=past.ends_at, created_at=OPENED, published_at=OPENED).returning(Auction.id)).scalar_one()

        return transaction.write(work)

    def _person(self, name: str) -> int:
        def work(session):
            return session.execute(insert(User).values(
                email=f"{len(self.people)}@replay.invalid", display_name=name[:60], password_hash="!", role="user",
                created_at=OPENED, confirmed_at=OPENED).returning(User.id)).scalar_one()

        return self.people.setdefault(name, transaction.write(work))

    def _bidder(self, name: str) -> int:
        return self.people[name] if name in self.people else self._fund(self._person(name))

    def _fund(self, person_id: int) -> int:
        def work(session):
            payment_id = session.execute(insert(Payment).values(
                user_id=person_id, kind="deposit", amount_cents=WALLET_CENTS, state="completed", gateway="operator",
                created_at=OPENED, finished_at=OPENED).returning(Payment.id)).scalar_one()
            ledger.ensure_accounts(session, person_id)
            accounts = ledger.lock_accounts(session, [person_id], house=["gateway"])
            ledger.post(session, [ledger.Movement(
                accounts.id(None, "gateway"), accounts.id(person_id, "available"), WALLET_CENTS, "deposit",
                f"deposit:{payment_id}", payment_id=payment_id)], OPENED)

        transaction.write(work)
        return person_id


def read(path: Path) -> Iterator[PastAuction]:
    """The auctions of a file, one at a time: rows of one auction stand together. Raises UnreadableFile."""
    seen: set[str] = set()
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if missing := COLUMNS - set(rows.fieldnames or ()):
            raise UnreadableFile(f"{path.name} lacks the columns {', '.join(sorted(missing))}.")
        for name, group in groupby(rows, key=itemgetter("auction")):
            if name in seen:
                raise UnreadableFile(f"Auction {name} is not in one piece (line {rows.line_num}): sort the file by auction.")
            seen.add(name)
            try:
                yield _past_auction(name, list(group))
            except (KeyError, TypeError, ValueError) as error:
                raise UnreadableFile(f"Auction {name} (before line {rows.line_num}): {error}") from error


def _past_auction(name: str, rows: list[dict[str, str]]) -> PastAuction:
    first = rows[0]
    ends_at = OPENED + timedelta(days=int(first["duration_days"]), seconds=1)
    bids = [PastBid(row["bidder"], _cents(row["bid"]), OPENED + timedelta(days=1) * _fraction(row["bid_time_days"]))
            for row in rows]
    return PastAuction(name, first["item"], _cents(first["opening_bid"]), _cents(first["closing_price"]), ends_at, bids)


def _fraction(text: str) -> float:
    return min(float(text), 3650.0)


def _cents(text: str) -> int:
    cents = parse_amount(text)
    if cents is None:
        raise ValueError(f"{text!r} is not an amount")
    return cents
