"""What administrators do with accounts: roles, ending sessions; and proving once more who sits there."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import audit, transaction
from auctionapp.accounts import passwords, rules
from auctionapp.accounts.models import ROLES, SignIn, User
from auctionapp.accounts.services import people
from auctionapp.accounts.services.sessions import WrongCredentials, end_everything
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, NotAllowed
from auctionapp.extensions import db


def prove_again(user_id: int, sign_in_id: int, password: str, clock: Clock = database_clock) -> None:
    """Note that the password was given again in this session. Raises WrongCredentials."""
    password = rules.clean_password(password)
    kept = db.session.scalar(select(User.password_hash).where(User.id == user_id))
    db.session.rollback()
    if not passwords.matches(kept, password[:rules.PASSWORD_MAX + 1]):
        raise WrongCredentials("This is not your password.")
    transaction.write(lambda session: session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == user_id).values(proved_at=clock.now(session))
    ) and None)


def set_role(actor: Actor, user_id: int, role: str, reason: str, clock: Clock = database_clock) -> None:
    """Give a person another role; it counts from the next request on.

    Raises NotFound, NotAllowed for the own role, Conflict for who is blocked, ReasonMissing. Lots that a former
    seller has on sale go on.
    """
    reason = audit.clean_reason(reason)
    if role not in ROLES:
        raise ValueError(role)
    if user_id == actor.admin_id:
        raise NotAllowed("You cannot change your own role: another administrator can.")

    def work(session: Session) -> None:
        person = people.locked(session, user_id)
        if person.blocked_at is not None:
            raise Conflict("This person is blocked. Unblock them first.")
        if person.role == role:
            return
        before, person.role = person.role, role
        audit.record(session, actor, "set_role", "person", user_id, clock.now(session), {"role": before},
                     {"role": role}, reason)

    transaction.write(work)


def end_sessions(actor: Actor, user_id: int, clock: Clock = database_clock) -> None:
    """End all sessions, API tokens and private streams of a person, who may sign in again. Raises NotFound."""

    def work(session: Session) -> None:
        people.locked(session, user_id)
        before = {"sign_ins": _count(session, user_id)}
        end_everything(session, user_id)
        audit.record(session, actor, "end_sessions", "person", user_id, clock.now(session), before, {"sign_ins": 0})

    transaction.write(work)


def _count(session: Session, user_id: int) -> int:
    return len(session.scalars(select(SignIn.id).where(SignIn.user_id == user_id)).all())
