"""Two people, one at a time: whatever changes between them happens under the lock of both rows."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp.accounts.models import User
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.people import rules
from auctionapp.people.models import Friendship, PersonBlock


def lock(session: Session, person_id: int, other_id: int) -> None:
    """Lock both people in id order, so that two who ask each other at once come one after the other.

    Raises WithOneself; NotFound for somebody who is not a person of the house; NotAllowed when the person acting is
    no longer one.
    """
    if person_id == other_id:
        raise rules.WithOneself()
    rows = session.execute(
        select(User.id, User.confirmed_at, User.blocked_at).where(User.id.in_((person_id, other_id)))
        .order_by(User.id).with_for_update(key_share=True))
    active = {row.id for row in rows if row.confirmed_at is not None and row.blocked_at is None}
    if other_id not in active:
        raise NotFound()
    if person_id not in active:
        raise NotAllowed()


def key(person_id: int, other_id: int) -> tuple[int, int]:
    """The key of their friendship's row."""
    return min(person_id, other_id), max(person_id, other_id)


def friendship(session: Session, person_id: int, other_id: int) -> Friendship | None:
    """Their row as it is now, under the lock."""
    return session.get(Friendship, key(person_id, other_id), populate_existing=True)


def blocks(session: Session, blocker_id: int, blocked_id: int) -> bool:
    return session.scalar(select(PersonBlock.blocker_id).where(
        PersonBlock.blocker_id == blocker_id, PersonBlock.blocked_id == blocked_id)) is not None
