"""Reads of how people stand to each other."""

from collections.abc import Collection

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from auctionapp.people.models import Follow, Friendship, PersonBlock


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
