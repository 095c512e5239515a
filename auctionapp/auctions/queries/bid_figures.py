"""What a bidder's year looked like: lots entered, won and lost, sums bid, held and spent, by month and by category.

A lot counts as entered in the month of the first bid, with the highest own bid; as won or lost in the month of its
close. What was held and spent is read from the ledger, in the month of the transfer.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, func, literal, select

from auctionapp.auctions.models import Auction, Category
from auctionapp.auctions.queries.own_bids import is_lost, is_won, own_bids
from auctionapp.auctions.rules import OVER
from auctionapp.extensions import UtcDateTime, db
from auctionapp.wallet.models import Account, Transfer
from auctionapp.wallet.statement import Month

COMPARED = 12


@dataclass
class Figures:
    """Numbers of lots, and sums in cents."""

    entered: int = 0
    won: int = 0
    lost: int = 0
    bid_cents: int = 0
    held_cents: int = 0
    spent_cents: int = 0

    def add(self, other: "Figures") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass(frozen=True)
class Year:
    """Figures of consecutive months, of the categories in them, and of all together."""

    months: list[Figures]
    categories: dict[str, Figures]
    """By name, what most was bid on first."""
    total: Figures


@dataclass(frozen=True)
class Compared:
    """The own maximum against the current price of a lot that runs; amounts in cents."""

    id: int
    title: str
    own_cents: int
    price_cents: int
    leads: bool

    @property
    def ahead_cents(self) -> int:
        """How far the own maximum is above the price; below it, negative."""
        return self.own_cents - self.price_cents


def year(viewer_id: int, months: Sequence[Month]) -> Year:
    """The figures of consecutive months of the viewer, in three statements."""
    values = {"viewer_id": viewer_id} | {f"begin_{place}": month.begin for place, month in enumerate(months)}
    values[f"begin_{len(months)}"] = months[-1].after.begin
    by_month = [Figures() for _ in months]
    by_category: dict[str, Figures] = defaultdict(Figures)
    total = Figures()

    def count(rows: Iterable[Row[Any]], *names: str) -> None:
        for place, category, *numbers in rows:
            found = Figures(**{name: int(number or 0) for name, number in zip(names, numbers, strict=True)})
            for figures in (by_month[place], by_category[category], total):
                figures.add(found)

    count(db.session.execute(_entered(len(months)), values), "entered", "bid_cents")
    count(db.session.execute(_decided(len(months)), values), "won", "lost")
    count(db.session.execute(_moved(len(months)), values), "held_cents", "spent_cents")
    return Year(by_month, dict(sorted(by_category.items(), key=lambda pair: (-pair[1].bid_cents, pair[0]))), total)


def compared(viewer_id: int) -> list[Compared]:
    """Lots that run and have a bid of the viewer, the next to end first."""
    own = own_bids().subquery()
    columns: list[Any] = [Auction.id, Auction.title, own.c.standing_cents, Auction.price_cents,
                          (Auction.leader_id == bindparam("viewer_id")).label("leads")]
    rows = db.session.execute(
        select(*columns).join(own, own.c.auction_id == Auction.id)
        .where(Auction.state == "open", own.c.standing_cents.is_not(None), Auction.price_cents.is_not(None))
        .order_by(Auction.ends_at, Auction.id).limit(COMPARED), {"viewer_id": viewer_id})
    return [Compared(row.id, row.title, row.standing_cents, row.price_cents, bool(row.leads)) for row in rows]


def _begin(place: int) -> Any:
    return bindparam(f"begin_{place}", type_=UtcDateTime)


def _in_months(moment: Any, months: int) -> tuple[Any, Any]:
    """The number of the month that a moment falls into, and that it falls into any."""
    place = case(*((moment < _begin(number + 1), number) for number in range(months)), else_=months).label("place")
    return place, and_(moment >= _begin(0), moment < _begin(months))


def _grouped(found: Any, *sums: str) -> Select[Any]:
    """Sums by month and category. Over a subquery: a database does not know the same parameters in GROUP BY again."""
    columns: list[Any] = [found.c.place, Category.name, *(func.sum(found.c[name]) for name in sums)]
    return (select(*columns).join(Category, Category.id == found.c.category_id)
            .group_by(found.c.place, Category.name))


def _entered(months: int) -> Select[Any]:
    own = own_bids().subquery()
    place, within = _in_months(own.c.entered_at, months)
    found = (select(place, Auction.category_id, literal(1).label("entered"), own.c.own_cents)
             .select_from(own).join(Auction, Auction.id == own.c.auction_id).where(within).subquery())
    return _grouped(found, "entered", "own_cents")


def _decided(months: int) -> Select[Any]:
    own = own_bids().subquery()
    place, within = _in_months(Auction.closed_at, months)
    found = (select(place, Auction.category_id, case((is_won(), 1), else_=0).label("won"),
                    case((is_lost(), 1), else_=0).label("lost"))
             .select_from(own).join(Auction, Auction.id == own.c.auction_id)
             .where(Auction.state.in_(OVER), within).subquery())
    return _grouped(found, "won", "lost")


def _moved(months: int) -> Select[Any]:
    """Holds leave what is available, captures leave what is held."""
    place, within = _in_months(Transfer.created_at, months)
    own = (select(Account.id).where(Account.owner_id == bindparam("viewer_id"), Account.kind.in_(("available", "held"))))
    found = (select(place, Auction.category_id,
                    case((Transfer.kind == "hold", Transfer.amount_cents), else_=0).label("held"),
                    case((Transfer.kind == "capture", Transfer.amount_cents), else_=0).label("spent"))
             .join(Auction, Auction.id == Transfer.auction_id)
             .where(Transfer.debit_account_id.in_(own), Transfer.kind.in_(("hold", "capture")), within).subquery())
    return _grouped(found, "held", "spent")
