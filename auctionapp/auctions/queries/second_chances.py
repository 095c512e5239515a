"""Reads of second-chance offers (R4): for the seller without the bidder's secret, for the bidder in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, SecondChance
from auctionapp.auctions.seller_rules import Offers
from auctionapp.errors import NotFound
from auctionapp.extensions import db


def offers_of(session: Session, auction_id: int) -> Offers:
    """What was offered of a lot after its end. Read under the lot's lock by whoever changes it."""
    made, standing, relisted_as = session.execute(select(
        select(func.count()).select_from(SecondChance).where(SecondChance.auction_id == auction_id).scalar_subquery(),
        select(func.count()).select_from(SecondChance).where(
            SecondChance.auction_id == auction_id, SecondChance.state == "open").scalar_subquery(),
        select(Auction.id).where(Auction.relisted_from_id == auction_id).scalar_subquery())).one()
    return Offers(made, bool(standing), relisted_as)


@dataclass(frozen=True)
class Shown:
    """An offer as the lot's seller sees it: an amount that is the bidder's maximum only once it is accepted (R19)."""

    id: int
    state: str
    at_maximum: bool
    amount_cents: int | None
    offered_at: datetime
    lapses_at: datetime
    decided_at: datetime | None


def of_lot(auction_id: int) -> list[Shown]:
    """All offers of a lot for its seller, newest first; there are few."""
    rows = db.session.scalars(
        select(SecondChance).where(SecondChance.auction_id == auction_id).order_by(SecondChance.id.desc()))
    return [Shown(row.id, row.state, row.at_maximum,
                  None if row.at_maximum and row.state != "accepted" else row.amount_cents,
                  row.offered_at, row.lapses_at, row.decided_at) for row in rows]


_for_bidder = (
    select(SecondChance.id, SecondChance.auction_id, SecondChance.amount_cents, SecondChance.at_maximum, SecondChance.state,
           SecondChance.offered_at, SecondChance.lapses_at, SecondChance.decided_at, Auction.title, Auction.price_cents,
           Auction.seller_id, User.display_name.label("seller_name"))
    .join(Auction, Auction.id == SecondChance.auction_id).join(User, User.id == Auction.seller_id))


def for_bidder(offer_id: int, bidder_id: int) -> Row:
    """An offer for the one it is made to. Raises NotFound for everybody else (fault 41)."""
    found: Row | None = db.session.execute(
        _for_bidder.where(SecondChance.id == offer_id, SecondChance.bidder_id == bidder_id)).first()
    if found is None:
        raise NotFound()
    return found


def standing_for(bidder_id: int, auction_id: int, now: datetime) -> Row | None:
    """The offer of this lot that this bidder may still answer."""
    found: Row | None = db.session.execute(
        _for_bidder.where(SecondChance.auction_id == auction_id, SecondChance.bidder_id == bidder_id,
                          SecondChance.state == "open", SecondChance.lapses_at > now)).first()
    return found


def lapsed(session: Session, now: datetime, limit: int = 200) -> Sequence[int]:
    """Open offers whose time has run out, the longest due first."""
    return session.scalars(
        select(SecondChance.id).where(SecondChance.state == "open", SecondChance.lapses_at <= now)
        .order_by(SecondChance.lapses_at).limit(limit)).all()
