"""Who belongs to a group: its administrator adds, removes, renames and hands over; everybody may leave.

Each change says so in the chat, under the chat's lock.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.accounts.models import User
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Member
from auctionapp.chat.services import opening, writing
from auctionapp.chat.services.writing import Place
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.events import MembersGone, PicturesDropped, UnreadChanged, announce
from auctionapp.extensions import db

Change = Callable[[Session, Place, datetime], str]
"""Does something to a locked group and says in words what, after the name of who did it; "" when nothing changed."""


def _change(group_id: int, user_id: int, clock: Clock, change: Change, admin: bool = True) -> None:
    """Raises NotFound for who is no member, NotAllowed for who is not its administrator where that is asked, and
    TooManyMessages for an administrator who does much; leaving is never refused for that."""

    def work(session: Session) -> None:
        place = writing.lock(session, group_id)
        person = writing.writer(session, place, user_id)
        if place.kind != "group":
            raise NotAllowed("This is not a group.")
        if admin and not person.is_admin:
            raise NotAllowed("Only the group's administrator may do this.")
        now = clock.now(session)
        if admin:
            writing.refuse_flood(session, user_id, now)
        words = change(session, place, now)
        if words:
            writing.append(session, place, person, f"{person.display_name} {words}", now, system=True)

    transaction.write(work)


def add(group_id: int, admin_id: int, user_ids: Collection[int], clock: Clock = database_clock) -> None:
    """Add people; who is there already stays. Raises NotFound, NotAllowed, NobodyChosen, GroupFull, TooManyAdded."""
    if not user_ids:
        raise rules.NobodyChosen()

    def change(session: Session, place: Place, now: datetime) -> str:
        present = set(writing.member_ids(session, group_id))
        new = sorted(set(user_ids) - present)
        if not new:
            return ""
        if len(present) + len(new) > rules.MOST_MEMBERS:
            raise rules.GroupFull()
        names = opening.others(session, admin_id, new)
        opening.refuse_many_added(session, admin_id, len(new), now)
        fresh = {"read_number": place.last_number, "joined_at": now, "added_by_id": admin_id, "is_admin": False,
                 "left_at": None}
        session.connection().execute(
            bulk.dialect_insert(session, Member.__table__).on_conflict_do_update(
                index_elements=["conversation_id", "user_id"], set_=fresh),
            [{"conversation_id": group_id, "user_id": user_id} | fresh for user_id in new])
        return f"added {_listed(names)}."

    _change(group_id, admin_id, clock, change)


def remove(group_id: int, admin_id: int, user_id: int, clock: Clock = database_clock) -> None:
    """Remove a member. Raises NotFound, NotAllowed (not the administrator, or oneself: that is `leave`)."""

    def change(session: Session, place: Place, now: datetime) -> str:
        if user_id == admin_id:
            raise NotAllowed("To go yourself, leave the group.")
        name = _member_name(session, group_id, user_id)
        _go(session, group_id, user_id, now)
        return f"removed {name}."

    _change(group_id, admin_id, clock, change)


def leave(group_id: int, user_id: int, clock: Clock = database_clock) -> None:
    """Leave a group; if its administrator goes, whoever is longest in it takes over, of those whom the house has not
    blocked. Raises NotFound, NotAllowed."""

    def change(session: Session, place: Place, now: datetime) -> str:
        was_admin = writing.writer(session, place, user_id).is_admin
        _go(session, group_id, user_id, now)
        heir = _appoint_heir(session, group_id) if was_admin else None
        return f"left. {heir} is the administrator now." if heir else "left."

    _change(group_id, user_id, clock, change, admin=False)


def hand_on(user_id: int, clock: Clock = database_clock) -> None:
    """Give the groups of an administrator whom the house has blocked to whoever is longest in each."""
    group_ids = db.session.scalars(
        select(Member.conversation_id).join(User, User.id == Member.user_id)
        .where(Member.user_id == user_id, Member.is_admin, Member.left_at.is_(None), User.blocked_at.is_not(None))).all()
    for group_id in group_ids:
        transaction.write(lambda session, group_id=group_id: _hand_on(session, group_id, user_id, clock))


def _hand_on(session: Session, group_id: int, user_id: int, clock: Clock) -> None:
    place = writing.lock(session, group_id)
    person = session.execute(
        select(User.id, User.display_name, User.picture).join(Member, Member.user_id == User.id)
        .where(Member.conversation_id == group_id, User.id == user_id, Member.is_admin, Member.left_at.is_(None),
               User.blocked_at.is_not(None))).first()
    heir = _appoint_heir(session, group_id) if person else None
    if person and heir:
        _set_admin(session, group_id, user_id, False)
        writing.append(session, place, person, f"{heir} is the administrator now.", clock.now(session), system=True)


def _appoint_heir(session: Session, group_id: int) -> str | None:
    """Make whoever is longest in a locked group its administrator; the name, or None where nobody is left."""
    heir = session.execute(
        select(Member.user_id, User.display_name).join(User, User.id == Member.user_id)
        .where(Member.conversation_id == group_id, Member.left_at.is_(None), User.blocked_at.is_(None))
        .order_by(Member.joined_at, Member.user_id).limit(1)).first()
    if heir is None:
        return None
    _set_admin(session, group_id, heir.user_id, True)
    return str(heir.display_name)


def rename(group_id: int, admin_id: int, name: str, clock: Clock = database_clock) -> None:
    """Raises NotFound, NotAllowed, NameInvalid."""
    name = rules.group_name(name)

    def change(session: Session, place: Place, now: datetime) -> str:
        if session.scalar(select(Conversation.name).where(Conversation.id == group_id)) == name:
            return ""
        _set(session, group_id, name=name)
        return f"named the group “{name}”."

    _change(group_id, admin_id, clock, change)


def set_picture(group_id: int, admin_id: int, picture: str | None, clock: Clock = database_clock) -> None:
    """Give the group a stored picture (its name), or take it away with None. Raises NotFound, NotAllowed."""

    def change(session: Session, place: Place, now: datetime) -> str:
        before = session.scalar(select(Conversation.picture).where(Conversation.id == group_id))
        if before == picture:
            return ""
        _set(session, group_id, picture=picture)
        if before:
            announce(session, PicturesDropped((before,)))
        return "gave the group a picture." if picture else "took the group's picture away."

    _change(group_id, admin_id, clock, change)


def hand_over(group_id: int, admin_id: int, user_id: int, clock: Clock = database_clock) -> None:
    """Make another member the administrator. Raises NotFound, NotAllowed (also of somebody whom the house has blocked)."""

    def change(session: Session, place: Place, now: datetime) -> str:
        name = _member_name(session, group_id, user_id)
        if user_id == admin_id:
            return ""
        if session.scalar(select(User.blocked_at).where(User.id == user_id)) is not None:
            raise NotAllowed(f"The house has blocked {name}.")
        _set_admin(session, group_id, admin_id, False)
        _set_admin(session, group_id, user_id, True)
        return f"made {name} the administrator."

    _change(group_id, admin_id, clock, change)


def _listed(names: list[str]) -> str:
    """At most ten of the names, in words."""
    if len(names) > 10:
        return f"{', '.join(names[:10])} and {len(names) - 10} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _member_name(session: Session, group_id: int, user_id: int) -> str:
    name = session.scalar(
        select(User.display_name).join(Member, Member.user_id == User.id)
        .where(Member.conversation_id == group_id, Member.user_id == user_id, Member.left_at.is_(None)))
    if name is None:
        raise NotFound("There is no such member.")
    return name


def _go(session: Session, group_id: int, user_id: int, now: datetime) -> None:
    _set_member(session, group_id, user_id, left_at=now, is_admin=False)
    announce(session, MembersGone(group_id, (user_id,)))
    announce(session, UnreadChanged(user_ids=(user_id,)))


def _set_admin(session: Session, group_id: int, user_id: int, is_admin: bool) -> None:
    _set_member(session, group_id, user_id, is_admin=is_admin)


def _set_member(session: Session, group_id: int, user_id: int, **values: Any) -> None:
    session.connection().execute(
        update(Member.__table__).where(Member.conversation_id == group_id, Member.user_id == user_id).values(values))


def _set(session: Session, group_id: int, **values: Any) -> None:
    session.connection().execute(update(Conversation.__table__).where(Conversation.id == group_id).values(values))
