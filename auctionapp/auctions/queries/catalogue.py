"""Reads of the catalogue: one statement for the cards of a page, one for all counts beside it.

Only the columns of a card are read, never whole lots: the catalogue is the page that most people ask for.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select

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


_first_picture = (
    select(AuctionImage.name).where(AuctionImage.auction_id == Auction.id)
    .order_by(AuctionImage.position, AuctionImage.id).limit(1).correlate(Auction).scalar_subquery()
)
_price = func.coalesce(Auction.price_cents, Auction.starting_price_cents)
_reserve = case(
    (Auction.reserve_price_cents.is_(None), None),
    (Auction.leader_maximum_cents >= Auction.reserve_price_cents, "met"),
    else_="not met",
)
CARD = (
    Auction.id, Auction.title, Auction.state, Auction.starting_price_cents, Auction.price_cents, Auction.bid_count,
    Auction.starts_at, Auction.ends_at, Auction.published_at, _reserve.label("reserve"),
    Category.name.label("category"), _first_picture.label("picture"),
)


def cards(wish: Wish, now: datetime, page: int = 1, per_page: int = PER_PAGE) -> Sequence[Row[Any]]:
    """The rows of one page, ready for its cards."""
    found = (select(*CARD).join(Category, Category.id == Auction.category_id)
             .where(*_conditions(wish), *_of_status(wish, now), *_of_category(wish))
             .order_by(*_order(wish)).limit(per_page).offset((page - 1) * per_page))
    return db.session.execute(found).all()


def watched(user_id: int, page: int = 1) -> Sequence[Row[Any]]:
    """What a person watches: on sale first, the next to end first."""
    found = (select(*CARD).join(Category, Category.id == Auction.category_id)
             .join(Watch, Watch.auction_id == Auction.id)
             .where(Watch.user_id == user_id, Auction.state != "draft")
             .order_by(case((Auction.state.in_(OVER), 1), else_=0), Auction.ends_at, Auction.id)
             .limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return db.session.execute(found).all()


def watched_count(user_id: int) -> int:
    return db.session.scalar(
        select(func.count()).select_from(Watch).join(Auction, Auction.id == Watch.auction_id)
        .where(Watch.user_id == user_id, Auction.state != "draft")) or 0


def watches(user_id: int, auction_id: int) -> bool:
    return db.session.get(Watch, (user_id, auction_id)) is not None


def categories() -> Sequence[Row[str, str]]:
    """Slug and name, in the house's order."""
    return db.session.execute(select(Category.slug, Category.name).order_by(Category.position, Category.id)).all()


def tag_name(slug: str) -> str | None:
    return db.session.scalar(select(Tag.name).where(Tag.slug == slug))


def counts(wish: Wish, now: datetime, kept_seconds: float = 0) -> Counts:
    """The counts beside the filters, from one statement over what the words, tag and seller find.

    `kept_seconds` lets an answer serve the same wish again for so long: counts may be a few seconds old, the cards
    never are.
    """
    key = replace(wish, category="", status="", sort="")
    kept = _kept.get(key)
    if not kept_seconds or kept is None or kept[0] < time.monotonic():
        rows = db.session.execute(_facets(key, now)).all()
        if kept_seconds:
            if len(_kept) >= KEPT_AT_MOST:
                _kept.clear()
            _kept[key] = time.monotonic() + kept_seconds, rows
    else:
        rows = kept[1]
    return _counted(wish, rows)


KEPT_AT_MOST = 500
_kept: dict[Wish, tuple[float, Sequence[Row[Any]]]] = {}


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
    return [Category.slug == wish.category] if wish.category else []


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


def _order(wish: Wish) -> list[Any]:
    chosen: dict[str, list[Any]] = {
        "ending": [Auction.ends_at, Auction.id],
        "newest": [Auction.published_at.desc(), Auction.id.desc()],
        "price": [_price, Auction.id],
        "-price": [_price.desc(), Auction.id],
        "bids": [Auction.bid_count.desc(), Auction.id],
    }
    if wish.status in ("ended", "sold", "unsold") and wish.sort in ("", "ending"):
        return [Auction.ends_at.desc(), Auction.id.desc()]
    if wish.seller_id is not None and not wish.sort:
        return [Auction.id.desc()]
    return chosen[wish.sort or "ending"]
