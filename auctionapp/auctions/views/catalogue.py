"""The home page, the catalogue, and a person's own lists of lots."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from flask import Response, current_app, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions.lots import clean_line
from auctionapp.auctions.queries import catalogue as lots
from auctionapp.auctions.queries.catalogue import Wish
from auctionapp.auctions.views import blueprint
from auctionapp.auctions.views.cards import cards_of
from auctionapp.money import shown_number

ON_HOME = 8
SORT_WORDS = {
    "ending": "Ending soonest", "newest": "Newest", "price": "Lowest price", "-price": "Highest price",
    "bids": "Most bids",
}
STATUS_WORDS = {
    "": "On sale", "live": "Live now", "scheduled": "Starting soon", "ended": "Ended", "sold": "Sold",
    "unsold": "Not sold", "draft": "Drafts",
}


@blueprint.get("/")
def home() -> str:
    now, kept = datetime.now(UTC), _kept_seconds(Wish())
    ending = [row for row in lots.cards(Wish(status="live"), now, per_page=ON_HOME + 2) if row.ends_at > now]
    newest = lots.cards(Wish(sort="newest"), now, per_page=ON_HOME)
    return render_template(
        "auctions/home.html", ending=cards_of(ending[:ON_HOME], now), newest=cards_of(newest, now),
        categories=lots.categories(kept), counts=lots.counts(Wish(), now, kept))


@blueprint.get("/auctions")
def catalogue() -> Response:
    """The catalogue as a page, or for htmx as the fragment that a filter changes."""
    own = request.args.get("seller") == "me"
    if own and not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    wish = _wish(current_user.id if own else None)
    kept = _kept_seconds(wish)
    counts = lots.counts(wish, now, kept)
    pages = max(1, -(-counts.total // lots.PER_PAGE))
    page = _page_number(pages)
    rows = lots.cards(wish, now, page)
    categories = lots.categories(kept)
    return htmx.render(
        "auctions/catalogue.html", "auctions/_catalogue.html", wish=wish, own=own, cards=cards_of(rows, now),
        statuses=_statuses(wish, own, counts.by_status),
        categories=_categories(wish, own, categories, counts.by_category),
        chips=_chips(wish, own, {one.slug: one.name for one in categories}),
        page=page, pages=pages, to=lambda **changes: _address(wish, own, **changes),
        sort_words=SORT_WORDS, found=_found(counts.total))


@blueprint.get("/dashboard/watchlist")
@login_required
def watchlist() -> str:
    now = datetime.now(UTC)
    pages = max(1, -(-lots.watched_count(current_user.id) // lots.PER_PAGE))
    page = _page_number(pages)
    return render_template("auctions/watchlist.html", page=page, pages=pages,
                           cards=cards_of(lots.watched(current_user.id, page), now))


@blueprint.get("/dashboard/auctions")
@login_required
def own_auctions() -> str:
    now = datetime.now(UTC)
    wish = Wish(seller_id=current_user.id, status=_known(request.args.get("status"), lots.STATUSES))
    counts = lots.counts(wish, now)
    pages = max(1, -(-counts.total // lots.PER_PAGE))
    page = _page_number(pages)
    return render_template("auctions/own_auctions.html", page=page, pages=pages, wish=wish, counts=counts,
                           status_words=STATUS_WORDS, cards=cards_of(lots.cards(wish, now, page), now))


def _wish(seller_id: int | None) -> Wish:
    status = _known(request.args.get("status"), lots.STATUSES)
    return Wish(
        words=clean_line(request.args.get("q", ""))[:lots.QUERY_LENGTH],
        category=clean_line(request.args.get("category", ""))[:40], tag=clean_line(request.args.get("tag", ""))[:40],
        status="" if status == "draft" and seller_id is None else status,
        seller_id=seller_id, sort=_known(request.args.get("sort"), lots.SORTS))


def _known(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def _page_number(pages: int) -> int:
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 1
    return min(max(number, 1), pages)


def _kept_seconds(wish: Wish) -> float:
    return 0 if current_app.testing or wish.seller_id else 3


_quoted = lru_cache(maxsize=1000)(quote_plus)


def _address(wish: Wish, own: bool, **changes: str) -> str:
    """The catalogue's address for this wish with some of it changed; page and empty parts are left out."""
    parts = {"q": wish.words, "category": wish.category, "tag": wish.tag, "status": wish.status,
             "seller": "me" if own else "", "sort": wish.sort} | changes
    query = "&".join([f"{name}={_quoted(value)}" for name, value in parts.items() if value])
    return f"/auctions?{query}" if query else "/auctions"


class Choice(NamedTuple):
    """One line of the filters."""

    address: str
    words: str
    number: int
    chosen: bool


def _statuses(wish: Wish, own: bool, found: dict[str, int]) -> list[Choice]:
    every = sum(found.values()) - found.get("ended", 0)
    counts = found | {"": every if own else found.get("live", 0) + found.get("scheduled", 0)}
    offered = ("", "draft", "live", "scheduled", "ended") if own else ("", "live", "scheduled", "ended")
    shown = "ended" if wish.status in ("sold", "unsold") else wish.status
    return [Choice(_address(wish, own, status=status), "All" if own and not status else STATUS_WORDS[status],
                   counts.get(status, 0), shown == status) for status in offered]


def _categories(wish: Wish, own: bool, known: Sequence[Any], found: dict[str, int]) -> list[Choice]:
    everything = Choice(_address(wish, own, category=""), "All categories", sum(found.values()), not wish.category)
    return [everything, *(Choice(_address(wish, own, category=one.slug), one.name, found.get(one.slug, 0),
                                 wish.category == one.slug) for one in known)]


def _chips(wish: Wish, own: bool, category_names: dict[str, str]) -> list[tuple[str, str]]:
    """Words of what was chosen, each with the address that leaves it out."""
    chips = []
    if wish.words:
        chips.append((f"“{wish.words}”", _address(wish, own, q="")))
    if wish.status:
        chips.append((STATUS_WORDS[wish.status], _address(wish, own, status="")))
    if wish.category:
        chips.append((category_names.get(wish.category, wish.category), _address(wish, own, category="")))
    if wish.tag:
        chips.append((lots.tag_name(wish.tag) or wish.tag, _address(wish, own, tag="")))
    if own:
        chips.append(("My lots", _address(wish, own, seller="")))
    return chips


def _found(total: int) -> str:
    return {0: "No lots", 1: "1 lot"}.get(total, f"{shown_number(total)} lots")
