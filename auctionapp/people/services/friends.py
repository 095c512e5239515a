"""Friendship: asked for, then accepted, declined or withdrawn; ended by either side.

Declining and blocking are silent. To who asked, the request looks unanswered, and can be withdrawn; sent again within
30 days it reaches nobody. A refusal in words would tell of the block, and invite a second account.
"""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from auctionapp import quotas, transaction
from auctionapp.clock import Clock, database_clock
from auctionapp.events import FriendAccepted, FriendRefused, FriendRequested, announce
from auctionapp.extensions import limiter
from auctionapp.people import rules
from auctionapp.people.models import Friendship
from auctionapp.people.services import pair


def request(person_id: int, other_id: int, clock: Clock = database_clock) -> str:
    """Ask for friendship, or accept when the other one has asked. Asking twice is asking once.

    Returns `friends` or `asked`. Raises WithOneself, NotFound, Blocking, TooManyRequests, TooManyOpenRequests.
    """

    def work(session: Session) -> str:
        pair.lock(session, person_id, other_id)
        if pair.blocks(session, person_id, other_id):
            raise rules.Blocking()
        now = clock.now(session)
        row = pair.friendship(session, person_id, other_id)
        if row is not None and row.accepted_at is not None:
            return "friends"
        if row is not None and rules.asks(row, other_id, now):
            _befriend(session, row, person_id, other_id, now)
            return "friends"
        if not rules.asks(row, person_id, now):
            _ask(session, row, person_id, other_id, now)
        return "asked"

    return transaction.write(work)


def _ask(session: Session, row: Friendship | None, person_id: int, other_id: int, now: datetime) -> None:
    _refuse_flood(session, person_id, now)
    own = row is not None and row.requester_id == person_id
    if own and rules.is_quiet(row, now):
        row.withdrawn_at = None
        return
    told = own and row.created_at > now - rules.TOLD_AGAIN_AFTER
    if row is None:
        low_id, high_id = pair.key(person_id, other_id)
        row = Friendship(low_id=low_id, high_id=high_id)
        session.add(row)
    row.requester_id, row.created_at, row.withdrawn_at = person_id, now, None
    blocked = pair.blocks(session, other_id, person_id)
    row.declined_at = now if blocked else None
    if not blocked and not told:
        announce(session, FriendRequested(person_id, other_id))


def _refuse_flood(session: Session, person_id: int, now: datetime) -> None:
    own = Friendship.requester_id == person_id
    if quotas.used_up(session, "friend_requests", now, Friendship.created_at, own) is not None:
        raise rules.TooManyRequests(quotas.most("friend_requests"))
    waiting = select(func.count()).select_from(Friendship).where(
        own, Friendship.accepted_at.is_(None), Friendship.withdrawn_at.is_(None),
        or_(Friendship.declined_at.is_(None), Friendship.declined_at > now - rules.DECLINED_LASTS))
    if limiter.enabled and session.scalar(waiting) >= quotas.most("open_requests"):
        raise rules.TooManyOpenRequests(quotas.most("open_requests"))


def accept(person_id: int, other_id: int, clock: Clock = database_clock) -> None:
    """Say yes to a request; twice is once. Raises RequestGone when it was withdrawn, NotFound, Blocking."""

    def work(session: Session) -> None:
        pair.lock(session, person_id, other_id)
        if pair.blocks(session, person_id, other_id):
            raise rules.Blocking()
        now = clock.now(session)
        row = pair.friendship(session, person_id, other_id)
        if row is not None and row.accepted_at is not None:
            return
        if row is None or not rules.asks(row, other_id, now):
            raise rules.RequestGone()
        _befriend(session, row, person_id, other_id, now)

    transaction.write(work)


def _befriend(session: Session, row: Friendship, person_id: int, other_id: int, now: datetime) -> None:
    row.accepted_at, row.declined_at = now, None
    announce(session, FriendAccepted(by_id=person_id, to_id=other_id))


def decline(person_id: int, other_id: int, clock: Clock = database_clock) -> None:
    """Say no to a request, which is not told. Without one it is no harm, but Conflict among friends: remove them."""

    def work(session: Session) -> None:
        row = _request_of(session, other_id, person_id, "You are friends already.")
        if row is not None and row.declined_at is None:
            row.declined_at = clock.now(session)
            announce(session, FriendRefused(by_id=person_id, from_id=other_id))

    transaction.write(work)


def withdraw(person_id: int, other_id: int, clock: Clock = database_clock) -> None:
    """Take an own request back; again is no harm. Raises RequestGone once it was accepted."""

    def work(session: Session) -> None:
        row = _request_of(session, person_id, other_id, "Your request was accepted: you are friends now.")
        if row is not None and row.withdrawn_at is None:
            row.withdrawn_at = clock.now(session)

    transaction.write(work)


def _request_of(session: Session, requester_id: int, other_id: int, if_accepted: str) -> Friendship | None:
    """What this person asked, with the pair locked; None without one. Raises RequestGone where they are friends."""
    pair.lock(session, requester_id, other_id)
    row = pair.friendship(session, requester_id, other_id)
    if row is not None and row.accepted_at is not None:
        raise rules.RequestGone(if_accepted)
    return row if row is not None and row.requester_id == requester_id else None


def remove(person_id: int, other_id: int) -> None:
    """End a friendship, without a word to the other one; again is no harm."""

    def work(session: Session) -> None:
        pair.lock(session, person_id, other_id)
        row = pair.friendship(session, person_id, other_id)
        if row is not None and row.accepted_at is not None:
            session.delete(row)

    transaction.write(work)
