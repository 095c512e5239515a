"""What a bidder's year looked like: lots entered, won and lost, sums bid, held and spent, by month and by category.

A lot counts as entered in the month of the first bid, with the highest own bid; as won or lost in the month of its
close. What was held and spent is read from the ledger, in the month of the transfer.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, select

from auctionapp.auctions.models import Auction, Category
from auctionapp.auctions.queries.own_bids import is_lost, is_won, own_bids
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
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_NAMES = tuple(field.name for field in fields(Figures))
NOTHING = Figures()


@dataclass(frozen=True)
class Year:
    """Figures of consecutive months, of the categories in them, and of all together; and how it stands now."""

    months: list[Figures]
    categories: dict[str, Figures]
    """By name, what most was bid on first."""
    total: Figures
    running: int
    """Lots on which a bid of the viewer stands now."""
    ever: bool
    """Whether the viewer has bid at all, in these months or not."""


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
    """The figures of consecutive months of the viewer, in two statements."""
    values = {"viewer_id": viewer_id} | {f"begin_{place}": month.begin for place, month in enumerate(months)}
    values[f"begin_{len(months)}"] = months[-1].after.begin
    by_month = [Figures() for _ in months]
    by_category: dict[str, Figures] = defaultdict(Figures)
    total = Figures()
    running, ever = 0, False

    def count(place: int, category: str, found: Figures) -> None:
        if 0 <= place < len(months) and found != NOTHING:
            for figures in (by_month[place], by_category[category], total):
                figures.add(found)

    for row in db.session.execute(_lots(len(months)), values):
        ever = True
        running += int(row.running)
        count(row.entered, row.name, Figures(entered=row.lots, bid_cents=int(row.own_cents)))
        count(row.decided, row.name, Figures(won=int(row.won), lost=int(row.lost)))
    for row in db.session.execute(_moved(len(months)), values):
        count(row.place, row.name, Figures(held_cents=int(row.held), spent_cents=int(row.spent)))
    return Year(by_month, dict(sorted(by_category.items(), key=lambda pair: (-pair[1].bid_cents, pair[0]))), total,
                running, ever)


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


def _month_of(moment: Any, months: int) -> Any:
    """The number of the month that a moment falls into; -1 before the first, `months` after the last and for none."""
    return case(*((moment < _begin(number), number - 1) for number in range(months + 1)), else_=months)


def _sums(found: Any, *names: str) -> list[Any]:
    return [func.sum(found.c[name]).label(name) for name in names]


def _lots(months: int) -> Select[Any]:
    """All lots of the viewer by the months of entering and of the close, and by category.

    Over a subquery: a database does not know the same parameters in GROUP BY again.
    """
    own = own_bids().subquery()
    running = and_(Auction.state.in_(("open", "suspended")), own.c.standing_cents.is_not(None))
    columns: list[Any] = [
        _month_of(own.c.entered_at, months).label("entered"), _month_of(Auction.closed_at, months).label("decided"),
        Auction.category_id, own.c.own_cents, *(
            case((condition, 1), else_=0).label(name)
            for name, condition in (("won", is_won()), ("lost", is_lost()), ("running", running)))]
    found = select(*columns).select_from(own).join(Auction, Auction.id == own.c.auction_id).subquery()
    grouped = [found.c.entered, found.c.decided, Category.name]
    return (select(*grouped, func.count().label("lots"), *_sums(found, "own_cents", "won", "lost", "running"))
            .join(Category, Category.id == found.c.category_id).group_by(*grouped))


def _moved(months: int) -> Select[Any]:
    """Holds leave what is available, captures leave what is held."""
    own = select(Account.id).where(Account.owner_id == bindparam("viewer_id"), Account.kind.in_(("available", "held")))
    columns: list[Any] = [_month_of(Transfer.created_at, months).label("place"), Auction.category_id, *(
        case((Transfer.kind == kind, Transfer.amount_cents), else_=0).label(name)
        for name, kind in (("held", "hold"), ("spent", "capture")))]
    found = (select(*columns).join(Auction, Auction.id == Transfer.auction_id)
             .where(Transfer.debit_account_id.in_(own), Transfer.kind.in_(("hold", "capture")),
                    Transfer.created_at >= _begin(0), Transfer.created_at < _begin(months)).subquery())
    return (select(found.c.place, Category.name, *_sums(found, "held", "spent"))
            .join(Category, Category.id == found.c.category_id).group_by(found.c.place, Category.name))
