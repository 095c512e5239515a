"""Reads of auctions and their bids for programs: pages of a list, in a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from auctionapp.auctions import rules
from auctionapp.auctions.models import Auction, Category, IncrementTable, PriceStep, Tag
from auctionapp.auctions.queries import filters
from auctionapp.auctions.representation import SURROUNDINGS, beside, bid_json, shown_auction

_price = func.coalesce(Auction.price_cents, Auction.starting_price_cents)
_ORDERS: dict[str, list[Any]] = {
    "newest": [Auction.id.desc()],
    "ending": [Auction.ends_at, Auction.id],
    "price": [_price, Auction.id],
    "-price": [_price.desc(), Auction.id],
    "bids": [Auction.bid_count.desc(), Auction.id],
}
ALONE = {"reserve_lowered", "second_chance"}
"""Reasons of steps that no offer made: each stands alone, under the bid that leads."""


@dataclass(frozen=True)
class Filters:
    """What is looked for; an empty text filters nothing. Without a status: every public one."""

    words: str = ""
    category: str = ""
    tag: str = ""
    status: str = ""
    seller_id: int | None = None
    sort: str = "newest"


def auctions_page(session: Session, wanted: Filters, viewer_id: int | None, now: datetime, page: int,
                  per_page: int) -> tuple[list[dict[str, Any]], int]:
    """One page of the contract's Auctions, and how many there are in all."""
    conditions = _conditions(wanted, viewer_id, now)
    total = session.scalar(select(func.count()).select_from(Auction).where(*conditions)) or 0
    if (page - 1) * per_page >= total:
        return [], total
    found = session.execute(
        beside(select(Auction, *SURROUNDINGS)).where(*conditions)
        .order_by(*_ORDERS[wanted.sort]).limit(per_page).offset((page - 1) * per_page)
        .options(joinedload(Auction.category), selectinload(Auction.tags), selectinload(Auction.images))
    ).all()
    return [shown_auction(auction, seller_name, increments, alias, now, viewer_id)
            for auction, seller_name, increments, alias in found], total


def _conditions(wanted: Filters, viewer_id: int | None, now: datetime) -> list[ColumnElement[bool]]:
    conditions = [_visible_to(viewer_id), *filters.of_status(wanted.status, now)]
    conditions += [filters.with_word(filters.pattern(word)) for word in filters.asked_words(wanted.words)]
    if wanted.category:
        conditions.append(filters.in_category(wanted.category))
    if wanted.tag:
        conditions.append(filters.with_tag(wanted.tag))
    if wanted.seller_id is not None:
        conditions.append(Auction.seller_id == wanted.seller_id)
    elif wanted.status != "draft":
        conditions.append(Auction.state != "draft")
    return conditions


def _visible_to(viewer_id: int | None) -> ColumnElement[bool]:
    """A draft is its seller's alone."""
    public = Auction.state != "draft"
    return public if viewer_id is None else or_(public, Auction.seller_id == viewer_id)


def visible_auction(session: Session, auction_id: int, viewer_id: int | None) -> Auction | None:
    """An auction that this person may see: any but somebody else's draft."""
    return session.scalar(
        select(Auction).where(Auction.id == auction_id, _visible_to(viewer_id))
        .options(joinedload(Auction.category), selectinload(Auction.tags), selectinload(Auction.images)))


def bids_page(session: Session, auction_id: int, viewer_id: int | None, page: int,
              per_page: int) -> tuple[list[dict[str, Any]], int] | None:
    """One page of the contract's Bids, newest first, and how many there are; None where nothing may be seen.

    The sequence of an auction's steps has no gaps, so that a page is a range of it.
    """
    auction = session.execute(
        select(Auction.id, Auction.step_sequence, Auction.bid_step_cents, IncrementTable.steps)
        .join(IncrementTable, IncrementTable.id == Auction.increment_table_id)
        .where(Auction.id == auction_id, _visible_to(viewer_id))
    ).first()
    if auction is None:
        return None
    newest = auction.step_sequence - (page - 1) * per_page
    if newest < 1:
        return [], auction.step_sequence
    # An offer that is beaten makes two steps; the answer to this page's newest may stand on the page before.
    steps = session.scalars(
        select(PriceStep).where(PriceStep.auction_id == auction_id,
                                PriceStep.sequence.between(newest - per_page + 1, newest + 1))
        .order_by(PriceStep.sequence.desc())
    ).all()
    shown = _told(auction_id, steps, auction.bid_step_cents, auction.steps)
    return [bid for bid in shown if bid["sequence"] <= newest], auction.step_sequence


def _told(auction_id: int, steps: Sequence[PriceStep], bid_step_cents: int | None,
          increments: rules.Increments) -> list[dict[str, Any]]:
    """Each step as its stream told it: who led and what the price was once its offer was decided."""
    shown = []
    last: PriceStep | None = None
    for step in steps:
        if last is None or last.bid_id != step.bid_id or ALONE & {last.reason, step.reason}:
            last = step
        price = last.amount_cents
        shown.append(bid_json(
            auction_id, step.sequence, step.alias, step.amount_cents, step.kind, step.placed_at,
            step.bidder_id == last.bidder_id, price,
            price + (bid_step_cents or rules.table_increment(increments, price)), 0))
    return shown


def words_page(session: Session, table: type[Category] | type[Tag], page: int,
               per_page: int) -> tuple[list[dict[str, Any]], int]:
    """One page of categories in the house's order, or of tags by name, and how many there are."""
    total = session.scalar(select(func.count()).select_from(table)) or 0
    order = [Category.position, Category.id] if table is Category else [Tag.name, Tag.id]
    rows = session.execute(
        select(table.id, table.slug, table.name).order_by(*order).limit(per_page).offset((page - 1) * per_page))
    return [dict(row._mapping) for row in rows], total
