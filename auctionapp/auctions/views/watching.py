"""Watching and reporting a lot."""

from flask import Response, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions.forms import ReportForm
from auctionapp.auctions.queries import lot as lots
from auctionapp.auctions.services import watching
from auctionapp.auctions.views import blueprint
from auctionapp.errors import DomainError
from auctionapp.security import safe_return


@blueprint.post("/auctions/<int:auction_id>/watch")
@login_required
def watch(auction_id: int) -> Response:
    """Watch or no longer: htmx gets the button as it stands now, everybody else goes back."""
    watches = watching.toggle_watch(current_user.id, auction_id)
    if htmx.is_htmx():
        response = make_response(render_template("auctions/_watch.html", auction_id=auction_id, watches=watches))
        response.vary.add("HX-Request")
        return response
    return htmx.see_other(safe_return(request.form.get("next"), f"/auctions/{auction_id}"))


@blueprint.route("/auctions/<int:auction_id>/report", methods=["GET", "POST"])
@login_required
def report(auction_id: int) -> Response:
    lot = lots.visible(auction_id, current_user.id)
    form = ReportForm()
    problem = None
    if form.validate_on_submit():
        try:
            watching.report(current_user.id, auction_id, form.reason.data or "")
        except DomainError as refusal:
            if refusal.status == 404:
                raise
            problem = refusal
        else:
            flash("Thank you. We look at every report.", "success")
            return htmx.see_other(url_for("auctions.show", auction_id=auction_id))
    status = problem.status if problem else 422 if form.is_submitted() else 200
    return make_response(render_template(
        "auctions/report.html", form=form, lot=lot, problem=problem.text if problem else None), status)
