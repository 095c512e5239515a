"""Reads of notices: what the bar and the banner of every page show, and the list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, String, and_, bindparam, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, SecondChance
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.extensions import db
from auctionapp.notifications import words
from auctionapp.notifications.kinds import KINDS, Kind, of_family
from auctionapp.notifications.models import Notice
from auctionapp.people.models import Friendship
from auctionapp.people.rules import TOLD_AGAIN_AFTER
from auctionapp.posts.models import Comment, Post
from auctionapp.reports.models import Report
from auctionapp.topics import TopicEvent

PER_PAGE = 20

_is_unread: ColumnElement[bool] = Notice.read_at.is_(None)

_unread = (
    select(func.count(Notice.id)).where(Notice.user_id == User.id, Notice.shown, _is_unread)
    .correlate(User).scalar_subquery())
_newest = select(func.max(Notice.id)).where(Notice.user_id == User.id, Notice.shown).correlate(User).scalar_subquery()
_lost_lead, _its_auction = aliased(Notice), aliased(Auction)
_newest_outbid = (
    select(func.max(_lost_lead.id)).join(_its_auction, _its_auction.id == _lost_lead.auction_id)
    .where(_lost_lead.user_id == User.id, _lost_lead.kind == "outbid", _lost_lead.read_at.is_(None), _lost_lead.shown,
           _its_auction.state == "open", _its_auction.leader_id != User.id)
    .correlate(User).scalar_subquery()
)
_standing = (
    select(User.id, _unread.label("unread"), _newest.label("newest_id"), Notice.id.label("notice_id"),
           Auction.id.label("auction_id"), Auction.title, Auction.price_cents)
    .select_from(User).outerjoin(Notice, Notice.id == _newest_outbid)
    .outerjoin(Auction, Auction.id == Notice.auction_id)
    .where(User.id.in_(bindparam("people", expanding=True)))
)


def standing(user_ids: Collection[int]) -> Sequence[Row]:
    """Per person: how many notices are unread, the newest one, and the lot on which an outbid is unanswered
    (`notice_id`, or None)."""
    return db.session.execute(_standing, {"people": sorted(user_ids)}).all()


@dataclass(frozen=True)
class Listed:
    """One notice as its reader sees it."""

    id: int
    kind: Kind
    text: str
    path: str
    auction_id: int | None
    created_at: datetime
    unread: bool


def _listed() -> Select:
    return (
        select(Notice.id, Notice.kind, Notice.text, Notice.path, Notice.auction_id, Notice.created_at,
               _is_unread.label("unread"), (Conversation.last_number - Member.read_number).label("messages"))
        .outerjoin(Conversation, Conversation.id == Notice.conversation_id)
        .outerjoin(Member, and_(Member.conversation_id == Notice.conversation_id, Member.user_id == Notice.user_id)))


def _shown(row: Any) -> Listed:
    """Messages are counted as they stand: a further one rewrites nothing."""
    text = words.counted(row.text, row.messages) if row.unread and row.messages else row.text
    return Listed(row.id, KINDS[row.kind], text, row.path, row.auction_id, row.created_at, row.unread)


def _of(user_id: int, family: str, unread_only: bool) -> list[ColumnElement[bool]]:
    wanted = [Notice.user_id == user_id, Notice.shown.is_(True)]
    if family:
        wanted.append(Notice.kind.in_(of_family(family)))
    if unread_only:
        wanted.append(_is_unread)
    return wanted


def newest(user_id: int, before: int | None = None, family: str = "",
           unread_only: bool = False) -> tuple[list[Listed], int | None]:
    """Twenty of a person's notices, newest first, and the `before` of the next older ones."""
    wanted = _listed().where(*_of(user_id, family, unread_only)).order_by(Notice.id.desc()).limit(PER_PAGE + 1)
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    found = [_shown(row) for row in db.session.execute(wanted)]
    return found[:PER_PAGE], found[PER_PAGE - 1].id if len(found) > PER_PAGE else None


def page(user_id: int, number: int, per_page: int, unread_only: bool = False) -> tuple[list[Listed], int]:
    """One page of a person's notices, newest first, and how many there are in all: for programs."""
    wanted = _of(user_id, "", unread_only)
    total = db.session.scalar(select(func.count(Notice.id)).where(*wanted)) or 0
    rows = db.session.execute(_listed().where(*wanted).order_by(Notice.id.desc())
                              .limit(per_page).offset((number - 1) * per_page))
    return [_shown(row) for row in rows], total


def listed(session: Session, notice_ids: Collection[int]) -> dict[int, Listed]:
    """These notices, by id."""
    return {row.id: _shown(row) for row in session.execute(_listed().where(Notice.id.in_(notice_ids)))}


def unannounced_closes(now: datetime, limit: int = 50) -> list[int]:
    """Auctions decided lately whose seller was never told: their reactions were lost (fault 26)."""
    told = exists().where(Notice.auction_id == Auction.id, Notice.kind == Auction.state)
    lately, settled = now - timedelta(days=2), now - timedelta(seconds=3)
    ended = select(Auction.id).where(
        Auction.state.in_(("sold", "unsold")), Auction.ends_at > lately, Auction.closed_at < settled, ~told
    ).order_by(Auction.ends_at).limit(limit)
    accepted = select(Auction.id).join(SecondChance, SecondChance.auction_id == Auction.id).where(
        SecondChance.state == "accepted", SecondChance.decided_at.between(lately, settled), ~told
    ).order_by(SecondChance.decided_at).limit(limit)
    return list(dict.fromkeys([*db.session.scalars(ended), *db.session.scalars(accepted)]))


