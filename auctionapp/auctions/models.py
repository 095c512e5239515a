"""Lots on sale, the bids on them and the public history."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from auctionapp.extensions import BigId, UtcDateTime, db


class HouseSettings(db.Model):
    """The one row of what an administrator decides for the whole house."""

    __tablename__ = "house_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_basis_points: Mapped[int] = mapped_column(server_default="500")
    """R13: what the house keeps of a hammer price; 500 is 5 %."""
    soft_close_seconds: Mapped[int] = mapped_column(server_default="120")
    soft_close_cap_seconds: Mapped[int] = mapped_column(server_default="3600")
    increment_table_id: Mapped[int] = mapped_column(ForeignKey("increment_tables.id"))
    last_sweep_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """R7: a gap since the last sweep shows an outage."""


class IncrementTable(db.Model):
    """A version of the house's increments (R1). Versions are never changed, only added."""

    __tablename__ = "increment_tables"

    id: Mapped[int] = mapped_column(primary_key=True)
    steps: Mapped[list[list[int | None]]] = mapped_column(JSON)
    """Pairs of (price up to, increment) in cents; the last pair has no limit."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Category(db.Model):
    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    """None at the top of the tree; a lot of a category is a lot of those above it."""
    position: Mapped[int] = mapped_column(server_default="0")
    """Among its siblings."""


class Tag(db.Model):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))


class AuctionTag(db.Model):
    __tablename__ = "auction_tags"

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True, index=True)


class AuctionImage(db.Model):
    __tablename__ = "auction_images"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    """Random, so that an address cannot be guessed; sizes are told apart by a suffix."""
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(server_default="0")


def search_text(title: str, description: str) -> str:
    """What the catalogue's search looks through: casefolded here, because SQLite folds ASCII letters only."""
    return f"{title}\n{description}".casefold()


def _search_text_of_insert(context: Any) -> str:
    given = context.get_current_parameters()
    return search_text(given["title"], given.get("description") or "")


