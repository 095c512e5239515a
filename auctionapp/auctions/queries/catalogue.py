"""Reads of the catalogue: one statement for the cards of a page, one for all counts beside it.

Only the columns of a card are read, never whole lots: the catalogue is the page that most people ask for.
"""

import time
from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Executable, Integer, Row, Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from auctionapp.auctions.models import Auction, AuctionImage, Category, Tag, Watch
from auctionapp.auctions.queries import filters
from auctionapp.auctions.rules import OVER
from auctionapp.extensions import UtcDateTime, db
from auctionapp.people.models import Follow

PER_PAGE = 24
QUERY_LENGTH = 100
STATUSES = ("live", "scheduled", "ended", "sold", "unsold", "draft")
SORTS = ("ending", "newest", "price", "-price", "bids")
ENDING_SOON = timedelta(hours=24)
NEW = timedelta(hours=24)


@dataclass(frozen=True)
class Wish:
    """What somebody looks for. Without a status: what is on sale, live or about to start."""

    words: str = ""
    category: str = ""
    tag: str = ""
    status: str = ""
    seller_id: int | None = None
    sort: str = ""

    def asked_words(self) -> list[str]:
        return filters.asked_words(self.words)

    @property
    def shape(self) -> "Shape":
        return Shape(len(self.asked_words()), bool(self.category), bool(self.tag), self.status,
                     self.seller_id is not None, self.sort)


class Shape(NamedTuple):
    """What of a wish decides its statement. Statements are built once a shape: that takes longer than running them."""

    words: int
    category: bool
    tag: bool
    status: str
    own: bool
    sort: str


@dataclass(frozen=True)
class Counts:
    """How many lots a wish finds, by status and by category; a lot counts for the categories above its own too."""

    total: int
    everywhere: int = 0
    """Of any category."""
    by_status: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)


CARD = (
    Auction.id, Auction.title, Auction.state, Auction.starting_price_cents, Auction.price_cents, Auction.bid_count,
    Auction.starts_at, Auction.ends_at, Auction.published_at, Auction.category_id,
    func.coalesce(Auction.price_cents, Auction.starting_price_cents).label("asked_cents"),
    case(
        (Auction.reserve_price_cents.is_(None), None),
        (Auction.leader_maximum_cents >= Auction.reserve_price_cents, "met"),
        else_="not met",
    ).label("reserve"),
)


def cards(wish: Wish, now: datetime, page: int = 1, per_page: int = PER_PAGE) -> Sequence[Row[Any]]:
    """The rows of one page, ready for its cards."""
    return db.session.execute(_cards(wish.shape), _values(wish, now) | page_values(page, per_page)).all()


def public_by_id(auction_ids: Collection[int]) -> Sequence[Row[Any]]:
    """The rows of these lots, as far as they are there and no drafts, in no order. None asks nothing."""
    if not auction_ids:
        return []
    return db.session.execute(_public_by_id(), {"ids": list(auction_ids)} | page_values(1, len(auction_ids))).all()


def watched(user_id: int, page: int = 1) -> Sequence[Row[Any]]:
    """What a person watches: on sale first, the next to end first."""
    return db.session.execute(_watched(), {"user_id": user_id} | page_values(page, PER_PAGE)).all()


def public_of_seller(seller_id: int, page: int = 1, per_page: int = PER_PAGE) -> Sequence[Row[Any]]:
    """What somebody sells or sold, as everybody may see it: on sale first, then the newest."""
    return db.session.execute(_public_of_seller(), {"seller_id": seller_id} | page_values(page, per_page)).all()


def public_count_of_seller(seller_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Auction).where(
        Auction.seller_id == seller_id, Auction.state != "draft")) or 0


@lru_cache(maxsize=256)
def _cards(shape: Shape) -> Select[Any]:
    found = select(*CARD).where(*_conditions(shape), *_of_status(shape), *_of_category(shape))
    return one_page(found, _order(shape))


@lru_cache(maxsize=1)
def _public_by_id() -> Select[Any]:
    found = select(*CARD).where(Auction.id.in_(bindparam("ids", expanding=True)), Auction.state != "draft")
    return one_page(found, [("id", False)])


@lru_cache(maxsize=1)
def _public_of_seller() -> Select[Any]:
    found = select(*CARD).where(Auction.seller_id == bindparam("seller_id"), Auction.state != "draft")
    return one_page(found, [("over", False), ("id", True)])


