"""How bids and auctions look to programs (http-contract); events of streams carry the same."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import object_session

from auctionapp import pictures
from auctionapp.accounts.models import User
from auctionapp.auctions import rules
from auctionapp.auctions.models import Auction, BidderAlias, IncrementTable
from auctionapp.clock import rfc3339
from auctionapp.money import format_amount

SURROUNDINGS = (User.display_name, IncrementTable.steps, BidderAlias.alias)
"""What an Auction shows of other tables, in one row with it: see `beside`."""


def beside(query: Any) -> Any:
    """Join the tables of SURROUNDINGS to a query of auctions."""
    return (
        query.join(User, User.id == Auction.seller_id)
        .join(IncrementTable, IncrementTable.id == Auction.increment_table_id)
        .outerjoin(BidderAlias, and_(BidderAlias.auction_id == Auction.id, BidderAlias.user_id == Auction.leader_id))
    )


def alias_text(alias: int) -> str:
    """The name under which other bidders see a bidder (R19)."""
    return f"Bidder {alias}"


def bid_json(auction_id: int, sequence: int | None, alias: int, amount_cents: int, kind: str, placed_at: datetime,
             leading: bool, price_cents: int, next_minimum_cents: int, number: int) -> dict[str, Any]:
    """A public step; `sequence` is None for an own raise that moved no price, which its bid's number then names."""
    return {
        "id": f"{auction_id}-{sequence}" if sequence is not None else f"{auction_id}-raise-{number}",
        "auction_id": auction_id,
        "sequence": sequence,
        "bidder": alias_text(alias),
        "amount": format_amount(amount_cents),
        "kind": kind,
        "placed_at": rfc3339(placed_at),
        "leading": leading,
        "current_price": format_amount(price_cents),
        "next_minimum_bid": format_amount(next_minimum_cents),
    }


def auction_json(auction: Auction, now: datetime, viewer_id: int | None = None) -> dict[str, Any]:
    """The contract's Auction. `my_maximum` stands only for the viewer who leads; a maximum is shown to nobody else."""
    session = object_session(auction)
    assert session is not None
    seller_name, increments, leader = session.execute(
        beside(select(*SURROUNDINGS).select_from(Auction)).where(Auction.id == auction.id)).one()
    return shown_auction(auction, seller_name, increments, leader, now, viewer_id)


def shown_auction(auction: Auction, seller_name: str, increments: rules.Increments, leader_alias: int | None,
                  now: datetime, viewer_id: int | None) -> dict[str, Any]:
    """The same from what was read with the auction (`SURROUNDINGS`), for lists."""
    shown = {
        "id": auction.id,
        "title": auction.title,
        "description": auction.description,
        "category": auction.category.slug,
        "tags": [tag.slug for tag in auction.tags],
        "images": [pictures.address(image.name, pictures.WIDTHS[0]) for image in auction.images],
        "seller": {"id": auction.seller_id, "display_name": seller_name},
        "leader": alias_text(leader_alias) if leader_alias else None,
    } | auction_figures(auction, increments, now)
    if viewer_id is not None and viewer_id == auction.leader_id:
        shown["my_maximum"] = format_amount(auction.leader_maximum_cents or 0)
    return shown


def auction_figures(auction: Any, increments: rules.Increments, now: datetime) -> dict[str, Any]:
    """What of an Auction stands in its own row (or one with the same names)."""
    step = auction.bid_step_cents
    minimum = auction.starting_price_cents if auction.price_cents is None else auction.price_cents + (
        step or rules.table_increment(increments, auction.price_cents))
    return {
        "status": rules.status(auction.state, auction.starts_at, now),
        "format": auction.format,
        "starting_price": format_amount(auction.starting_price_cents),
        "bid_step": _amount(step),
        "current_price": _amount(auction.price_cents),
        "next_minimum_bid": format_amount(minimum),
        "bid_count": auction.bid_count,
        "reserve_met": rules.reserve_met(auction.reserve_price_cents, auction.leader_maximum_cents),
        "buy_now_price": None,
        "starts_at": _time(auction.starts_at),
        "ends_at": _time(auction.ends_at),
        "extended": bool(auction.first_ends_at and auction.ends_at > auction.first_ends_at),
        "version": auction.version,
    }


def _amount(amount_cents: int | None) -> str | None:
    return None if amount_cents is None else format_amount(amount_cents)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