class Auction(db.Model):
    """One lot on sale.

    `state` is `open` from publishing to the close: whether that is scheduled or live is said by `starts_at`
    alone (`rules.status`). `ends_at` is the effective end that everything reads (R5).
    """

    __tablename__ = "auctions"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'suspended', 'sold', 'unsold', 'cancelled')", name="state_known"),
        CheckConstraint("(state = 'sold') = (winning_bid_id IS NOT NULL)", name="sold_iff_winning_bid"),
        CheckConstraint("(state = 'sold') = (hammer_price_cents IS NOT NULL)", name="sold_iff_hammer_price"),
        CheckConstraint("(state IN ('sold', 'unsold', 'cancelled')) = (closed_at IS NOT NULL)", name="closed_iff_over"),
        CheckConstraint("state = 'draft' OR ends_at IS NOT NULL", name="published_has_end"),
        CheckConstraint("(leader_id IS NULL) = (leader_maximum_cents IS NULL)", name="leader_iff_maximum"),
        CheckConstraint("(leader_id IS NULL) = (price_cents IS NULL)", name="leader_iff_price"),
        CheckConstraint("price_cents <= leader_maximum_cents", name="price_within_maximum"),
        CheckConstraint("starting_price_cents > 0", name="starting_price_positive"),
        CheckConstraint("bid_step_cents > 0", name="bid_step_positive"),
        Index("ix_auctions_state_ends", "state", "ends_at"),
        Index("ix_auctions_state_published", "state", "published_at"),
        Index("ix_auctions_seller", "seller_id", "id"),
        Index("ix_auctions_seller_state", "seller_id", "state", "ends_at"),
        Index("uq_auctions_relisted_from", "relisted_from_id", unique=True),
        Index("ix_auctions_category", "category_id", "state", "ends_at"),
        Index("ix_auctions_featured", "featured_at",
              postgresql_where=text("featured_at IS NOT NULL"), sqlite_where=text("featured_at IS NOT NULL")),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    search_text: Mapped[str] = mapped_column(Text, default=_search_text_of_insert, server_default="", deferred=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    format: Mapped[str] = mapped_column(String(10), default="english", server_default="english")

    starting_price_cents: Mapped[int] = mapped_column(BigId)
    bid_step_cents: Mapped[int | None] = mapped_column(BigId)
    """The seller's own step; without one the house table decides (R1)."""
    reserve_price_cents: Mapped[int | None] = mapped_column(BigId)
    reserve_lowered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    increment_table_id: Mapped[int] = mapped_column(ForeignKey("increment_tables.id"))
    soft_close_seconds: Mapped[int] = mapped_column(default=120, server_default="120")
    soft_close_cap_seconds: Mapped[int] = mapped_column(default=3600, server_default="3600")

    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None in a draft: at once when published."""
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_seconds: Mapped[int | None] = mapped_column()
    """Of a draft whose end was given as a duration: counted from its start."""
    outage_extended: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    price_cents: Mapped[int | None] = mapped_column(BigId)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """In no index, like all that a bid changes: PostgreSQL then leaves the table's indexes alone (HOT). Whose lots these
    are, bidder_aliases finds."""
    leader_maximum_cents: Mapped[int | None] = mapped_column(BigId)
    leading_bid_id: Mapped[int | None] = mapped_column(BigId)
    """The bid that set the leader's present maximum."""
    bid_count: Mapped[int] = mapped_column(default=0, server_default="0")
    bid_number: Mapped[int] = mapped_column(default=0, server_default="0")
    """Number of the last accepted bid."""
    step_sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    alias_count: Mapped[int] = mapped_column(default=0, server_default="0")
    topic_sequence: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    winning_bid_id: Mapped[int | None] = mapped_column(BigId)
    hammer_price_cents: Mapped[int | None] = mapped_column(BigId)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_reason: Mapped[str | None] = mapped_column(String(500))
    """Why it was cancelled, suspended or ended early, for everybody to read (R9)."""
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its end moves by the time from here to the day it goes on."""
    featured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the house shows it on the home page."""
    relisted_from_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"))
    """The unsold lot that is offered here once more; each is relisted once."""
    close_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    close_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """After a close that failed: not before (fault 27)."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    category: Mapped[Category] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary="auction_tags", order_by="Tag.name")
    images: Mapped[list[AuctionImage]] = relationship(order_by="AuctionImage.position, AuctionImage.id")


class Bid(db.Model):
    """Every accepted offer with its private maximum; the public sees price steps only."""

    __tablename__ = "bids"
    __table_args__ = (
        CheckConstraint("kind IN ('manual', 'auto')", name="kind_known"),
        CheckConstraint("maximum_cents > 0", name="maximum_positive"),
        CheckConstraint("state IN ('standing', 'retracted', 'void')", name="state_known"),
        Index("uq_bids_auction_number", "auction_id", "number", unique=True),
        Index("ix_bids_bidder", "bidder_id", "auction_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    number: Mapped[int]
    bidder_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(6))
    maximum_cents: Mapped[int] = mapped_column(BigId)
    stopped_at_cents: Mapped[int | None] = mapped_column(BigId)
    """The price at which its bidder was blocked (R17): from then on it counts no further than to here."""
    state: Mapped[str] = mapped_column(String(10), default="standing", server_default="standing")
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PriceStep(db.Model):
    """One public row of the history: the visible price that it set, and why (R2)."""

    __tablename__ = "price_steps"
    __table_args__ = (
        CheckConstraint("kind IN ('manual', 'auto')", name="kind_known"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bid_id: Mapped[int] = mapped_column(BigId)
    """The accepted offer that caused it."""
    bidder_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    alias: Mapped[int]
    """N of "Bidder N" (R19)."""
    kind: Mapped[str] = mapped_column(String(6))
    amount_cents: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(20))
    is_offer: Mapped[bool] = mapped_column(Boolean)
    """A person's offer, which the count of bids counts; the system's answers are not."""
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BidderAlias(db.Model):
    """Who is "Bidder 3" on this auction (R19)."""

    __tablename__ = "bidder_aliases"
    __table_args__ = (Index("uq_bidder_aliases_alias", "auction_id", "alias", unique=True),)

    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    alias: Mapped[int]


class SecondChance(db.Model):
    """An unsold lot, offered to its highest bidder below the reserve (R4)."""

    __tablename__ = "second_chances"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="state_known"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_iff_not_open"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("offered_at < lapses_at", name="lapses_after_offer"),
        Index("ix_second_chances_auction", "auction_id", "id"),
        Index("uq_second_chances_standing", "auction_id", unique=True,
              postgresql_where=text("state IN ('open', 'accepted')"), sqlite_where=text("state IN ('open', 'accepted')")),
        Index("ix_second_chances_bidder", "bidder_id", "id"),
        Index("ix_second_chances_lapses", "lapses_at",
              postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
        Index("ix_second_chances_decided", "decided_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    bidder_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    amount_cents: Mapped[int] = mapped_column(BigId)
    at_maximum: Mapped[bool] = mapped_column(Boolean)
    """The amount is the bidder's maximum, which the seller does not see (R19) unless it is accepted."""
    state: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lapses_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Watch(db.Model):
    __tablename__ = "watches"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=text("CURRENT_TIMESTAMP"))
    hour_told_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The first end of which the reminder of an hour was told, or was not due; another end is reminded of anew."""
    minutes_told_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The same of the reminder of ten minutes."""


class SavedSearch(db.Model):
    """What somebody looks for again and again; an empty text filters nothing. The order is not a part of it."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("user_id", "words", "category", "tag", "status"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(40))
    tag: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
