"""What a seller's sold lots brought, by month of the seller's zone: read from the transfers, so that the wallet says the same."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, case, cast, func, select, union_all

from auctionapp.extensions import db
from auctionapp.wallet.models import Account, Transfer


@dataclass(frozen=True)
class Month:
    """Sums in cents of the lots that were settled in it."""

    first: datetime
    sold: int
    hammer_cents: int
    fee_cents: int

    @property
    def income_cents(self) -> int:
        return self.hammer_cents - self.fee_cents

    @property
    def label(self) -> str:
        return f"{self.first:%b %Y}"


def months(seller_id: int, year: int, zone: ZoneInfo) -> list[Month]:
    """The twelve months of a year, also those without a sale."""
    starts = [datetime(year, month, 1, tzinfo=zone) for month in range(1, 13)]
    bounds = [*(start.astimezone(UTC) for start in starts), datetime(year + 1, 1, 1, tzinfo=zone).astimezone(UTC)]
    number = case(*((Transfer.created_at < bound, month) for month, bound in enumerate(bounds[1:-1], start=1)), else_=12)
    account_id = select(Account.id).where(Account.owner_id == seller_id, Account.kind == "available").scalar_subquery()
    moved = union_all(*(
        select(number.label("month"), Transfer.kind, Transfer.amount_cents).where(
            side == account_id, Transfer.kind == kind, Transfer.created_at >= bounds[0], Transfer.created_at < bounds[-1])
        for side, kind in ((Transfer.credit_account_id, "payout"), (Transfer.debit_account_id, "fee")))).subquery()
    found = {(row.month, row.kind): (row.lots, row.cents) for row in db.session.execute(
        select(moved.c.month, moved.c.kind, func.count().label("lots"),
               cast(func.sum(moved.c.amount_cents), BigInteger).label("cents")).group_by(moved.c.month, moved.c.kind))}
    none = (0, 0)
    return [Month(start, *found.get((month, "payout"), none), found.get((month, "fee"), none)[1])
            for month, start in enumerate(starts, start=1)]


def first_sale(seller_id: int) -> datetime | None:
    """When the first lot was settled."""
    return db.session.scalar(
        select(func.min(Transfer.created_at)).join(Account, Account.id == Transfer.credit_account_id)
        .where(Account.owner_id == seller_id, Account.kind == "available", Transfer.kind == "payout"))
