"""Telling the administrators what is wrong."""


from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import audit, quotas, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions import lots
from auctionapp.audit import Actor
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, NotFound
from auctionapp.events import ReportMade, announce
from auctionapp.reports import rules
from auctionapp.reports.models import Report
from auctionapp.reports.subjects import Subject, subject


def report(reporter_id: int, kind: str, subject_id: int, reason: str, clock: Clock = database_clock) -> Subject:
    """Keep what a person says is wrong with a thing, and the thing as it stands; a second report of the same by the
    same person replaces the words of the first.

    Raises NotFound, OwnSubject, and TooManyReports beyond the quota of a day (fault 52).
    """
    def work(session: Session) -> Subject:
        # The reporter's row is locked, so that many reports at once are counted one by one.
        session.execute(select(User.id).where(User.id == reporter_id).with_for_update())
        about = subject(session, kind, subject_id, reporter_id)
        if about.author_id == reporter_id:
            raise rules.OwnSubject()
        now = clock.now(session)
        words = lots.clean_text(reason)
        earlier = session.scalars(select(Report).where(
            Report.reporter_id == reporter_id, Report.subject_kind == kind, Report.subject_id == subject_id)).first()
        if earlier is not None:
            earlier.reason, earlier.subject_text = words, about.text
            earlier.closed_at = earlier.closed_by = earlier.note = None
            return about
        if quotas.used_up(session, "reports", now, Report.created_at, Report.reporter_id == reporter_id) is not None:
            raise rules.TooManyReports()
        made = Report(reporter_id=reporter_id, subject_kind=kind, subject_id=subject_id, subject_text=about.text,
                      reason=words, created_at=now)
        session.add(made)
        session.flush()
        announce(session, ReportMade(made.id))
        return about

    return transaction.write(work)


def close(actor: Actor, report_id: int, note: str, clock: Clock = database_clock) -> int:
    """Close a report, and all others of the same thing, with a note of what was done or found; returns how many.

    Raises NotFound, Conflict for one that is closed, ReasonMissing for an empty note.
    """
    note = audit.clean_reason(note)

    def work(session: Session) -> int:
        found = session.get(Report, report_id, populate_existing=True)
        if found is None:
            raise NotFound()
        now = clock.now(session)
        closed = session.scalars(
            update(Report).where(Report.subject_kind == found.subject_kind, Report.subject_id == found.subject_id,
                                 Report.closed_at.is_(None))
            .values(closed_at=now, closed_by=actor.admin_id, note=note).returning(Report.id)).all()
        if not closed:
            raise Conflict("This report is closed already.")
        audit.record(session, actor, "close_report", "report", report_id, now,
                     {"open": sorted(closed), "subject": f"{found.subject_kind} {found.subject_id}"},
                     {"open": []}, note)
        return len(closed)

    return transaction.write(work)
