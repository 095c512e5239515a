"""Another e-mail address: proved by a code that goes there, while the old one is warned.

A taken address gets a mail that says so, and looks the same here (fault 46).
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts import letters, passwords, rules
from auctionapp.accounts.models import EmailCode, User
from auctionapp.accounts.services import codes, sessions
from auctionapp.accounts.services.registration import wait_after_two
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from auctionapp.mail import services as mail
from auctionapp.mail.site import Site

PURPOSE = "address"


class SameAddress(DomainError):
    slug = "same-address"
    text = "This is your address already."


@dataclass(frozen=True)
class Waiting:
    """A new address whose code has not been typed in yet."""

    code_id: int
    email: str


def request_address(user_id: int, email: str, password: str, site: Site, clock: Clock = database_clock) -> None:
    """Mail a code to the new address and a warning to the old one.

    Raises InvalidEmail, SameAddress, WrongCredentials, TooSoon for the third within a minute, TooManyCodes, NotSetUp.
    """
    site.require_mail()
    email, password = rules.clean_email(email), rules.clean_password(password)
    person = db.session.execute(select(User.email, User.password_hash).where(User.id == user_id)).one()
    db.session.rollback()
    if not passwords.matches(person.password_hash, password[:rules.PASSWORD_MAX + 1]):
        raise sessions.WrongCredentials("This is not your password.")
    if email == person.email:
        raise SameAddress()
    new = codes.make()

    def work(session: Session) -> None:
        sessions.require_unchanged(session, sessions.Proven(user_id, person.password_hash))
        codes.lock_address(session, email)
        now = clock.now(session)
        wait_after_two(session, email, PURPOSE, now)
        asked = session.scalar(select(func.count()).select_from(EmailCode).where(
            EmailCode.user_id == user_id, EmailCode.purpose == PURPOSE, EmailCode.created_at > now - timedelta(days=1)))
        if asked >= rules.ADDRESS_CHANGES_A_DAY:
            raise codes.TooManyCodes("You have asked for a new address often enough today. Please try again tomorrow.")
        # Only one change waits: the code for another address that was asked for before ends.
        session.execute(update(EmailCode).where(
            EmailCode.user_id == user_id, EmailCode.purpose == PURPOSE, EmailCode.ended_at.is_(None)).values(ended_at=now))
        codes.replace(session, email, PURPOSE, new, now, user_id=user_id)
        taken = session.scalar(select(User.id).where(User.email == email))
        letter = letters.address_taken(site) if taken else letters.address_code(site, new.code)
        mail.queue(session, email, letter.subject, letter.body, taken, now)
        warning = letters.address_change_asked(site)
        mail.queue(session, person.email, warning.subject, warning.body, user_id, now)

    transaction.write(work)


def waiting_address(session: Session, user_id: int, clock: Clock = database_clock) -> Waiting | None:
    """The new address that a person has still to prove."""
    found = session.execute(
        select(EmailCode.id, EmailCode.email).where(
            EmailCode.user_id == user_id, EmailCode.purpose == PURPOSE, EmailCode.ended_at.is_(None),
            EmailCode.expires_at > clock.now(session))
        .order_by(EmailCode.id.desc()).limit(1)).first()
    return Waiting(found.id, found.email) if found else None


def confirm_address(user_id: int, code: str, site: Site, clock: Clock = database_clock) -> str:
    """Use the new address from now on; the old one is told. Returns it. Raises CodeRefused."""
    waiting = waiting_address(db.session(), user_id, clock)
    db.session.rollback()
    if waiting is None:
        raise codes.CodeRefused()
    match = codes.try_code(waiting.email, PURPOSE, code, waiting.code_id, clock)

    def work(session: Session) -> None:
        now = clock.now(session)
        old = session.scalar(select(User.email).where(User.id == user_id).with_for_update())
        if match.user_id != user_id or not codes.use(session, match, now):
            raise codes.CodeRefused()
        session.execute(update(User).where(User.id == user_id).values(email=waiting.email))
        if site.mail_works:
            letter = letters.address_changed(site)
            mail.queue(session, old, letter.subject, letter.body, user_id, now)

    try:
        transaction.write(work)
    except IntegrityError as error:  # somebody registered with it since the code was sent
        raise codes.CodeRefused() from error
    return waiting.email
