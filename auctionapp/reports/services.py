"""Telling the administrators what is wrong."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions import lots
from auctionapp.clock import Clock, database_clock
from auctionapp.events import ReportMade, announce
from auctionapp.reports import rules
from auctionapp.reports.models import Report
from auctionapp.reports.subjects import Subject, subject


def report(reporter_id: int, kind: str, subject_id: int, reason: str, clock: Clock = database_clock) -> Subject:
    """Keep what a person says is wrong with a thing, and the thing as it stands; a second report of the same by the
    same person replaces the words of the first.

    Raises NotFound, OwnSubject, and TooManyReports beyond ten things a day (fault 52).
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
            return about
        today = session.scalar(select(func.count()).select_from(Report).where(
            Report.reporter_id == reporter_id, Report.created_at > now - timedelta(days=1))) or 0
        if today >= rules.A_DAY:
            raise rules.TooManyReports()
        made = Report(reporter_id=reporter_id, subject_kind=kind, subject_id=subject_id, subject_text=about.text,
                      reason=words, created_at=now)
        session.add(made)
        session.flush()
        announce(session, ReportMade(made.id))
        return about

    return transaction.write(work)
