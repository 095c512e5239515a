"""Reads of reports, for the administrators."""

from sqlalchemy import Row, select

from auctionapp.accounts.models import User
from auctionapp.extensions import db
from auctionapp.reports.models import Report

PER_PAGE = 20


def newest(before: int | None = None) -> tuple[list[Row], int | None]:
    """Twenty reports with their reporter's name, newest first, and the `before` of the next older ones."""
    wanted = (select(Report.id, Report.subject_kind, Report.subject_id, Report.subject_text, Report.reason,
                     Report.created_at, Report.reporter_id, User.display_name)
              .join(User, User.id == Report.reporter_id).order_by(Report.id.desc()).limit(PER_PAGE + 1))
    if before is not None:
        wanted = wanted.where(Report.id < before)
    found = list(db.session.execute(wanted).all())
    return found[:PER_PAGE], found[PER_PAGE - 1].id if len(found) > PER_PAGE else None
