"""Following: what somebody writes stands first in one's own feed, what they sell on the first page.

They need not agree, and are not told.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.clock import Clock, database_clock
from auctionapp.people import rules
from auctionapp.people.models import Follow
from auctionapp.people.services import pair


def follow(person_id: int, other_id: int, clock: Clock = database_clock) -> None:
    """Follow somebody; again is no harm. Raises WithOneself, NotFound, Blocking, CannotFollow (who is blocked)."""

    def work(session: Session) -> None:
        pair.lock(session, person_id, other_id)
        if pair.blocks(session, person_id, other_id):
            raise rules.Blocking()
        if pair.blocks(session, other_id, person_id):
            raise rules.CannotFollow()
        session.execute(bulk.dialect_insert(session, Follow).values(
            follower_id=person_id, followed_id=other_id, created_at=clock.now(session)).on_conflict_do_nothing())

    transaction.write(work)


def unfollow(person_id: int, other_id: int) -> None:
    """Follow no longer; without following it is no harm."""
    transaction.write(lambda session: session.execute(delete(Follow).where(
        Follow.follower_id == person_id, Follow.followed_id == other_id)) and None)
