"""Blocking a person: nothing of theirs comes through any more, and they are not told."""

from datetime import datetime

from sqlalchemy import and_, delete, or_
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.clock import Clock, database_clock
from auctionapp.events import FriendRefused, PersonBlocked, announce
from auctionapp.people.models import Follow, Friendship, PersonBlock
from auctionapp.people.services import pair


def block(person_id: int, other_id: int, clock: Clock = database_clock) -> None:
    """Block somebody: friendship, requests and following end both ways. Again is no harm.

    Their open request stays as one that was declined, so that they see no difference. Raises WithOneself, NotFound.
    """

    def work(session: Session) -> None:
        pair.lock(session, person_id, other_id)
        now = clock.now(session)
        session.execute(bulk.dialect_insert(session, PersonBlock).values(
            blocker_id=person_id, blocked_id=other_id, created_at=now).on_conflict_do_nothing())
        row = pair.friendship(session, person_id, other_id)
        if row is not None:
            _end(session, row, person_id, now)
        session.execute(delete(Follow).where(or_(
            and_(Follow.follower_id == person_id, Follow.followed_id == other_id),
            and_(Follow.follower_id == other_id, Follow.followed_id == person_id))))
        announce(session, PersonBlocked(person_id, other_id))

    transaction.write(work)


def _end(session: Session, row: Friendship, person_id: int, now: datetime) -> None:
    """Requests stay on record: who blocks and unblocks would otherwise ask, and be told of, again and again."""
    if row.accepted_at is not None:
        session.delete(row)
    elif row.requester_id == person_id:
        row.withdrawn_at = row.withdrawn_at or now
    else:
        row.declined_at = row.declined_at or now
        announce(session, FriendRefused(by_id=person_id, from_id=row.requester_id))


def unblock(person_id: int, other_id: int) -> None:
    """Let somebody through again; what ended stays ended. Without a block it is no harm."""
    transaction.write(lambda session: session.execute(delete(PersonBlock).where(
        PersonBlock.blocker_id == person_id, PersonBlock.blocked_id == other_id)) and None)
