"""Reads of notices: what the bar and the banner of every page show, and the list."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.extensions import db
from auctionapp.notifications.models import Notice

_unread = (
    select(func.count(Notice.id)).where(Notice.user_id == User.id, Notice.read_at.is_(None)).correlate(User).scalar_subquery())
_lost_lead, _its_auction = aliased(Notice), aliased(Auction)
_newest_outbid = (
    select(func.max(_lost_lead.id)).join(_its_auction, _its_auction.id == _lost_lead.auction_id)
    .where(_lost_lead.user_id == User.id, _lost_lead.kind == "outbid", _lost_lead.read_at.is_(None),
           _its_auction.state == "open", _its_auction.leader_id != User.id)
    .correlate(User).scalar_subquery()
)
_standing = (
    select(User.id, _unread.label("unread"), Notice.id.label("notice_id"),
           Auction.id.label("auction_id"), Auction.title, Auction.price_cents)
    .select_from(User).outerjoin(Notice, Notice.id == _newest_outbid)
    .outerjoin(Auction, Auction.id == Notice.auction_id)
    .where(User.id.in_(bindparam("people", expanding=True)))
)


def standing(user_ids: Collection[int]) -> Sequence[Row]:
    """Per person: how many notices are unread, and the lot on which an outbid is unanswered (`notice_id`, or None)."""
    return db.session.execute(_standing, {"people": sorted(user_ids)}).all()


def page(user_id: int, number: int, per_page: int) -> tuple[Sequence[Notice], int]:
    """One page of a person's notices, newest first, and how many there are in all."""
    total = db.session.scalar(select(func.count()).where(Notice.user_id == user_id)) or 0
    notices = db.session.scalars(
        select(Notice).where(Notice.user_id == user_id).order_by(Notice.id.desc())
        .limit(per_page).offset((number - 1) * per_page)
    ).all()
    return notices, total


def unannounced_closes(now: datetime, limit: int = 50) -> list[int]:
    """Auctions decided lately whose seller was never told: their reactions were lost (fault 26)."""
    told = exists().where(Notice.auction_id == Auction.id, Notice.kind.in_(("sold", "unsold")))
    return list(db.session.scalars(
        select(Auction.id).where(
            Auction.state.in_(("sold", "unsold")), Auction.ends_at > now - timedelta(days=2),
            Auction.closed_at < now - timedelta(seconds=3), ~told)
        .order_by(Auction.ends_at).limit(limit)))
