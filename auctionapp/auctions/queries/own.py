"""A seller's own lots: counts by status, pages by key, one lot with everything that its seller may know.

Every page takes the same number of statements however many lots and bids there are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, exists, func, select, tuple_
from sqlalchemy.orm import aliased

from auctionapp.auctions import rules, seller_rules
from auctionapp.auctions.models import Auction, AuctionImage, SecondChance, Watch
from auctionapp.auctions.queries import filters
from auctionapp.auctions.seller_rules import Offers
from auctionapp.clock import EPOCH
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.keyset import Key

PER_PAGE = 20
"""As many as a page's stream follows the prices of (`static/js/prices.js`)."""
STATUSES = ("live", "scheduled", "draft", "sold", "unsold", "cancelled", "suspended")
_Relisted = aliased(Auction)
_made = select(func.count()).select_from(SecondChance).where(SecondChance.auction_id == Auction.id)
_columns = (
    Auction.id, Auction.title, Auction.state, Auction.starting_price_cents, Auction.price_cents, Auction.bid_count,
    Auction.bid_number, Auction.starts_at, Auction.ends_at, Auction.published_at, Auction.closed_at,
    Auction.reserve_price_cents, Auction.reserve_lowered_at, Auction.leader_id, Auction.leader_maximum_cents,
    case((Auction.reserve_price_cents.is_(None), None),
         (Auction.leader_maximum_cents >= Auction.reserve_price_cents, "met"), else_="not met").label("reserve"),
    select(AuctionImage.name).where(AuctionImage.auction_id == Auction.id)
    .order_by(AuctionImage.position, AuctionImage.id).limit(1).scalar_subquery().label("picture"),
    select(_Relisted.id).where(_Relisted.relisted_from_id == Auction.id).scalar_subquery().label("relisted_as"),
    _made.scalar_subquery().label("offers_made"),
    exists().where(SecondChance.auction_id == Auction.id, SecondChance.state == "open").label("offer_stands"),
)


def counts(seller_id: int, now: datetime) -> dict[str, int]:
    """How many lots of a seller have each status; "" is all of them."""
    status = case((Auction.state != "open", Auction.state), (Auction.starts_at > now, "scheduled"), else_="live")
    found = dict.fromkeys(STATUSES, 0) | {name: number for name, number in db.session.execute(
        select(status, func.count()).where(Auction.seller_id == seller_id).group_by(status))}
    return found | {"": sum(found.values())}


def page(seller_id: int, status: str, now: datetime, after: Key | None = None) -> tuple[list[Row[Any]], Key | None]:
    """Lots of one status ("" for all) and the key of the next page: what is live by its end, what is over by its end
    backwards, all else the newest first."""
    by_time = {"live": Auction.ends_at, "scheduled": Auction.starts_at} | dict.fromkeys(rules.OVER, Auction.ends_at)
    columns = [by_time[status], Auction.id] if status in by_time else [Auction.id]
    forwards = status in ("live", "scheduled")
    wanted = select(*_columns).where(Auction.seller_id == seller_id, *filters.of_status(status, now))
    if after is not None:
        here, there = tuple_(*columns), tuple_(*[after.moment, after.id][-len(columns):])
        wanted = wanted.where(here > there if forwards else here < there)
    wanted = wanted.order_by(*(columns if forwards else [column.desc() for column in columns]))
    rows = list(db.session.execute(wanted.limit(PER_PAGE + 1)))
    if len(rows) <= PER_PAGE:
        return rows, None
    last = rows[PER_PAGE - 1]._mapping
    return rows[:PER_PAGE], Key(last[columns[0].key] if len(columns) == 2 else EPOCH, last["id"])


def one(auction_id: int, seller_id: int) -> Row[Any]:
    """One own lot. Raises NotFound for another's: the desk says nothing about it (fault 41)."""
    found = db.session.execute(
        select(*_columns, Auction.relisted_from_id, Auction.ended_reason, Auction.step_sequence, Auction.topic_sequence,
               Auction.hammer_price_cents, Auction.first_ends_at,
               select(func.count()).select_from(Watch).where(Watch.auction_id == Auction.id).scalar_subquery()
               .label("watchers"))
        .where(Auction.id == auction_id, Auction.seller_id == seller_id)).first()
    if found is None:
        raise NotFound()
    return found


def actions_of(row: Any, now: datetime) -> list[str]:
    """Names of `seller_rules.ACTIONS` that are open for a row of these queries."""
    return seller_rules.actions(row, Offers(row.offers_made, bool(row.offer_stands), row.relisted_as), now)


def titles(auction_ids: Sequence[int | None]) -> dict[int, str]:
    """Titles of these lots."""
    wanted: list[ColumnElement[bool]] = [Auction.id.in_([one for one in auction_ids if one])]
    return {row.id: row.title for row in db.session.execute(select(Auction.id, Auction.title).where(*wanted))}
