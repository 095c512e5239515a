"""What narrows a list of lots, for the catalogue and for programs: each takes a value, or the parameter that will hold it."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from auctionapp.auctions.models import Auction, AuctionTag, Category, Tag
from auctionapp.auctions.rules import OVER

WORDS = 8
"""Further words of a search are left out."""


def asked_words(typed: str) -> list[str]:
    return typed.casefold().split()[:WORDS]


def pattern(word: str) -> str:
    """What `with_word` looks for: a word in which LIKE finds nothing but itself."""
    return "%" + word.replace("/", "//").replace("%", "/%").replace("_", "/_") + "%"


def with_word(pattern_of_word: Any) -> ColumnElement[bool]:
    return Auction.search_text.like(pattern_of_word, escape="/")


def in_category(slug: Any) -> ColumnElement[bool]:
    """In this category or one below it; the tree has three levels (`services/arranging.py`)."""
    own, parent, top = aliased(Category), aliased(Category), aliased(Category)
    return Auction.category_id.in_(
        select(own.id).outerjoin(parent, parent.id == own.parent_id).outerjoin(top, top.id == parent.parent_id)
        .where((own.slug == slug) | (parent.slug == slug) | (top.slug == slug)))


def with_tag(slug: Any) -> ColumnElement[bool]:
    return Auction.id.in_(
        select(AuctionTag.auction_id).join(Tag, Tag.id == AuctionTag.tag_id).where(Tag.slug == slug))


def of_status(status: str, now: Any) -> list[ColumnElement[bool]]:
    """A scheduled lot is live from its start on, without anything happening to its row."""
    if status == "live":
        return [Auction.state == "open", Auction.starts_at <= now]
    if status == "scheduled":
        return [Auction.state == "open", Auction.starts_at > now]
    if status == "ended":
        return [Auction.state.in_(OVER)]
    return [Auction.state == status] if status else []
