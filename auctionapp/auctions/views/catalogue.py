"""The home page, the catalogue, and a person's own lists of lots."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Response, current_app, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions.queries import catalogue as lots
from auctionapp.auctions.queries.catalogue import Wish
from auctionapp.auctions.views import blueprint, searches
from auctionapp.auctions.views.cards import cards_of
from auctionapp.auctions.views.wishes import STATUS_WORDS, address, in_words, wish_of
from auctionapp.money import shown_number

ON_HOME = 8
SORT_WORDS = {
    "ending": "Ending soonest", "newest": "Newest", "price": "Lowest price", "-price": "Highest price",
    "bids": "Most bids",
}

@blueprint.get("/")
def home() -> str:
    now, kept = datetime.now(UTC), _kept_seconds(Wish())
    ending = [row for row in lots.cards(Wish(status="live"), now, per_page=ON_HOME + 2) if row.ends_at > now]
    newest = lots.cards(Wish(sort="newest"), now, per_page=ON_HOME)
    followed = lots.of_followed(current_user.id, now, ON_HOME) if current_user.is_authenticated else []
    return render_template(
        "auctions/home.html", followed=cards_of(followed, now), featured=cards_of(lots.featured(now, ON_HOME), now),
        ending=cards_of(ending[:ON_HOME], now), newest=cards_of(newest, now),
        categories=[one for one in lots.categories(kept) if not one.depth],
        counts=lots.counts(Wish(), now, kept))


@blueprint.get("/auctions")
def catalogue() -> Response:
    """The catalogue as a page, or for htmx as the fragment that a filter changes."""
    own = request.args.get("seller") == "me"
    if own and not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    wish = wish_of(request.args, current_user.id if own else None)
    kept = _kept_seconds(wish)
    counts = lots.counts(wish, now, kept)
    pages = max(1, -(-counts.total // lots.PER_PAGE))
    page = _page_number(pages)
    rows = lots.cards(wish, now, page)
    categories = lots.categories(kept)
    return htmx.render(
        "auctions/catalogue.html", "auctions/_catalogue.html", wish=wish, own=own, cards=cards_of(rows, now),
        statuses=_statuses(wish, own, counts.by_status),
        categories=_categories(wish, own, categories, counts),
        chips=_chips(wish, own, {one.slug: one.name for one in categories}),
        page=page, pages=pages, to=lambda **changes: address(wish, own, **changes),
        sort_words=SORT_WORDS, found=_found(counts.total),
        ways_on=[] if rows else _ways_on(wish, own, counts))


@blueprint.get("/dashboard/watchlist")
@login_required
def watchlist() -> str:
    now = datetime.now(UTC)
    pages = max(1, -(-lots.watched_count(current_user.id) // lots.PER_PAGE))
    page = _page_number(pages)
    return render_template("auctions/watchlist.html", page=page, pages=pages, searches=searches.of_person(current_user.id),
                           cards=cards_of(lots.watched(current_user.id, page), now))


def _page_number(pages: int) -> int:
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 1
    return min(max(number, 1), pages)


def _kept_seconds(wish: Wish) -> float:
    return 0 if current_app.testing or wish.seller_id else 3


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
    return [Choice(address(wish, own, status=status), "All" if own and not status else STATUS_WORDS[status],
                   counts.get(status, 0), shown == status) for status in offered]


def _categories(wish: Wish, own: bool, known: Sequence[Any], counts: lots.Counts) -> list[Choice]:
    everything = Choice(address(wish, own, category=""), "All categories", counts.everywhere, not wish.category)
    return [everything, *(Choice(address(wish, own, category=one.slug), one.indented,
                                 counts.by_category.get(one.slug, 0),
                                 wish.category == one.slug) for one in known)]


def _chips(wish: Wish, own: bool, category_names: dict[str, str]) -> list[tuple[str, str]]:
    """Words of what was chosen, each with the address that leaves it out."""
    words = in_words(wish, category_names, lots.tag_names({wish.tag}) if wish.tag else {})
    chips = [(text, address(wish, own, **{name: ""})) for name, text in words.items()]
    return chips + ([("My lots", address(wish, own, seller=""))] if own else [])


def _ways_on(wish: Wish, own: bool, counts: lots.Counts) -> list[tuple[str, str]]:
    """Where to look when nothing was found: addresses that find something, and how much."""
    ended = counts.by_status.get("ended", 0)
    on_sale = counts.by_status.get("live", 0) + counts.by_status.get("scheduled", 0)
    elsewhere = counts.everywhere
    ways = [(elsewhere, address(wish, own, category=""), "in other categories"),
            (on_sale, address(wish, own, status=""), "on sale"),
            (ended, address(wish, own, status="ended"), "among the ended ones")]
    return [(to, f"{_found(number)} {where}") for number, to, where in ways if number]


def _found(total: int) -> str:
    return {0: "No lots", 1: "1 lot"}.get(total, f"{shown_number(total)} lots")
