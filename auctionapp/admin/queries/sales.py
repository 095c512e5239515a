"""Auctions, bids, categories and tags, for administrators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, AuctionTag, Bid, Category, Tag
from auctionapp.extensions import db
from auctionapp.posts.models import PostTag

_Leader = aliased(User)


def auctions(words: str, state: str, now: datetime) -> Select:
    """Auctions with seller and leader by name; words of the title or the number."""
    found = (select(Auction.id, Auction.title, Auction.state, Auction.starts_at, Auction.ends_at, Auction.closed_at,
                    func.coalesce(Auction.hammer_price_cents, Auction.price_cents).label("price_cents"),
                    Auction.bid_count, Auction.featured_at, Auction.seller_id, User.display_name.label("seller"),
                    Auction.leader_id, _Leader.display_name.label("leader"))
             .join(User, User.id == Auction.seller_id).outerjoin(_Leader, _Leader.id == Auction.leader_id))
    if words:
        parts = words.casefold().replace("/", "//").replace("%", "/%").replace("_", "/_").split()[:8]
        matches: Any = and_(*(Auction.search_text.like(f"%{part}%", escape="/") for part in parts))
        if words.isascii() and words.isdigit() and len(words) <= 18:
            matches = or_(matches, Auction.id == int(words))
        found = found.where(matches)
    if state == "overdue":
        return found.where(Auction.state == "open", Auction.ends_at < now)
    if state == "featured":
        return found.where(Auction.featured_at.is_not(None))
    return found.where(Auction.state == state) if state else found


def auction(auction_id: int) -> Row | None:
    """One auction with all that an administrator may see, the secret parts too."""
    return db.session.execute(
        select(Auction.id, Auction.title, Auction.description, Auction.state, Auction.starts_at, Auction.ends_at,
               Auction.first_ends_at, Auction.closed_at, Auction.price_cents, Auction.hammer_price_cents,
               Auction.starting_price_cents, Auction.reserve_price_cents, Auction.leader_maximum_cents, Auction.bid_count,
               Auction.ended_reason, Auction.suspended_at, Auction.featured_at, Auction.close_failures,
               Auction.close_again_at, Auction.seller_id, User.display_name.label("seller"),
               User.blocked_at.label("seller_blocked_at"), Auction.leader_id, _Leader.display_name.label("leader"),
               Category.name.label("category"))
        .join(User, User.id == Auction.seller_id).join(Category, Category.id == Auction.category_id)
        .outerjoin(_Leader, _Leader.id == Auction.leader_id).where(Auction.id == auction_id)).first()


def bids(auction_id: int | None = None, bidder_id: int | None = None, state: str = "") -> Select:
    found = (select(Bid.id, Bid.number, Bid.kind, Bid.maximum_cents, Bid.state, Bid.placed_at, Bid.auction_id,
                    Auction.title, Bid.bidder_id, User.display_name.label("bidder"))
             .join(Auction, Auction.id == Bid.auction_id).join(User, User.id == Bid.bidder_id))
    if auction_id is not None:
        found = found.where(Bid.auction_id == auction_id)
    if bidder_id is not None:
        found = found.where(Bid.bidder_id == bidder_id)
    return found.where(Bid.state == state) if state else found


@dataclass(frozen=True)
class Branch:
    """A category in the order of the tree."""

    id: int
    slug: str
    name: str
    parent_id: int | None
    depth: int
    lots: int
    """Of this one alone."""
    is_first: bool
    is_last: bool
    has_children: bool


def tree() -> list[Branch]:
    """All categories, each below its parent, with the number of its lots."""
    counted = dict(db.session.execute(
        select(Auction.category_id, func.count()).group_by(Auction.category_id)).all())
    rows = db.session.execute(select(Category.id, Category.slug, Category.name, Category.parent_id)
                              .order_by(Category.position, Category.id)).all()
    children: dict[int | None, list[Any]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    branches: list[Branch] = []

    def grow(parent_id: int | None, depth: int) -> None:
        siblings = children.get(parent_id, [])
        for place, row in enumerate(siblings):
            branches.append(Branch(row.id, row.slug, row.name, row.parent_id, depth, counted.get(row.id, 0), place == 0,
                                   place == len(siblings) - 1, row.id in children))
            grow(row.id, depth + 1)

    grow(None, 0)
    return branches


def tags(words: str) -> Select:
    """Tags with how many lots and posts have each."""
    lots = select(func.count()).where(AuctionTag.tag_id == Tag.id).correlate(Tag).scalar_subquery()
    posts = select(func.count()).where(PostTag.tag_id == Tag.id).correlate(Tag).scalar_subquery()
    found = select(Tag.id, Tag.name, Tag.slug, lots.label("lots"), posts.label("posts"))
    if words:
        part = words.casefold().replace("/", "//").replace("%", "/%").replace("_", "/_")
        found = found.where(or_(Tag.slug.like(f"%{part}%", escape="/"), func.lower(Tag.name).like(f"%{part}%", escape="/")))
    return found