def untold_endings(now: datetime, limit: int = 50) -> list[int]:
    """Lots that their sellers ended early of late (at the very moment of their close), whose bidders were never told."""
    told = exists().where(Notice.auction_id == Auction.id, Notice.key.like("ended/_early:%", escape="/"))
    return list(db.session.scalars(
        select(Auction.id).where(
            Auction.state == "cancelled", Auction.ends_at > now - timedelta(days=2), Auction.ends_at == Auction.closed_at,
            Auction.closed_at < now - timedelta(seconds=3), ~told)
        .order_by(Auction.ends_at).limit(limit)))


def untold_offers(now: datetime, limit: int = 50) -> list[int]:
    """Second-chance offers made or ended lately of which nobody was told."""
    changed = func.coalesce(SecondChance.decided_at, SecondChance.offered_at)
    key = literal("second_chance:").concat(cast(SecondChance.id, String)).concat(":").concat(SecondChance.state)
    return list(db.session.scalars(
        select(SecondChance.id).where(
            or_(SecondChance.state == "open", SecondChance.decided_at > now - timedelta(days=2)),
            SecondChance.state != "accepted", changed < now - timedelta(seconds=3), ~exists().where(Notice.key == key))
        .order_by(SecondChance.id).limit(limit)))


# -- what a lost reaction left untold --------------------------------------------------------------------------------

UNDER_WAY = timedelta(seconds=10)
"""What just happened is being told by its own reaction."""
LATELY = timedelta(hours=1)
LOOKED_AT = 500


def recent_messages(now: datetime) -> list[int]:
    """The last messages of the last hour: whether they were told is said by `services.messages`."""
    return list(db.session.scalars(
        select(Message.id).where(Message.id > _last(Message), Message.created_at > now - LATELY,
                                 Message.created_at < now - UNDER_WAY)))


def untold_comments(now: datetime) -> list[int]:
    """Comments of the last hour of which somebody should have been told and was not."""
    answered = aliased(Comment)
    number = cast(Comment.id, String)
    told = exists().where(or_(Notice.key == literal("comment:") + number, Notice.key == literal("reply:") + number))
    return list(db.session.scalars(
        select(Comment.id).join(Post, Post.id == Comment.post_id).outerjoin(answered, answered.id == Comment.parent_id)
        .where(Comment.id > _last(Comment), Comment.created_at > now - LATELY, Comment.created_at < now - UNDER_WAY,
               Comment.deleted_at.is_(None), Post.deleted_at.is_(None),
               or_(Post.author_id != Comment.author_id, answered.author_id != Comment.author_id), ~told)))


def untold_requests(now: datetime) -> list[tuple[int, int]]:
    """Requests for friendship of the last hour that were not told: pairs of who asks and who is asked."""
    other_id = Friendship.low_id + Friendship.high_id - Friendship.requester_id
    key = literal("friend_request:") + cast(Friendship.requester_id, String) + literal(":") + cast(other_id, String)
    told = exists().where(Notice.key == key, Notice.created_at > now - TOLD_AGAIN_AFTER - LATELY)
    return [(asker_id, asked_id) for asker_id, asked_id in db.session.execute(
        select(Friendship.requester_id, other_id).where(
            Friendship.created_at > now - LATELY, Friendship.created_at < now - UNDER_WAY,
            Friendship.accepted_at.is_(None), Friendship.declined_at.is_(None), Friendship.withdrawn_at.is_(None),
            ~told).limit(LOOKED_AT))]


def untold_answers(now: datetime) -> list[tuple[int, int]]:
    """Requests that were accepted within the last hour, of which who had asked was not told: pairs of who asked and who
    accepted."""
    other_id = Friendship.low_id + Friendship.high_id - Friendship.requester_id
    key = literal("friend_accepted:") + cast(other_id, String) + literal(":") + cast(Friendship.requester_id, String)
    told = exists().where(Notice.key == key, Notice.created_at >= Friendship.accepted_at)
    return [(asker_id, by_id) for asker_id, by_id in db.session.execute(
        select(Friendship.requester_id, other_id).where(
            Friendship.accepted_at > now - LATELY, Friendship.accepted_at < now - UNDER_WAY, ~told).limit(LOOKED_AT))]


def liked_lately(now: datetime) -> list[int]:
    """Posts that were liked within the last hour: whether that was told is said by `services.people`."""
    names = db.session.scalars(
        select(TopicEvent.topic).where(
            TopicEvent.id > _last(TopicEvent), TopicEvent.kind == "likes", TopicEvent.created_at > now - LATELY,
            TopicEvent.created_at < now - UNDER_WAY).distinct())
    return [int(name.partition(":")[2]) for name in names]


def has_untold_report(now: datetime) -> bool:
    """Whether an administrator has no notice as new as the newest report of the last hour."""
    newest = db.session.scalar(select(Report.created_at).order_by(Report.id.desc()).limit(1))
    if newest is None or not now - LATELY < newest < now - UNDER_WAY:
        return False
    told = exists().where(Notice.user_id == User.id, Notice.kind == "report", Notice.created_at >= newest)
    return db.session.scalar(select(User.id).where(User.role == "admin", User.blocked_at.is_(None), ~told).limit(1)) is not None


def _last(model: Any) -> Any:
    return select(func.coalesce(func.max(model.id), 0) - LOOKED_AT).scalar_subquery()
