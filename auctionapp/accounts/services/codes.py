"""Six-digit codes: hashed, single use, for one purpose, counted in the database (fault 47).

A code is made for every address alike, known or not, so that counting, waiting and being refused tell nothing.
"""

import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts import passwords, rules
from auctionapp.accounts.models import EmailCode
from auctionapp.clock import Clock
from auctionapp.errors import DomainError


class CodeRefused(DomainError):
    slug = "code-refused"
    text = ("This code is not right, or no longer valid: it works once, for 15 minutes and five tries, and a new one "
            "replaces it.")


class TooManyCodes(DomainError):
    slug = "too-many-codes"
    status = 429
    text = "Too many codes were asked for this address today. Please try again tomorrow."


@dataclass(frozen=True)
class NewCode:
    code: str
    code_hash: str


@dataclass(frozen=True)
class Match:
    """A code that was typed in right; `use` must still win it."""

    code_id: int
    display_name: str | None
    password_hash: str | None
    user_id: int | None


def make() -> NewCode:
    """A random code with its hash. Takes long: never inside a transaction."""
    code = f"{secrets.randbelow(10 ** rules.CODE_DIGITS):0{rules.CODE_DIGITS}}"
    return NewCode(code, passwords.hash_secret(code))


def lock_address(session: Session, email: str) -> None:
    """One at a time for an address that may have no row yet. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(46, :key)"), {"key": zlib.crc32(email.encode()) - 2**31})


def replace(session: Session, email: str, purpose: str, new: NewCode, now: datetime, *,
            display_name: str | None = None, password_hash: str | None = None, user_id: int | None = None) -> int:
    """Write a new code, which ends the one before. Raises TooManyCodes after some a day. Returns its id."""
    lock_address(session, email)
    today = session.scalar(
        select(func.count()).select_from(EmailCode)
        .where(EmailCode.email == email, EmailCode.purpose == purpose, EmailCode.created_at > now - timedelta(days=1))
    )
    if today is not None and today >= rules.CODES_A_DAY:
        raise TooManyCodes()
    session.execute(
        update(EmailCode).where(EmailCode.email == email, EmailCode.purpose == purpose, EmailCode.ended_at.is_(None))
        .values(ended_at=now)
    )
    return session.execute(insert(EmailCode).values(
        email=email, purpose=purpose, code_hash=new.code_hash, created_at=now, expires_at=now + rules.CODE_LASTS,
        display_name=display_name, password_hash=password_hash, user_id=user_id,
    ).returning(EmailCode.id)).scalar_one()


def try_code(email: str, purpose: str, typed: str, code_id: int | None, clock: Clock) -> Match:
    """Count a try, then compare. Raises CodeRefused.

    The try is counted and committed before anything is compared, so that tries at the same time count too.
    `code_id` ties the try to one browser's own code: another registration of the address cannot slip in between.
    """

    def count(session: Session) -> tuple[str, Match] | None:
        now = clock.now(session)
        found = session.execute(
            update(EmailCode)
            .where(EmailCode.email == email, EmailCode.purpose == purpose, EmailCode.ended_at.is_(None),
                   EmailCode.expires_at > now, EmailCode.tries < rules.CODE_TRIES,
                   *([EmailCode.id == code_id] if code_id is not None else []))
            .values(tries=EmailCode.tries + 1)
            .returning(EmailCode.id, EmailCode.code_hash, EmailCode.display_name, EmailCode.password_hash,
                       EmailCode.user_id)
        ).first()
        if found is None:
            return None
        return found.code_hash, Match(found.id, found.display_name, found.password_hash, found.user_id)

    counted = transaction.write(count)
    if not passwords.matches(counted and counted[0], typed) or counted is None:
        raise CodeRefused()
    return counted[1]


def use(session: Session, match: Match, now: datetime) -> bool:
    """End the code that matched; False when somebody else used or replaced it meanwhile."""
    return session.execute(  # type: ignore[attr-defined]
        update(EmailCode).where(EmailCode.id == match.code_id, EmailCode.ended_at.is_(None)).values(ended_at=now)
        .returning(EmailCode.id)
    ).first() is not None
