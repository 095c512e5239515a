"""People: made by registering or by the command line; their role and profile."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, localtime, transaction
from auctionapp.accounts import passwords, rules
from auctionapp.accounts.models import User
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, DomainError, NotAllowed, NotFound


class EmailTaken(Conflict):
    slug = "email-taken"
    text = "There is an account with this address already."


class InvalidProfile(DomainError):
    slug = "invalid-profile"


def create_user(email: str, password: str, name: str = "", role: str = "user",
                clock: Clock = database_clock) -> int:
    """A confirmed person at once, for operators: only the length of the password is checked.

    Without a name, what stands before the @ is used. Raises EmailTaken, InvalidEmail, InvalidName, WeakPassword.
    """
    email, password = rules.clean_email(email), rules.clean_password(password)
    name = rules.clean_name(name or email.partition("@")[0][:rules.NAME_MAX].ljust(rules.NAME_MIN, "1"))
    rules.check_length(password)
    password_hash = passwords.hash_secret(password)

    def work(session: Session) -> int:
        user_id = add(session, email, password_hash, name, role, clock.now(session))
        if user_id is None:
            raise EmailTaken()
        return user_id

    return transaction.write(work)


def add(session: Session, email: str, password_hash: str, name: str, role: str, now: datetime) -> int | None:
    """Insert a person in the caller's transaction; None when the address is taken, also at the same time."""
    user_id: int | None = session.execute(bulk.dialect_insert(session, User).values(
        email=email, password_hash=password_hash, display_name=name, role=role, created_at=now, confirmed_at=now,
    ).on_conflict_do_nothing(index_elements=[User.email]).returning(User.id)).scalar_one_or_none()
    return user_id


def locked(session: Session, user_id: int) -> User:
    """The person's row as it stands, locked until the end of the transaction. Raises NotFound."""
    person = session.scalars(select(User).where(User.id == user_id).with_for_update()
                             .execution_options(populate_existing=True)).one_or_none()
    if person is None:
        raise NotFound()
    return person


def become_seller(user_id: int, open_to_all: bool) -> None:
    """A person who accepts the seller's terms may sell; again is no harm. Raises NotAllowed where it is not open."""
    if not open_to_all:
        raise NotAllowed("Sellers are chosen by the house here. Please ask whoever runs it.")
    transaction.write(lambda session: session.execute(
        update(User).where(User.id == user_id, User.role == "user").values(role="seller")
    ) and None)


@dataclass(frozen=True)
class Profile:
    """What a person says of themselves."""

    display_name: str
    time_zone: str = ""
    """Empty is the house's."""
    about: str = ""
    first_name: str = ""
    last_name: str = ""
    born_on: date | None = None
    shows_birthday: bool = False


def update_profile(user_id: int, profile: Profile, clock: Clock = database_clock) -> None:
    """Change what a person says of themselves. Raises InvalidName, InvalidBirthday, InvalidProfile."""
    about = profile.about.replace("\r\n", "\n").strip()
    if len(about) > rules.ABOUT_MAX or not rules.is_plain_text(about, lines=True):
        raise InvalidProfile(f"Use at most {rules.ABOUT_MAX} characters, without control characters.")
    if profile.time_zone and profile.time_zone not in localtime.zone_names():
        raise InvalidProfile("There is no such time zone.")
    values = {
        "display_name": rules.clean_name(profile.display_name), "time_zone": profile.time_zone, "about": about,
        "first_name": rules.clean_real_name(profile.first_name), "last_name": rules.clean_real_name(profile.last_name),
        "born_on": profile.born_on, "shows_birthday": profile.shows_birthday and profile.born_on is not None,
    }

    def work(session: Session) -> None:
        rules.check_birthday(profile.born_on, clock.now(session).date())
        session.execute(update(User).where(User.id == user_id).values(values))

    transaction.write(work)
