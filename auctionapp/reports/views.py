"""Reporting anything, and the administrators' list of what was reported."""

from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.errors import DomainError, NotAllowed
from auctionapp.extensions import db
from auctionapp.reports import queries, rules, services, subjects
from auctionapp.reports.forms import ReportForm

blueprint = Blueprint("reports", __name__)

LARGEST_ID = 10**18
HINTS = {
    "auction": "For example: forbidden, not as described, stolen, a copy.",
    "message": "For example: insulting, a threat, a fraud.",
    "post": "For example: insulting, advertising, somebody else's pictures.",
    "comment": "For example: insulting, advertising.",
    "person": "For example: pretends to be somebody else, bothers people.",
}
NAMES = {"auction": "Lot", "message": "Message", "post": "Post", "comment": "Comment", "person": "Person"}
PLACES = {"auction": "/auctions", "post": "/posts", "person": "/people"}
"""Where an administrator finds it; the rest is only in the report itself."""


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
@login_required
def show() -> str:
    """What was reported, newest first, for administrators."""
    if not current_user.has_role("admin"):
        raise NotAllowed("Only administrators read what was reported.")
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < LARGEST_ID:
        abort(404)
    reports, older = queries.newest(before)
    return render_template("reports/show.html", reports=reports, names=NAMES, places=PLACES,
                           older_url=url_for("reports.show", before=older) if older else None)