def featured(now: datetime, count: int) -> Sequence[Row[Any]]:
    """What the house has chosen for the home page and is on sale, the latest choice first."""
    return db.session.execute(_featured(), {"now": now} | page_values(1, count)).all()


@lru_cache(maxsize=1)
def _featured() -> Select[Any]:
    found = select(*CARD, Auction.featured_at).where(
        Auction.featured_at.is_not(None), Auction.state == "open", Auction.ends_at > _now)
    return one_page(found, [("featured_at", True), ("id", True)])


def of_followed(user_id: int, now: datetime, count: int) -> Sequence[Row[Any]]:
    """What the people whom somebody follows have on sale, the newest first."""
    return db.session.execute(_of_followed(), {"user_id": user_id, "now": now} | page_values(1, count)).all()


@lru_cache(maxsize=1)
def _of_followed() -> Select[Any]:
    followed = select(Follow.followed_id).where(Follow.follower_id == bindparam("user_id"))
    found = select(*CARD).where(Auction.seller_id.in_(followed), Auction.state == "open", Auction.ends_at > _now)
    return one_page(found, [("id", True)])


@lru_cache(maxsize=1)
def _watched() -> Select[Any]:
    found = (select(*CARD).join(Watch, Watch.auction_id == Auction.id)
             .where(Watch.user_id == bindparam("user_id"), Auction.state != "draft"))
    return one_page(found, [("over", False), ("ends_at", False), ("id", False)])


def one_page(found: Select[Any], order: Sequence[tuple[str, bool]]) -> Select[Any]:
    """One page of what was found. Category and picture are looked up for its rows alone, not for those before them."""
    lot = (found.order_by(*_ordered(found.selected_columns, order))
           .limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer)).subquery())
    picture = (select(AuctionImage.name).where(AuctionImage.auction_id == lot.c.id)
               .order_by(AuctionImage.position, AuctionImage.id).limit(1).scalar_subquery())
    rows: Select[Any] = select(*lot.c, Category.name.label("category"), picture.label("picture"))
    return rows.join(Category, Category.id == lot.c.category_id).order_by(*_ordered(lot.c, order))


def page_values(page: int, per_page: int) -> dict[str, int]:
    return {"limit": per_page, "offset": (page - 1) * per_page}


def _ordered(columns: Any, order: Sequence[tuple[str, bool]]) -> list[Any]:
    by_name = {"over": case((columns.state.in_(OVER), 1), else_=0)} | dict(columns.items())
    return [by_name[name].desc() if backwards else by_name[name].asc() for name, backwards in order]


def watched_count(user_id: int) -> int:
    return db.session.scalar(
        select(func.count()).select_from(Watch).join(Auction, Auction.id == Watch.auction_id)
        .where(Watch.user_id == user_id, Auction.state != "draft")) or 0


def watches(user_id: int, auction_id: int) -> bool:
    return db.session.get(Watch, (user_id, auction_id)) is not None


class Branch(NamedTuple):
    """A category in the order of the tree."""

    slug: str
    name: str
    depth: int

    @property
    def indented(self) -> str:
        """Its name as one line of a plain list."""
        return "\N{EM SPACE}" * self.depth + self.name


def categories(kept_seconds: float = 0) -> list[Branch]:
    """All categories in the house's order, each above those below it."""
    children: dict[int | None, list[Row]] = {}
    for row in _kept_or_read("categories", _categories, {}, kept_seconds):
        children.setdefault(row.parent_id, []).append(row)

    def grown(parent_id: int | None, depth: int) -> list[Branch]:
        return [branch for row in children.get(parent_id, ())
                for branch in (Branch(row.slug, row.name, depth), *grown(row.id, depth + 1))]

    return grown(None, 0)


_categories = (select(Category.id, Category.slug, Category.name, Category.parent_id)
               .order_by(Category.position, Category.id))


def tag_names(slugs: Collection[str]) -> dict[str, str]:
    return {row.slug: row.name for row in db.session.execute(select(Tag.slug, Tag.name).where(Tag.slug.in_(slugs)))}


