"""Announcing to everybody, and ending an announcement before its time."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import audit, transaction
from auctionapp.announcements.models import TONES, Announcement
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock, rfc3339
from auctionapp.errors import DomainError, NotFound

TEXT_MAX = 300


class InvalidAnnouncement(DomainError):
    slug = "invalid-announcement"


def announce(actor: Actor, text: str, tone: str, starts_at: datetime | None, ends_at: datetime,
             clock: Clock = database_clock) -> int:
    """Show a text to everybody from a start (None: now) to an end; returns its id. Raises InvalidAnnouncement."""
    text = " ".join(text.split())
    if not 0 < len(text) <= TEXT_MAX or not text.isprintable() or tone not in TONES:
        raise InvalidAnnouncement(f"Write 1 to {TEXT_MAX} characters.")

    def work(session: Session) -> int:
        now = clock.now(session)
        start = max(starts_at or now, now)
        if ends_at <= start:
            raise InvalidAnnouncement("The end must be after the start, and in the future.")
        made = Announcement(text=text, tone=tone, starts_at=start, ends_at=ends_at, created_at=now)
        session.add(made)
        session.flush()
        audit.record(session, actor, "announce", "announcement", made.id, now, after={
            "text": text, "tone": tone, "starts_at": rfc3339(start), "ends_at": rfc3339(ends_at)})
        return made.id

    return transaction.write(work)


def end(actor: Actor, announcement_id: int, clock: Clock = database_clock) -> None:
    """Take an announcement down now. One that is over already stays as it is. Raises NotFound."""

    def work(session: Session) -> None:
        found = session.scalars(select(Announcement).where(Announcement.id == announcement_id).with_for_update()
                                .execution_options(populate_existing=True)).one_or_none()
        if found is None:
            raise NotFound()
        now = clock.now(session)
        if found.ends_at <= now:
            return
        before = rfc3339(found.ends_at)
        if found.starts_at >= now:  # never shown: its end must still be after its start
            found.starts_at = now - timedelta(seconds=1)
        found.ends_at = now
        audit.record(session, actor, "end_announcement", "announcement", announcement_id, now,
                     before={"ends_at": before}, after={"ends_at": rfc3339(found.ends_at)})

    transaction.write(work)
