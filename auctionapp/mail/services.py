"""Mail is written down with what causes it and leaves after the commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.clock import Clock, database_clock
from auctionapp.events import MailQueued, announce
from auctionapp.mail.models import Mail

RETRY_AFTER = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30),
               timedelta(hours=2))
"""Six tries in all: after the last pause the next failure is final."""
LEASE = timedelta(minutes=2)
"""A try that has not said how it ended for this long has died: the sweep may try again."""
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Outgoing:
    """One try to send one mail."""

    mail_id: int
    recipient: str
    subject: str
    body: str
    created_at: datetime
    tries: int
    headers: Mapping[str, str] | None = None


def queue(session: Session, recipient: str, subject: str, body: str, user_id: int | None, now: datetime,
          headers: Mapping[str, str] | None = None) -> int:
    """Write a mail in the caller's transaction; it is sent after the commit. Returns its id.

    Plain text; links come from `Site.url`. `headers` are further ones, by name. The subject becomes one line, whatever
    people put into it (fault 55).
    """
    subject = " ".join(subject.split())[:200]
    mail_id = session.execute(insert(Mail).values(
        recipient=recipient, subject=subject, body=body, user_id=user_id, created_at=now, next_try_at=now + LEASE,
        headers=dict(headers) if headers else None,
    ).returning(Mail.id)).scalar_one()
    announce(session, MailQueued(mail_id))
    return mail_id


def claim(mail_id: int, clock: Clock = database_clock) -> Outgoing | None:
    """Take one try at a mail that waits; None when it has left, failed for good, or somebody else is at it."""

    def work(session: Session) -> Outgoing | None:
        now = clock.now(session)
        row = session.execute(
            update(Mail).where(Mail.id == mail_id, Mail.state == "queued",
                               or_(Mail.tries == 0, Mail.next_try_at <= now))
            .values(tries=Mail.tries + 1, next_try_at=now + LEASE)
            .returning(Mail.id, Mail.recipient, Mail.subject, Mail.body, Mail.created_at, Mail.tries, Mail.headers)
        ).first()
        return Outgoing(*row) if row else None

    return transaction.write(work)


def sent(mail_id: int, clock: Clock = database_clock) -> None:
    """Note that a mail left. Its words are forgotten: they may hold a code."""
    transaction.write(lambda session: session.execute(
        update(Mail).where(Mail.id == mail_id, Mail.state == "queued")
        .values(state="sent", sent_at=clock.now(session), next_try_at=None, error=None, body="")
    ) and None)


def not_sent(outgoing: Outgoing, error: str, final: bool = False, clock: Clock = database_clock) -> None:
    """Note a failed try: again after a growing pause, or failed for good after the last one."""

    def work(session: Session) -> None:
        change: dict = {"error": error[:300]}
        if final or outgoing.tries > len(RETRY_AFTER):
            change |= {"state": "failed", "next_try_at": None, "body": ""}
        else:
            change |= {"next_try_at": clock.now(session) + RETRY_AFTER[outgoing.tries - 1]}
        session.execute(update(Mail).where(Mail.id == outgoing.mail_id, Mail.state == "queued").values(**change))

    transaction.write(work)


def forget_old(clock: Clock = database_clock) -> None:
    """Remove the traces of mail that left or failed a month ago."""
    transaction.write(lambda session: session.execute(
        delete(Mail).where(Mail.created_at < clock.now(session) - KEPT, Mail.state != "queued")
    ) and None)