def counts(wish: Wish, now: datetime, kept_seconds: float = 0) -> Counts:
    """The counts beside the filters, from one statement over what the words, tag and seller find.

    `kept_seconds` lets an answer serve the same wish again for so long: counts may be a few seconds old, the cards
    never are.
    """
    key = replace(wish, category="", status="", sort="")
    return _counted(wish, _kept_or_read(key, _facets(key.shape), _values(key, now), kept_seconds))


KEPT_AT_MOST = 500
_kept: dict[Hashable, tuple[float, Sequence[Row[Any]]]] = {}


def _kept_or_read(key: Hashable, statement: Executable, values: dict[str, Any],
                  kept_seconds: float) -> Sequence[Row[Any]]:
    kept = _kept.get(key)
    if kept_seconds and kept and kept[0] > time.monotonic():
        return kept[1]
    rows = db.session.execute(statement, values).all()
    if kept_seconds:
        if len(_kept) >= KEPT_AT_MOST:
            _kept.clear()
        _kept[key] = time.monotonic() + kept_seconds, rows
    return rows


@lru_cache(maxsize=256)
def _facets(shape: Shape) -> Select[Any]:
    facet = case(
        (Auction.state.in_(OVER), Auction.state),
        (Auction.state != "open", Auction.state),
        (Auction.starts_at > _now, "scheduled"),
        else_="live",
    ).label("status")
    grouped = (select(facet, Auction.category_id, func.count().label("number"))
               .where(*_conditions(shape)).group_by(facet, Auction.category_id).subquery())
    parent, top = aliased(Category), aliased(Category)
    return (select(grouped.c.status, Category.slug, parent.slug, top.slug, grouped.c.number)
            .join(Category, Category.id == grouped.c.category_id)
            .outerjoin(parent, parent.id == Category.parent_id).outerjoin(top, top.id == parent.parent_id))


def _counted(wish: Wish, rows: Sequence[Row[Any]]) -> Counts:
    by_status: Counter[str] = Counter()
    by_category: Counter[str] = Counter()
    total = everywhere = 0
    for status, category, parent, top, number in rows:
        path = {category, parent, top} - {None}
        of_status = _status_fits(wish, status)
        of_category = not wish.category or wish.category in path
        if of_category:
            by_status[status] += number
            if status in OVER:
                by_status["ended"] += number
        if of_status:
            by_category.update(dict.fromkeys(path, number))
            everywhere += number
        if of_status and of_category:
            total += number
    return Counts(total, everywhere, dict(by_status), dict(by_category))


def _status_fits(wish: Wish, status: str) -> bool:
    if wish.status == "ended":
        return status in OVER
    if wish.status:
        return status == wish.status
    return status in ("live", "scheduled") or wish.seller_id is not None


_now = bindparam("now", type_=UtcDateTime)


def _of_status(shape: Shape) -> list[ColumnElement[bool]]:
    if not shape.status and not shape.own:
        return [Auction.state == "open"]
    return filters.of_status(shape.status, _now)


def _of_category(shape: Shape) -> list[ColumnElement[bool]]:
    return [filters.in_category(bindparam("category"))] if shape.category else []


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """What the words, the tag and the seller ask for; a draft is its seller's alone."""
    conditions = [filters.with_word(bindparam(f"word_{number}")) for number in range(shape.words)]
    if shape.tag:
        conditions.append(filters.with_tag(bindparam("tag")))
    conditions.append(Auction.seller_id == bindparam("seller_id") if shape.own else Auction.state != "draft")
    return conditions


def _values(wish: Wish, now: datetime) -> dict[str, Any]:
    words = {f"word_{number}": filters.pattern(word) for number, word in enumerate(wish.asked_words())}
    return {"now": now, "category": wish.category, "tag": wish.tag, "seller_id": wish.seller_id} | words


def _order(shape: Shape) -> list[tuple[str, bool]]:
    """Columns, each with whether it runs backwards."""
    chosen = {
        "ending": [("ends_at", False), ("id", False)],
        "newest": [("published_at", True), ("id", True)],
        "price": [("asked_cents", False), ("id", False)],
        "-price": [("asked_cents", True), ("id", False)],
        "bids": [("bid_count", True), ("id", False)],
    }
    if shape.status in ("ended", "sold", "unsold") and shape.sort in ("", "ending"):
        return [("ends_at", True), ("id", True)]
    if shape.own and not shape.sort:
        return [("id", True)]
    return chosen[shape.sort or "ending"]
