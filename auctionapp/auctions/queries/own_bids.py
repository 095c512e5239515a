"""A person's own lots as a bidder: leading, outbid, won, lost, watched. One statement for a page, one for all counts."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, null, or_, select, tuple_

from auctionapp.auctions.models import Auction, Bid, IncrementTable, SecondChance, Watch
from auctionapp.auctions.queries import catalogue
from auctionapp.auctions.rules import OVER
from auctionapp.extensions import BigId, UtcDateTime, db
from auctionapp.keyset import Key

SHOWS = ("leading", "outbid", "won", "lost", "watched")
LAST_FIRST = ("won", "lost")
PER_PAGE = 20
"""As many prices as one page's stream carries (`realtime.views.MOST_PRICES`)."""

_viewer = bindparam("viewer_id", type_=BigId)


def own_bids() -> Select[Any]:
    """The viewer's lots with a bid of theirs: the highest offer in cents, and the highest that still stands.

    What was retracted counts for nothing (R10); bids that became void with their lot still tell of it.
    """
    columns: list[Any] = [
        Bid.auction_id, func.max(Bid.maximum_cents).label("own_cents"),
        func.max(case((Bid.state == "standing", Bid.maximum_cents))).label("standing_cents"),
        func.min(Bid.placed_at).label("entered_at")]
    return select(*columns).where(Bid.bidder_id == _viewer, Bid.state != "retracted").group_by(Bid.auction_id)


def is_won() -> ColumnElement[bool]:
    return and_(Auction.state == "sold", Auction.leader_id == _viewer)


def is_lost() -> ColumnElement[bool]:
    """Over, and somebody else's or nobody's."""
    return and_(Auction.state.in_(OVER), or_(Auction.state != "sold", Auction.leader_id != _viewer))


def _of(show: str, own: Any) -> ColumnElement[bool]:
    if show == "won":
        return is_won()
    if show == "lost":
        return is_lost()
    running = and_(Auction.state.in_(("open", "suspended")), own.c.standing_cents.is_not(None))
    return and_(running, Auction.leader_id == _viewer if show == "leading" else Auction.leader_id.is_distinct_from(_viewer))


def counts(viewer_id: int) -> dict[str, int]:
    """How many lots stand under each of SHOWS."""
    numbers = db.session.execute(_counts(), {"viewer_id": viewer_id}).one()
    return dict(zip(SHOWS, numbers, strict=True))


@lru_cache(maxsize=1)
def _counts() -> Select[Any]:
    own = own_bids().subquery()
    watched = (select(func.count()).select_from(Watch).join(Auction, Auction.id == Watch.auction_id)
               .where(Watch.user_id == _viewer, Auction.state == "open").scalar_subquery())
    numbers: list[Any] = [func.count().filter(_of(show, own)) for show in SHOWS[:-1]]
    return (select(*numbers, watched).select_from(own).join(Auction, Auction.id == own.c.auction_id))


def page(viewer_id: int, show: str, after: Key | None = None) -> tuple[Sequence[Row[Any]], Key | None]:
    """The rows of one page of `show`, ready for cards, and the key of the next one.

    What runs comes with the next end first, what is over with the last end first.
    """
    values: dict[str, Any] = {"viewer_id": viewer_id} | catalogue.page_values(1, PER_PAGE + 1)
    if after:
        values |= {"after_time": after.moment, "after_id": after.id}
    rows = db.session.execute(_page(show, after is not None), values).all()
    more = len(rows) > PER_PAGE
    rows = rows[:PER_PAGE]
    return rows, Key(rows[-1].ends_at, rows[-1].id) if more else None


@lru_cache(maxsize=16)
def _page(show: str, goes_on: bool) -> Select[Any]:
    own = own_bids().subquery()
    offer = select(SecondChance.id).where(SecondChance.auction_id == Auction.id, SecondChance.bidder_id == _viewer,
                                          SecondChance.state == "open").scalar_subquery()
    found: Select[Any] = select(
        *catalogue.CARD, own.c.own_cents, own.c.standing_cents, (Auction.leader_id == _viewer).label("leads"),
        Auction.bid_step_cents, Auction.ended_reason, IncrementTable.steps.label("increments"),
        (offer if show == "lost" else null()).label("offer_id"),
    ).join(IncrementTable, IncrementTable.id == Auction.increment_table_id)
    if show == "watched":
        found = (found.join(Watch, and_(Watch.auction_id == Auction.id, Watch.user_id == _viewer))
                 .outerjoin(own, own.c.auction_id == Auction.id).where(Auction.state == "open"))
    else:
        found = found.join(own, own.c.auction_id == Auction.id).where(_of(show, own))
    backwards = show in LAST_FIRST
    if goes_on:
        place = tuple_(Auction.ends_at, Auction.id)
        end = tuple_(bindparam("after_time", type_=UtcDateTime), bindparam("after_id", type_=BigId))
        found = found.where(place < end if backwards else place > end)
    return catalogue.one_page(found, [("ends_at", backwards), ("id", backwards)])
