"""Sign-ins kept on the server: they begin with a proved password and end when they should (fault 45)."""

import secrets
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, delete, insert, select, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts import identity, passwords, rules
from auctionapp.accounts.models import ApiToken, EmailCode, SignIn, User
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import DomainError, NotFound
from auctionapp.events import SessionsEnded, announce
from auctionapp.extensions import db


class WrongCredentials(DomainError):
    slug = "wrong-credentials"
    status = 401
    text = "This address and password do not belong together."


class Blocked(DomainError):
    slug = "blocked"
    status = 403
    text = "This account is blocked."


@dataclass(frozen=True)
class Proven:
    """Who showed the right password. The hash is kept so that a password changed meanwhile takes it back."""

    user_id: int
    password_hash: str


@dataclass(frozen=True)
class SignedIn:
    sign_in_id: int
    token: str
    """For the cookie; only its hash is kept here."""


def authenticate(email: str, password: str) -> Proven:
    """Check address and password. Raises WrongCredentials, or Blocked for who knows the right password.

    Takes as long for an unknown address as for a known one (fault 46).
    """
    password = rules.clean_password(password)
    try:
        address: str | None = rules.clean_email(email)
    except rules.InvalidEmail:
        address = None
    found = db.session.execute(
        select(User.id, User.password_hash, User.blocked_at).where(User.email == address)
    ).first() if address else None
    db.session.rollback()
    fits = passwords.matches(found.password_hash if found else None, password[:rules.PASSWORD_MAX + 1])
    if found is None or not fits:
        raise WrongCredentials()
    if found.blocked_at is not None:
        raise Blocked()
    return _with_todays_hash(Proven(found.id, found.password_hash), password)


def _with_todays_hash(proven: Proven, password: str) -> Proven:
    """Hash again when the parameters have changed since; whoever changes the password meanwhile wins."""
    if not passwords.is_outdated(proven.password_hash):
        return proven
    new_hash = passwords.hash_secret(password)
    changed = transaction.write(lambda session: session.execute(
        update(User).where(User.id == proven.user_id, User.password_hash == proven.password_hash)
        .values(password_hash=new_hash).returning(User.id)
    ).first())
    return Proven(proven.user_id, new_hash) if changed else proven


def require_unchanged(session: Session, proven: Proven) -> None:
    """Lock the person; raises WrongCredentials when password or blocking changed since the check."""
    still = session.scalar(
        select(User.id).where(User.id == proven.user_id, User.password_hash == proven.password_hash,
                              User.blocked_at.is_(None)).with_for_update()
    )
    if still is None:
        raise WrongCredentials()


def sign_in(proven: Proven, user_agent: str = "", remember: bool = False, replaces: int | None = None,
            clock: Clock = database_clock) -> SignedIn:
    """Begin a session with a new token; `replaces` is the id of the browser's session before, which ends."""

    def work(session: Session) -> SignedIn:
        require_unchanged(session, proven)
        if replaces is not None:
            _end(session, SignIn.id == replaces)
        return begin(session, proven.user_id, user_agent, remember, clock)

    return transaction.write(work)


def begin(session: Session, user_id: int, user_agent: str, remember: bool, clock: Clock) -> SignedIn:
    """Write a new sign-in in the caller's transaction."""
    token, now = secrets.token_urlsafe(32), clock.now(session)
    lasts = rules.REMEMBERED_LASTS if remember else rules.SESSION_LASTS
    sign_in_id = session.execute(insert(SignIn).values(
        user_id=user_id, token_hash=identity.token_hash(token), user_agent=user_agent[:200], created_at=now,
        seen_at=now, expires_at=now + lasts, remembered=remember,
    ).returning(SignIn.id)).scalar_one()
    return SignedIn(sign_in_id, token)


def end_session(user_id: int, sign_in_id: int) -> None:
    """End one session of a person. Raises NotFound for one that has ended, or is somebody else's."""

    def work(session: Session) -> None:
        if not _end(session, SignIn.id == sign_in_id, SignIn.user_id == user_id):
            raise NotFound()

    transaction.write(work)


def end_other_sessions(user_id: int, keep_id: int) -> int:
    """End all sessions but one; returns how many."""
    return transaction.write(
        lambda session: len(_end(session, SignIn.user_id == user_id, SignIn.id != keep_id))
    )


def end_everything(session: Session, user_id: int) -> None:
    """End all sessions and API tokens of a person in the caller's transaction: new password, blocking (R17)."""
    token_ids = session.scalars(
        delete(ApiToken).where(ApiToken.user_id == user_id).returning(ApiToken.id)
    ).all()
    sign_in_ids = session.scalars(delete(SignIn).where(SignIn.user_id == user_id).returning(SignIn.id)).all()
    announce(session, SessionsEnded(user_id, tuple(sign_in_ids), tuple(token_ids)))


def _end(session: Session, *which: ColumnElement[bool]) -> list[int]:
    ended = session.execute(delete(SignIn).where(*which).returning(SignIn.user_id, SignIn.id)).all()
    for user_id in {row.user_id for row in ended}:
        announce(session, SessionsEnded(user_id, tuple(row.id for row in ended if row.user_id == user_id)))
    return [row.id for row in ended]


def touch(sign_in_id: int, clock: Clock = database_clock) -> None:
    """Note a visit: a session that is not remembered for a fixed time lasts from here."""

    def work(session: Session) -> None:
        now = clock.now(session)
        session.execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id, SignIn.seen_at < now - rules.SEEN_EVERY, SignIn.expires_at > now)
            .values(seen_at=now, expires_at=case((SignIn.remembered, SignIn.expires_at), else_=now + rules.SESSION_LASTS))
        )

    transaction.write(work)


def forget_old(clock: Clock = database_clock) -> None:
    """Remove sessions and tokens that expired, and codes that count no more."""

    def work(session: Session) -> None:
        now = clock.now(session)
        session.execute(delete(SignIn).where(SignIn.expires_at < now))
        session.execute(delete(ApiToken).where(ApiToken.expires_at < now))
        session.execute(delete(EmailCode).where(EmailCode.created_at < now - rules.CODES_KEPT))

    transaction.write(work)
