"""Reads of how people stand to each other."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from auctionapp.accounts.models import User
from auctionapp.people import rules
from auctionapp.people.models import Follow, Friendship, PersonBlock, PersonPicture
from auctionapp.people.rules import Standing

PER_PAGE = 20
LISTS = ("friends", "received", "sent", "followed", "blocked")


def friends_of(user_id: int) -> Select:
    """The ids of a person's friends, as a statement to select from."""
    return select(case((Friendship.low_id == user_id, Friendship.high_id), else_=Friendship.low_id)).where(
        or_(Friendship.low_id == user_id, Friendship.high_id == user_id), Friendship.accepted_at.is_not(None))


def followed_by(user_id: int) -> Select:
    """The ids of the people whom a person follows, as a statement to select from."""
    return select(Follow.followed_id).where(Follow.follower_id == user_id)


def blockers_of(session: Session, user_id: int, among: Collection[int]) -> set[int]:
    """Who of these people has blocked this person."""
    return set(session.scalars(select(PersonBlock.blocker_id).where(
        PersonBlock.blocked_id == user_id, PersonBlock.blocker_id.in_(among))))


def is_person() -> ColumnElement[bool]:
    """Of the house: the address proved, not blocked by it. Nobody else has a profile or stands in a list."""
    return and_(User.confirmed_at.is_not(None), User.blocked_at.is_(None))


def person(session: Session, person_id: int) -> User | None:
    """Somebody who has a profile."""
    return session.scalar(select(User).where(User.id == person_id, is_person()))


def whom_they_block(session: Session, user_id: int, person_id: int) -> User | None:
    """Somebody whom this person has blocked, also when they have no profile any more."""
    return session.scalar(select(User).join(PersonBlock, PersonBlock.blocked_id == User.id).where(
        User.id == person_id, PersonBlock.blocker_id == user_id))


def standings(session: Session, viewer_id: int, person_ids: Iterable[int], now: datetime) -> dict[int, Standing]:
    """How a viewer stands to each of these people, in two statements."""
    wanted = set(person_ids) - {viewer_id}
    if not wanted:
        return {}
    rows = session.scalars(select(Friendship).where(or_(
        and_(Friendship.low_id == viewer_id, Friendship.high_id.in_(wanted)),
        and_(Friendship.high_id == viewer_id, Friendship.low_id.in_(wanted)))).execution_options(populate_existing=True))
    friendships = {row.high_id if row.low_id == viewer_id else row.low_id: row for row in rows}
    marks = session.execute(union_all(
        select(literal("follows"), Follow.followed_id).where(
            Follow.follower_id == viewer_id, Follow.followed_id.in_(wanted)),
        select(literal("blocks"), PersonBlock.blocked_id).where(
            PersonBlock.blocker_id == viewer_id, PersonBlock.blocked_id.in_(wanted))))
    marked = {(row[0], row[1]) for row in marks}
    return {one: Standing(one, rules.friendship(friendships.get(one), viewer_id, now),
                          ("follows", one) in marked, ("blocks", one) in marked) for one in wanted}


@dataclass(frozen=True)
class People:
    """One page of a list: rows of id, display_name, picture, since and has_profile."""

    rows: Sequence[Row[Any]]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


def counts(session: Session, user_id: int, now: datetime) -> dict[str, int]:
    """How many people stand in each of a person's lists, in one statement."""
    row = session.execute(select(*(
        _list(name, user_id, now).with_only_columns(func.count()).order_by(None).scalar_subquery().label(name)
        for name in LISTS))).one()
    return dict(row._mapping)


def people(session: Session, name: str, user_id: int, now: datetime, page: int, total: int) -> People:
    """One page of one of a person's lists (`LISTS`); `total` from `counts`."""
    page = min(max(page, 1), max(1, -(-total // PER_PAGE)))
    rows = session.execute(_list(name, user_id, now).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return People(rows, total, page)


def _list(name: str, user_id: int, now: datetime) -> Select:
    if name == "followed":
        return _people(Follow.created_at).join(Follow, Follow.followed_id == User.id).where(
            Follow.follower_id == user_id).order_by(func.lower(User.display_name), User.id)
    if name == "blocked":
        # Also whom the house has blocked meanwhile: a block can always be taken back.
        return _anybody(PersonBlock.created_at).join(PersonBlock, PersonBlock.blocked_id == User.id).where(
            PersonBlock.blocker_id == user_id).order_by(PersonBlock.created_at.desc(), User.id)
    other_id = case((Friendship.low_id == user_id, Friendship.high_id), else_=Friendship.low_id)
    of_person = or_(Friendship.low_id == user_id, Friendship.high_id == user_id)
    if name == "friends":
        return _people(Friendship.accepted_at).join(Friendship, User.id == other_id).where(
            of_person, Friendship.accepted_at.is_not(None)).order_by(func.lower(User.display_name), User.id)
    waiting = _people(Friendship.created_at).join(Friendship, User.id == other_id).where(
        of_person, Friendship.accepted_at.is_(None), Friendship.withdrawn_at.is_(None),
    ).order_by(Friendship.created_at.desc(), User.id)
    if name == "received":
        return waiting.where(Friendship.requester_id != user_id, Friendship.declined_at.is_(None))
    # What was declined, or never arrived, looks unanswered to who sent it (services/friends.py).
    return waiting.where(Friendship.requester_id == user_id, or_(
        Friendship.declined_at.is_(None), Friendship.declined_at > now - rules.DECLINED_LASTS))


def _people(since: Any) -> Select:
    return _anybody(since).where(is_person())


def _anybody(since: Any) -> Select:
    return select(User.id, User.display_name, User.picture, User.first_name, User.last_name,
                  since.label("since"), is_person().label("has_profile"))


def strangers(session: Session, user_id: int, among: Sequence[int], now: datetime) -> Sequence[Row[Any]]:
    """Those of these people who could become friends, in the given order: nothing asked, nobody blocked either way."""
    if not among:
        return []
    rows: Any = session.execute(
        select(User.id, User.display_name, User.picture, literal(True).label("has_profile")).where(
            User.id.in_(among), User.id != user_id, is_person(),
            ~select(PersonBlock.blocker_id).where(or_(
                and_(PersonBlock.blocker_id == user_id, PersonBlock.blocked_id == User.id),
                and_(PersonBlock.blocked_id == user_id, PersonBlock.blocker_id == User.id))).exists(),
            ~select(Friendship.low_id).where(
                or_(and_(Friendship.low_id == user_id, Friendship.high_id == User.id),
                    and_(Friendship.high_id == user_id, Friendship.low_id == User.id)),
                or_(Friendship.accepted_at.is_not(None), Friendship.withdrawn_at.is_(None)),
                or_(Friendship.declined_at.is_(None), Friendship.declined_at > now - rules.DECLINED_LASTS),
            ).exists())).all()
    place = {person_id: number for number, person_id in enumerate(among)}
    return sorted(rows, key=lambda row: place[row.id])


def pictures(session: Session, user_id: int) -> Sequence[PersonPicture]:
    """All that a person has kept, newest first; there are few (`rules.PICTURES_KEPT`)."""
    return session.scalars(select(PersonPicture).where(PersonPicture.user_id == user_id)
                           .order_by(PersonPicture.id.desc())).all()
