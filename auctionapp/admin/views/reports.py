"""Reports: look at what was reported, take it away, close it with a note."""

from collections.abc import Callable
from typing import Any

from flask import Response, url_for
from flask_admin import expose
from sqlalchemy import Select, select

from auctionapp.accounts.models import User
from auctionapp.admin.door import DeskView, actor, fresh, said
from auctionapp.admin.forms import NoteForm, ReasonForm
from auctionapp.admin.tables import Choice, Column, page
from auctionapp.auctions.models import Auction
from auctionapp.audit import Actor
from auctionapp.chat.models import Message
from auctionapp.chat.services import removing as messages
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.posts import removing as posts
from auctionapp.posts.models import Comment, Post
from auctionapp.reports import services
from auctionapp.reports.models import Report

AUTHORS: dict[str, Any] = {
    "auction": (Auction.id, Auction.seller_id),
    "message": (Message.id, Message.author_id),
    "post": (Post.id, Post.author_id),
    "comment": (Comment.id, Comment.author_id),
    "person": (User.id, User.id),
}
REMOVE: dict[str, Callable[[Actor, int, str], None]] = {
    "message": messages.remove,
    "post": posts.remove_post,
    "comment": posts.remove_comment,
}
"""What is taken away from here; a lot is withdrawn and a person blocked on pages of their own."""
KIND_WORDS = {
    "auction": "Lot",
    "message": "Message",
    "post": "Post",
    "comment": "Comment",
    "person": "Person",
}


class ReportsView(DeskView):
    @expose("/")
    def index(self) -> str:
        state = Choice("state", "State", [("", "Open"), ("closed", "Closed"), ("all", "All")])
        kind = Choice("kind", "About", [("", "All"), *KIND_WORDS.items()])
        columns = [
            Column("About", "subject_kind", "link", to=lambda row: url_for(".show", report_id=row.id)),
            Column("Reason", "reason", "start"),
            Column("Reported by", "reporter", "person", of="reporter_id"),
            Column("Time", "created_at", "moment"),
            Column("Note", "note", "start"),
        ]
        table = page(_reports(state.chosen, kind.chosen), Report.id, columns, [state, kind])
        return self.render(
            "admin/list.html",
            title="Reports",
            table=table,
            intro="What people say is wrong, the newest first.",
            empty="Nothing waits here.",
        )

    @expose("/<int:report_id>/")
    def show(self, report_id: int) -> str:
        report = _report(report_id)
        author = _author(report)
        others = db.session.execute(
            _reports("all", "")
            .where(
                Report.subject_kind == report.subject_kind,
                Report.subject_id == report.subject_id,
                Report.id != report_id,
            )
            .order_by(Report.id.desc())
            .limit(20)
        ).all()
        return self.render(
            "admin/report.html",
            report=report,
            reporter=db.session.get_one(User, report.reporter_id),
            author=author,
            others=others,
            words=KIND_WORDS,
            removable=report.subject_kind in REMOVE,
            place=_place(report),
        )

    @expose("/<int:report_id>/remove", methods=("GET", "POST"))
    @fresh
    def remove(self, report_id: int) -> Response:
        report, form = _report(report_id), ReasonForm()
        if report.subject_kind not in REMOVE:
            raise NotFound()
        kind, subject_id = report.subject_kind, report.subject_id
        return self.act(
            form,
            lambda: said(
                lambda: REMOVE[kind](actor(), subject_id, form.reason.data or ""), f"The {kind} is removed."
            ),
            url_for(".show", report_id=report_id),
            f"Remove the {kind}",
            "Nobody can read it on the site any more. The report keeps the words that were reported.",
            "Remove",
            danger=True,
        )

    @expose("/<int:report_id>/close", methods=("GET", "POST"))
    def close(self, report_id: int) -> Response:
        _report(report_id)
        form = NoteForm()
        return self.act(
            form,
            lambda: said(
                lambda: services.close(actor(), report_id, form.note.data or ""), "The report is closed."
            ),
            url_for(".index"),
            "Close the report",
            "Nobody is told.",
            "Close",
        )


def _reports(state: str, kind: str) -> Select:
    found: Select = select(
        Report.id,
        Report.subject_kind,
        Report.subject_id,
        Report.reason,
        Report.created_at,
        Report.reporter_id,
        Report.note,
        Report.closed_at,
        User.display_name.label("reporter"),
    ).join(User, User.id == Report.reporter_id)
    if state != "all":
        found = found.where(
            Report.closed_at.is_not(None) if state == "closed" else Report.closed_at.is_(None)
        )
    return found.where(Report.subject_kind == kind) if kind else found


def _report(report_id: int) -> Report:
    report = db.session.get(Report, report_id)
    if report is None:
        raise NotFound()
    return report


def _author(report: Report) -> Any:
    """Who made what was reported, if it is still there."""
    key, author = AUTHORS[report.subject_kind]
    return db.session.execute(
        select(User.id, User.display_name, User.blocked_at).where(
            User.id == select(author).where(key == report.subject_id).scalar_subquery()
        )
    ).first()


def _place(report: Report) -> str | None:
    """Where everybody finds it, if it has a page."""
    if report.subject_kind == "auction":
        return url_for("admin_auctions.show", auction_id=report.subject_id)
    if report.subject_kind == "person":
        return url_for("admin_people.show", user_id=report.subject_id)
    post_id = report.subject_id if report.subject_kind == "post" else None
    if report.subject_kind == "comment":
        post_id = db.session.scalar(select(Comment.post_id).where(Comment.id == report.subject_id))
    return f"/posts/{post_id}" if post_id else None
