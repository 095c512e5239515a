"""Register, prove the address with a code, be a person of the house.

Nobody is in `users` before the address is proved: what was typed in waits beside the code, so that nobody can take
an address in advance, and one registration never changes another.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts import letters, passwords, rules
from auctionapp.accounts.models import EmailCode, User
from auctionapp.accounts.services import codes, people
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import DomainError
from auctionapp.mail import services as mail
from auctionapp.mail.site import Site

PURPOSE = "register"


class TooSoon(DomainError):
    slug = "too-soon"
    status = 429


def register(email: str, password: str, name: str, site: Site, clock: Clock = database_clock) -> int:
    """Begin a registration and mail its code; a known address gets a mail that says so, and looks the same here.

    Returns the id of the code, for `confirm`. Raises InvalidEmail, InvalidName, WeakPassword, TooManyCodes, NotSetUp.
    """
    site.require_mail()
    email, name, password = rules.clean_email(email), rules.clean_name(name), rules.clean_password(password)
    rules.check_password(password, email, name)
    password_hash = passwords.hash_secret(password)
    new = codes.make()
    return transaction.write(lambda session: _send_code(session, email, name, password_hash, new, site, clock))


def resend(email: str, code_id: int | None, site: Site, clock: Clock = database_clock) -> int:
    """A new code for the registration that waits; the old one ends. Returns the new code's id.

    Raises CodeRefused without one, TooSoon for the third within a minute, TooManyCodes, NotSetUp.
    """
    site.require_mail()
    email = rules.clean_email(email)
    new = codes.make()

    def work(session: Session) -> int:
        codes.lock_address(session, email)
        query = select(EmailCode).where(EmailCode.email == email, EmailCode.purpose == PURPOSE)
        if code_id is not None:
            query = query.where(EmailCode.id == code_id)
        waiting = session.scalar(query.order_by(EmailCode.id.desc()).limit(1))
        if waiting is None or waiting.password_hash is None or waiting.display_name is None:
            raise codes.CodeRefused("Nothing waits for this code. Please register again.")
        wait_after_two(session, email, PURPOSE, clock.now(session))
        return _send_code(session, email, waiting.display_name, waiting.password_hash, new, site, clock)

    return transaction.write(work)


def wait_after_two(session: Session, email: str, purpose: str, now: datetime) -> None:
    """Raises TooSoon after two codes within a minute: who clicks on and on would use up the codes of a day."""
    last_but_one = session.scalar(
        select(EmailCode.created_at).where(EmailCode.email == email, EmailCode.purpose == purpose)
        .order_by(EmailCode.id.desc()).offset(1).limit(1)
    )
    seconds = int((last_but_one + rules.RESEND_PAUSE - now).total_seconds()) if last_but_one else 0
    if seconds > 0:
        raise TooSoon(f"Two codes have just been sent. In {seconds} seconds you can ask for another.")


def confirm(email: str, code: str, code_id: int | None = None, clock: Clock = database_clock) -> int:
    """Prove the address; returns the id of the new person. Two at the same time make one person.

    Raises CodeRefused, also for an address that has been a person's before.
    """
    email = rules.clean_email(email)
    match = codes.try_code(email, PURPOSE, code, code_id, clock)

    def work(session: Session) -> int:
        now = clock.now(session)
        if not codes.use(session, match, now):
            return _made_from(session, email, match)
        if match.password_hash is None or match.display_name is None:
            raise codes.CodeRefused()
        user_id = people.add(session, email, match.password_hash, match.display_name, "user", now)
        if user_id is None:
            raise codes.CodeRefused()
        return user_id

    return transaction.write(work)


def _made_from(session: Session, email: str, match: codes.Match) -> int:
    """The person that this very registration has just become, by the same code sent twice."""
    user_id = session.scalar(
        select(User.id).where(User.email == email, User.password_hash == match.password_hash)
    )
    if user_id is None:
        raise codes.CodeRefused()
    return user_id


def _send_code(session: Session, email: str, name: str, password_hash: str, new: codes.NewCode, site: Site,
               clock: Clock) -> int:
    now = clock.now(session)
    code_id = codes.replace(session, email, PURPOSE, new, now, display_name=name, password_hash=password_hash)
    known = session.scalar(select(User.id).where(User.email == email))
    letter = letters.already_registered(site) if known else letters.registration_code(site, new.code)
    mail.queue(session, email, letter.subject, letter.body, known, now)
    return code_id
