"""Telling the administrators what waits for them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.clock import Clock, database_clock
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services.writing import notify
from auctionapp.reports.models import Report


def tell_reported(site: Site, clock: Clock = database_clock) -> None:
    """Tell every administrator of the reports that came since their last notice of reports was read, gathered in one.

    Nothing for those who were told of the newest report already.
    """
    def work(session: Session) -> None:
        newest = session.execute(
            select(Report.id, Report.subject_kind, Report.created_at).order_by(Report.id.desc()).limit(1)).first()
        if newest is None:
            return
        told = {row.user_id: row for row in session.execute(
            select(Notice.user_id, Notice.number, Notice.read_at, Notice.created_at).where(Notice.kind == "report"))}
        notices = []
        for admin_id in session.scalars(select(User.id).where(User.role == "admin", User.blocked_at.is_(None))).all():
            last = told.get(admin_id)
            if last is not None and last.created_at >= newest.created_at:
                continue
            fresh = select(func.min(Report.id), func.count(Report.id))
            if last is not None:
                fresh = fresh.where(Report.id >= last.number if last.read_at is None else Report.created_at > last.read_at)
            first_id, count = session.execute(fresh).one()
            if count:
                notices.append(words.report(admin_id, first_id, newest.id, newest.subject_kind, count))
        notify(session, notices, site, clock.now(session), again=True)

    transaction.write(work)
