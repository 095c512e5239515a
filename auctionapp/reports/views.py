"""Reporting anything that one may see."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from auctionapp.reports import rules, services, subjects
from auctionapp.reports.forms import ReportForm

blueprint = Blueprint("reports", __name__)

HINTS = {
    "auction": "For example: forbidden, not as described, stolen, a copy.",
    "message": "For example: insulting, a threat, a fraud.",
    "post": "For example: insulting, advertising, somebody else's pictures.",
    "comment": "For example: insulting, advertising.",
    "person": "For example: pretends to be somebody else, bothers people.",
}


@blueprint.route("/report/<any(auction, message, post, comment, person):kind>/<int:subject_id>", methods=["GET", "POST"])
@login_required
def report(kind: str, subject_id: int) -> Response:
    """Say what is wrong with something one may see; all else is 404."""
    about = subjects.subject(db.session(), kind, subject_id, current_user.id)
    if about.author_id == current_user.id:
        raise rules.OwnSubject()
    form = ReportForm()
    problem = None
    if form.validate_on_submit():
        try:
            services.report(current_user.id, kind, subject_id, form.reason.data or "")
        except DomainError as refusal:
            if refusal.status == 404:
                raise
            problem = refusal
        else:
            flash("Thank you. We look at every report.", "success")
            return htmx.see_other(about.path)
    status = problem.status if problem else 422 if form.is_submitted() else 200
    return make_response(render_template(
        "reports/report.html", form=form, about=about, hint=HINTS[kind], problem=problem.text if problem else None), status)


@blueprint.route("/auctions/<int:auction_id>/report", methods=["GET", "POST"])
def report_lot(auction_id: int) -> Any:
    """A lot's own address of the same form."""
    return report("auction", auction_id)


@blueprint.get("/reports")
def show() -> Any:
    """Where notices of earlier days lead: the administrators' desk has them all, and lets nobody else in."""
    return redirect("/admin/reports/", 303)
