"""What somebody looks for, as an address and in words."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

from auctionapp.auctions.lots import clean_line
from auctionapp.auctions.queries import catalogue as lots
from auctionapp.auctions.queries.catalogue import Wish

STATUS_WORDS = {
    "": "On sale", "live": "Live now", "scheduled": "Starting soon", "ended": "Ended", "sold": "Sold",
    "unsold": "Not sold", "draft": "Drafts",
}


def wish_of(given: Mapping[str, str], seller_id: int | None = None) -> Wish:
    """A wish from an address or a form; what is not known asks for nothing."""
    status = known(given.get("status"), lots.STATUSES)
    return Wish(
        words=clean_line(given.get("q", ""))[:lots.QUERY_LENGTH],
        category=clean_line(given.get("category", ""))[:40], tag=clean_line(given.get("tag", ""))[:40],
        status="" if status == "draft" and seller_id is None else status,
        seller_id=seller_id, sort=known(given.get("sort"), lots.SORTS))


def known(value: str | None, values: tuple[str, ...]) -> str:
    return value if value in values else ""


_quoted = lru_cache(maxsize=1000)(quote_plus)


def address(wish: Wish, own: bool = False, **changes: str) -> str:
    """The catalogue's address for this wish with some of it changed; page and empty parts are left out."""
    parts = {"q": wish.words, "category": wish.category, "tag": wish.tag, "status": wish.status,
             "seller": "me" if own else "", "sort": wish.sort} | changes
    query = "&".join([f"{name}={_quoted(value)}" for name, value in parts.items() if value])
    return f"/auctions?{query}" if query else "/auctions"


def in_words(wish: Wish, category_names: Mapping[str, str], tag_names: Mapping[str, str]) -> dict[str, str]:
    """The name of each part that is asked for, with its words."""
    words = {
        "q": f"“{wish.words}”" if wish.words else "",
        "status": STATUS_WORDS[wish.status] if wish.status else "",
        "category": category_names.get(wish.category, wish.category),
        "tag": tag_names.get(wish.tag, wish.tag),
    }
    return {name: text for name, text in words.items() if text}
