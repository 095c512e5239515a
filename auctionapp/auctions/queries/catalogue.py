"""Reads of the catalogue: one statement for the cards of a page, one for all counts beside it.

Only the columns of a card are read, never whole lots: the catalogue is the page that most people ask for.
"""

import time
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, Select, case, func, select

from auctionapp.auctions.models import Auction, AuctionImage, AuctionTag, Category, Tag, Watch
from auctionapp.extensions import db

PER_PAGE = 24
WORDS = 8
QUERY_LENGTH = 100
OVER = ("sold", "unsold", "cancelled")
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
        return self.words.casefold().split()[:WORDS]


@dataclass(frozen=True)
class Counts:
    """How many lots a wish finds, by status and by category."""

    total: int
    by_status: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)


_CARD = (
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
    found = select(*_CARD).where(*_conditions(wish), *_of_status(wish, now), *_of_category(wish))
    return _page(found, _order(wish), page, per_page)


def watched(user_id: int, page: int = 1) -> Sequence[Row[Any]]:
    """What a person watches: on sale first, the next to end first."""
    found = (select(*_CARD).join(Watch, Watch.auction_id == Auction.id)
             .where(Watch.user_id == user_id, Auction.state != "draft"))
    return _page(found, [("over", False), ("ends_at", False), ("id", False)], page, PER_PAGE)


def _page(found: Select[Any], order: Sequence[tuple[str, bool]], page: int, per_page: int) -> Sequence[Row[Any]]:
    """One page of what was found. Category and picture are looked up for its rows alone, not for those before them."""
    ordered = found.order_by(*_ordered(found.selected_columns, order)).limit(per_page).offset((page - 1) * per_page)
    lot = ordered.subquery()
    picture = (select(AuctionImage.name).where(AuctionImage.auction_id == lot.c.id)
               .order_by(AuctionImage.position, AuctionImage.id).limit(1).scalar_subquery())
    rows: Select[Any] = (select(*lot.c, Category.name.label("category"), picture.label("picture"))
                         .join(Category, Category.id == lot.c.category_id).order_by(*_ordered(lot.c, order)))
    return db.session.execute(rows).all()


def _ordered(columns: Any, order: Sequence[tuple[str, bool]]) -> list[Any]:
    by_name = {"over": case((columns.state.in_(OVER), 1), else_=0)} | dict(columns.items())
    return [by_name[name].desc() if backwards else by_name[name].asc() for name, backwards in order]


def watched_count(user_id: int) -> int:
    return db.session.scalar(
        select(func.count()).select_from(Watch).join(Auction, Auction.id == Watch.auction_id)
        .where(Watch.user_id == user_id, Auction.state != "draft")) or 0


def watches(user_id: int, auction_id: int) -> bool:
    return db.session.get(Watch, (user_id, auction_id)) is not None


def categories(kept_seconds: float = 0) -> Sequence[Row[Any]]:
    """Slug and name, in the house's order."""
    all_of_them = select(Category.slug, Category.name).order_by(Category.position, Category.id)
    return _kept_or_read("categories", all_of_them, kept_seconds)


def tag_name(slug: str) -> str | None:
    return db.session.scalar(select(Tag.name).where(Tag.slug == slug))


def counts(wish: Wish, now: datetime, kept_seconds: float = 0) -> Counts:
    """The counts beside the filters, from one statement over what the words, tag and seller find.

    `kept_seconds` lets an answer serve the same wish again for so long: counts may be a few seconds old, the cards
    never are.
    """
    key = replace(wish, category="", status="", sort="")
    return _counted(wish, _kept_or_read(key, _facets(key, now), kept_seconds))


KEPT_AT_MOST = 500
_kept: dict[Hashable, tuple[float, Sequence[Row[Any]]]] = {}


def _kept_or_read(key: Hashable, statement: Executable, kept_seconds: float) -> Sequence[Row[Any]]:
    kept = _kept.get(key)
    if kept_seconds and kept and kept[0] > time.monotonic():
        return kept[1]
    rows = db.session.execute(statement).all()
    if kept_seconds:
        if len(_kept) >= KEPT_AT_MOST:
            _kept.clear()
        _kept[key] = time.monotonic() + kept_seconds, rows
    return rows


def forget_counts() -> None:
    """Give up what was kept: for tests, and after many lots were written at once."""
    _kept.clear()


def _facets(wish: Wish, now: datetime) -> Select[Any]:
    facet = case(
        (Auction.state.in_(OVER), Auction.state),
        (Auction.state != "open", Auction.state),
        (Auction.starts_at > now, "scheduled"),
        else_="live",
    ).label("status")
    grouped = (select(facet, Auction.category_id, func.count().label("number"))
               .where(*_conditions(wish)).group_by(facet, Auction.category_id).subquery())
    return select(grouped.c.status, Category.slug, grouped.c.number).join(Category, Category.id == grouped.c.category_id)


def _counted(wish: Wish, rows: Sequence[Row[Any]]) -> Counts:
    by_status: Counter[str] = Counter()
    by_category: Counter[str] = Counter()
    total = 0
    for status, category, number in rows:
        of_status = _status_fits(wish, status)
        of_category = not wish.category or wish.category == category
        if of_category:
            by_status[status] += number
            if status in OVER:
                by_status["ended"] += number
        if of_status:
            by_category[category] += number
        if of_status and of_category:
            total += number
    return Counts(total, dict(by_status), dict(by_category))


def _status_fits(wish: Wish, status: str) -> bool:
    if wish.status == "ended":
        return status in OVER
    if wish.status:
        return status == wish.status
    return status in ("live", "scheduled") or wish.seller_id is not None


def _of_status(wish: Wish, now: datetime) -> list[ColumnElement[bool]]:
    if wish.status == "live":
        return [Auction.state == "open", Auction.starts_at <= now]
    if wish.status == "scheduled":
        return [Auction.state == "open", Auction.starts_at > now]
    if wish.status == "ended":
        return [Auction.state.in_(OVER)]
    if wish.status:
        return [Auction.state == wish.status]
    return [] if wish.seller_id is not None else [Auction.state == "open"]


def _of_category(wish: Wish) -> list[ColumnElement[bool]]:
    if not wish.category:
        return []
    return [Auction.category_id == select(Category.id).where(Category.slug == wish.category).scalar_subquery()]


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    """What the words, the tag and the seller ask for; a draft is its seller's alone."""
    conditions: list[ColumnElement[bool]] = [
        Auction.search_text.contains(word, autoescape=True) for word in wish.asked_words()]
    if wish.tag:
        conditions.append(Auction.id.in_(
            select(AuctionTag.auction_id).join(Tag, Tag.id == AuctionTag.tag_id).where(Tag.slug == wish.tag)))
    if wish.seller_id is None:
        conditions.append(Auction.state != "draft")
    else:
        conditions.append(Auction.seller_id == wish.seller_id)
    return conditions


def _order(wish: Wish) -> list[tuple[str, bool]]:
    """Columns, each with whether it runs backwards."""
    chosen = {
        "ending": [("ends_at", False), ("id", False)],
        "newest": [("published_at", True), ("id", True)],
        "price": [("asked_cents", False), ("id", False)],
        "-price": [("asked_cents", True), ("id", False)],
        "bids": [("bid_count", True), ("id", False)],
    }
    if wish.status in ("ended", "sold", "unsold") and wish.sort in ("", "ending"):
        return [("ends_at", True), ("id", True)]
    if wish.seller_id is not None and not wish.sort:
        return [("id", True)]
    return chosen[wish.sort or "ending"]
