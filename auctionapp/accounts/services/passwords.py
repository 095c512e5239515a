"""A new password: for who forgot the old one, by a code; for who knows it, at once."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts import letters, passwords, rules
from auctionapp.accounts.models import User
from auctionapp.accounts.services import codes, sessions
from auctionapp.accounts.services.registration import wait_after_two
from auctionapp.clock import Clock, database_clock
from auctionapp.extensions import db
from auctionapp.mail import services as mail
from auctionapp.mail.site import Site

PURPOSE = "reset"


def request_reset(email: str, site: Site, clock: Clock = database_clock) -> int:
    """Mail a code for a new password; an unknown address gets a mail that says so, and looks the same here.

    Returns the id of the code. Raises InvalidEmail, TooSoon for the third within a minute, TooManyCodes, NotSetUp.
    """
    site.require_mail()
    email = rules.clean_email(email)
    new = codes.make()

    def work(session: Session) -> int:
        codes.lock_address(session, email)
        now = clock.now(session)
        wait_after_two(session, email, PURPOSE, now)
        code_id = codes.replace(session, email, PURPOSE, new, now)
        known = session.scalar(select(User.id).where(User.email == email))
        letter = letters.reset_code(site, new.code) if known else letters.reset_without_account(site)
        mail.queue(session, email, letter.subject, letter.body, known, now)
        return code_id

    return transaction.write(work)


def reset_password(email: str, code: str, password: str, site: Site, code_id: int | None = None,
                   clock: Clock = database_clock) -> None:
    """Set a new password by a code; ends every session and token. Raises WeakPassword, CodeRefused."""
    email, password = rules.clean_email(email), rules.clean_password(password)
    # The name is not looked at here: a refusal because of it would tell that the address is known.
    rules.check_password(password, email)
    match = codes.try_code(email, PURPOSE, code, code_id, clock)
    new_hash = passwords.hash_secret(password)

    def work(session: Session) -> None:
        now = clock.now(session)
        user_id = session.scalar(
            update(User).where(User.email == email).values(password_hash=new_hash).returning(User.id)
        )
        if user_id is None or not codes.use(session, match, now):
            raise codes.CodeRefused()
        sessions.end_everything(session, user_id)
        _tell(session, user_id, email, site, clock)

    transaction.write(work)


def change_password(user_id: int, old: str, new: str, site: Site, user_agent: str = "", remember: bool = False,
                    clock: Clock = database_clock) -> sessions.SignedIn:
    """Change the password of who knows the old one; ends every session and token, and begins a new one here.

    Raises WrongCredentials for a wrong old one, WeakPassword.
    """
    old, new = rules.clean_password(old), rules.clean_password(new)
    person = db.session.execute(
        select(User.email, User.display_name, User.password_hash).where(User.id == user_id)
    ).one()
    db.session.rollback()
    if not passwords.matches(person.password_hash, old[:rules.PASSWORD_MAX + 1]):
        raise sessions.WrongCredentials("This is not your present password.")
    rules.check_password(new, person.email, person.display_name)
    new_hash = passwords.hash_secret(new)

    def work(session: Session) -> sessions.SignedIn:
        sessions.require_unchanged(session, sessions.Proven(user_id, person.password_hash))
        session.execute(update(User).where(User.id == user_id).values(password_hash=new_hash))
        sessions.end_everything(session, user_id)
        _tell(session, user_id, person.email, site, clock)
        return sessions.begin(session, user_id, user_agent, remember, clock)

    return transaction.write(work)


def _tell(session: Session, user_id: int, email: str, site: Site, clock: Clock) -> None:
    if site.mail_works:
        letter = letters.password_changed(site)
        mail.queue(session, email, letter.subject, letter.body, user_id, clock.now(session))
