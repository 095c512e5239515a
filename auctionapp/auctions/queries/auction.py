"""Everything that one auction's page shows, in two lean statements; broadcasts read the same without a viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Row, String, and_, bindparam, cast, exists, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import SellerBlock, User
from auctionapp.auctions import rules
from auctionapp.auctions.models import (
    Auction,
    AuctionImage,
    AuctionTag,
    Bid,
    BidderAlias,
    Category,
    IncrementTable,
    Tag,
    Watch,
)
from auctionapp.auctions.representation import alias_text
from auctionapp.extensions import db
from auctionapp.wallet.models import Account

QUICK_STEPS = (1, 2, 5)

_LeaderAlias = aliased(BidderAlias)
_a = Auction.__table__.c
_viewer = bindparam("viewer_id")

_public_columns = [
    *(column for column in _a if column.key != "search_text"),
    IncrementTable.steps.label("increments"),
    Category.slug.label("category_slug"), Category.name.label("category_name"),
    User.display_name.label("seller_name"), User.created_at.label("seller_since"),
    _LeaderAlias.alias.label("leader_alias"),
]
_viewer_columns = [
    select(BidderAlias.alias).where(BidderAlias.auction_id == _a.id, BidderAlias.user_id == _viewer)
    .scalar_subquery().label("own_alias"),
    select(func.max(Bid.maximum_cents)).where(
        Bid.auction_id == _a.id, Bid.bidder_id == _viewer, Bid.state == "standing")
    .scalar_subquery().label("own_maximum_cents"),
    select(Account.balance_cents).where(Account.owner_id == _viewer, Account.kind == "available")
    .scalar_subquery().label("available_cents"),
    exists().where(Watch.user_id == _viewer, Watch.auction_id == _a.id).label("watching"),
    exists().where(SellerBlock.seller_id == _a.seller_id, SellerBlock.bidder_id == _viewer).label("refused_by_seller"),
]
_nobodys_columns = [
    null().label("own_alias"), null().label("own_maximum_cents"), null().label("available_cents"),
    literal(False).label("watching"), literal(False).label("refused_by_seller"),
]


def _statement(columns: Sequence[Any]) -> Any:
    return (
        select(*_public_columns, *columns)
        .join(IncrementTable, IncrementTable.id == _a.increment_table_id)
        .join(Category, Category.id == _a.category_id)
        .join(User, User.id == _a.seller_id)
        .outerjoin(_LeaderAlias, and_(_LeaderAlias.auction_id == _a.id, _LeaderAlias.user_id == _a.leader_id))
        .where(_a.id == bindparam("auction_id"))
    )


_for_viewer = _statement(_viewer_columns)
_for_nobody = _statement(_nobodys_columns)
_lot_parts = union_all(
    select(literal("image").label("part"), AuctionImage.name, null().label("slug"), AuctionImage.width,
           AuctionImage.height, AuctionImage.position, AuctionImage.id)
    .where(AuctionImage.auction_id == bindparam("auction_id")),
    select(literal("tag"), cast(Tag.name, String), Tag.slug, null(), null(), literal(0), Tag.id)
    .join(AuctionTag, AuctionTag.tag_id == Tag.id).where(AuctionTag.auction_id == bindparam("auction_id")),
)


@dataclass(frozen=True)
class Panel:
    """One auction as its page shows it, to one viewer or to nobody in particular (a broadcast)."""

    row: Row
    viewer_id: int | None
    now: datetime

    def __getattr__(self, name: str) -> Any:
        """The row's public columns; what is secret has no way to a template but through the properties below."""
        if name.startswith("_") or name in ("leader_id", "leader_maximum_cents", "own_alias", "reserve_price_cents"):
            raise AttributeError(name)
        return getattr(self.row, name)

    @cached_property
    def terms(self) -> rules.Terms:
        return rules.Terms.of(self.row, self.row.increments)

    @property
    def standing(self) -> rules.Standing:
        """For judging an offer before it is sent; it knows the secret maximum and never goes to a template."""
        row = self.row
        return rules.Standing(row.ends_at, row.price_cents, row.leader_id, row.leader_maximum_cents)

    @cached_property
    def phase(self) -> str:
        """The status, and `confirming` from the end until the close has decided (R6)."""
        status = rules.status(self.row.state, self.row.starts_at, self.now)
        if status == "live" and self.now >= self.row.ends_at:
            return "confirming"
        return status

    @property
    def over(self) -> bool:
        return self.row.state in rules.OVER

    @property
    def is_seller(self) -> bool:
        return self.viewer_id is not None and self.viewer_id == self.row.seller_id

    @property
    def leader(self) -> str:
        return alias_text(self.row.leader_alias) if self.row.leader_alias else ""

    @property
    def own_alias(self) -> str:
        return alias_text(self.row.own_alias) if self.row.own_alias else ""

    @property
    def is_leader(self) -> bool:
        return self.viewer_id is not None and self.row.leader_id == self.viewer_id

    @property
    def role(self) -> str:
        """Which words of the state are for this viewer: leading, outbid or watching."""
        if self.is_leader:
            return "leading"
        return "outbid" if self.row.own_alias else "watching"

    @property
    def own_hold_cents(self) -> int:
        """R12: what is held from the viewer for this lot."""
        return self.row.leader_maximum_cents if self.is_leader and self.row.state == "open" else 0

    @property
    def available_cents(self) -> int:
        return self.row.available_cents or 0

    @cached_property
    def next_minimum_cents(self) -> int:
        return rules.next_minimum(self.terms, self.row.price_cents)

    @cached_property
    def quick_cents(self) -> list[tuple[int, int]]:
        """Pairs of (steps, amount): what one, two and five steps up come to."""
        amounts, price = [], self.row.price_cents
        for step in range(1, max(QUICK_STEPS) + 1):
            price = rules.next_minimum(self.terms, price)
            if step in QUICK_STEPS:
                amounts.append((step, price))
        return amounts

    @property
    def reserve_met(self) -> bool | None:
        return rules.reserve_met(self.row.reserve_price_cents, self.row.leader_maximum_cents)

    @property
    def sellers_reserve_cents(self) -> int | None:
        """The reserve, for its seller alone (R4)."""
        return self.row.reserve_price_cents if self.is_seller else None

    @property
    def extended_by(self) -> timedelta | None:
        row = self.row
        if row.ends_at is None or row.first_ends_at is None or row.ends_at <= row.first_ends_at:
            return None
        return row.ends_at - row.first_ends_at

    @cached_property
    def parts(self) -> Sequence[Row]:
        return sorted(
            db.session.connection().execute(_lot_parts, {"auction_id": self.row.id}), key=lambda part: (part.position, part.id))

    @property
    def images(self) -> list[Row]:
        return [part for part in self.parts if part.part == "image"]

    @property
    def tags(self) -> list[Row]:
        return sorted((part for part in self.parts if part.part == "tag"), key=lambda tag: tag.name)


def panel(auction_id: int, viewer_id: int | None, now: datetime) -> Panel | None:
    """The auction for its page, or None: there is none, or it is somebody else's draft."""
    connection = db.session.connection()  # below the ORM, which has nothing to add to a row that is only shown
    if viewer_id is None:
        row = connection.execute(_for_nobody, {"auction_id": auction_id}).first()
    else:
        row = connection.execute(_for_viewer, {"auction_id": auction_id, "viewer_id": viewer_id}).first()
    if row is None or (row.state == "draft" and row.seller_id != viewer_id):
        return None
    return Panel(row, viewer_id, now)
