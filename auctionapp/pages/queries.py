"""What the explaining pages read of the house: its settings and the increments in force."""

from dataclasses import dataclass

from sqlalchemy import select

from auctionapp.auctions.models import HouseSettings, IncrementTable
from auctionapp.extensions import db


@dataclass(frozen=True)
class House:
    """Amounts in cents, times in seconds, the commission in basis points (500 is 5 %)."""

    increments: list[list[int | None]]
    commission_basis_points: int
    soft_close_seconds: int
    soft_close_cap_seconds: int

    @property
    def commission_text(self) -> str:
        """Per cent without needless digits: "5" or "2.5"."""
        return f"{self.commission_basis_points / 100:.2f}".rstrip("0").rstrip(".")


def house() -> House:
    """The house as it stands now; new auctions take this increment table (R1)."""
    row = db.session.execute(
        select(HouseSettings.commission_basis_points, HouseSettings.soft_close_seconds,
               HouseSettings.soft_close_cap_seconds, IncrementTable.steps)
        .join(IncrementTable, IncrementTable.id == HouseSettings.increment_table_id)).one()
    return House(row.steps, row.commission_basis_points, row.soft_close_seconds, row.soft_close_cap_seconds)
