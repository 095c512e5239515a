"""Reads about mail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp.mail.models import Mail


def due(session: Session, now: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of the mails whose time for another try has come."""
    return session.scalars(
        select(Mail.id).where(Mail.state == "queued", Mail.next_try_at <= now).order_by(Mail.next_try_at).limit(limit)
    ).all()


def trouble(session: Session, recipient: str) -> str | None:
    """In words, what became of the last mail to an address, when it did not arrive; else None."""
    last = session.execute(
        select(Mail.state, Mail.error).where(Mail.recipient == recipient).order_by(Mail.id.desc()).limit(1)
    ).first()
    if last is None or last.state == "sent" or (last.state == "queued" and not last.error):
        return None
    if last.state == "failed":
        return "The last mail to you could not be delivered. Check the address, or try again later."
    return "The last mail to you could not be delivered yet. We keep trying for a while."
