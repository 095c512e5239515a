"""The public history of one auction: price steps with the reason of each, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from auctionapp.accounts.models import SellerBlock, User
from auctionapp.auctions.models import Auction, BidderAlias, PriceStep
from auctionapp.auctions.representation import alias_text
from auctionapp.extensions import db

REASONS = {
    "manual": "This amount, at once",
    "first": "Automatic, up to a maximum: the first bid stands at the starting price",
    "outbid": "Automatic, up to a maximum: one step above the maximum that led before",
    "beaten": "Beaten at once by an earlier, higher maximum",
    "answer": "Answered automatically for the earlier, higher maximum",
    "tie": "The same maximum was set earlier",
    "earlier": "The same maximum was set earlier: the earlier commitment stays",
    "raise": "The leader raised the own bid",
    "reserve": "Reserve met: the price is at least the reserve",
    "reserve_lowered": "The seller lowered the reserve: it is met now",
    "second_chance": "Sold after the end: a second-chance offer was accepted",
    "void": "Counts no more: the bid was taken out",
    "refolded": "Bids were taken out: the price by those that remain",
}
"""Codes of `rules.py` in words (R2, R3, R4)."""

CHART_POINTS = 400
LAST = 5

_s = PriceStep.__table__.c
_last = (
    select(_s.sequence, _s.alias, _s.kind, _s.amount_cents, _s.reason, _s.is_offer, _s.placed_at)
    .where(_s.auction_id == bindparam("auction_id")).order_by(_s.sequence.desc()).limit(bindparam("count"))
)
_page = _last.offset(bindparam("skip"))
_page_with_names = (
    select(_s.sequence, _s.alias, _s.kind, _s.amount_cents, _s.reason, _s.is_offer, _s.placed_at,
           User.display_name.label("name"))
    .join(User, User.id == _s.bidder_id)
    .where(_s.auction_id == bindparam("auction_id")).order_by(_s.sequence.desc())
    .limit(bindparam("count")).offset(bindparam("skip"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """One step as people read it; `name` is only there for the seller and administrators (R19)."""

    sequence: int
    alias: str
    kind: str
    amount_cents: int
    reason: str
    is_offer: bool
    placed_at: datetime
    name: str | None = None


def _line(row: Any, name: str | None = None) -> Line:
    return Line(row.sequence, alias_text(row.alias), row.kind, row.amount_cents,
                REASONS.get(row.reason, ""), row.is_offer, row.placed_at, name)


def last(auction_id: int, count: int = LAST) -> list[Line]:
    """The newest steps, without names: broadcasts show them to everybody."""
    return [_line(row) for row in db.session.connection().execute(_last, {"auction_id": auction_id, "count": count})]


def page(auction_id: int, number: int, per_page: int, with_names: bool = False) -> list[Line]:
    """One page of all steps, newest first; with_names only for the seller and administrators (R19)."""
    given = {"auction_id": auction_id, "count": per_page, "skip": (number - 1) * per_page}
    if with_names:
        return [_line(row, row.name) for row in db.session.execute(_page_with_names, given)]
    return [_line(row) for row in db.session.execute(_page, given)]


def bidders(auction_id: int) -> Sequence[Any]:
    """Who is behind each alias, and whether the seller takes no more bids from them (R11): for the seller and
    administrators alone (R19)."""
    blocked = exists().where(SellerBlock.seller_id == Auction.seller_id, SellerBlock.bidder_id == BidderAlias.user_id)
    return db.session.execute(
        select(BidderAlias.alias, User.display_name.label("name"), User.created_at.label("since"),
               blocked.label("blocked"))
        .join(User, User.id == BidderAlias.user_id).join(Auction, Auction.id == BidderAlias.auction_id)
        .where(BidderAlias.auction_id == auction_id).order_by(BidderAlias.alias)
    ).all()


def chart_points(auction_id: int, step_count: int) -> list[tuple[datetime, int]]:
    """Times and prices (cents) in order; of a long history every so many-th, and always the last."""
    every = max(1, -(-step_count // CHART_POINTS))
    rows = db.session.execute(
        select(_s.placed_at, _s.amount_cents).where(
            _s.auction_id == auction_id, (_s.sequence % every == 0) | (_s.sequence == step_count) | (_s.sequence == 1))
        .order_by(_s.sequence)
    )
    return [(when, cents) for when, cents in rows]
