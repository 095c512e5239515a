"""Watching a lot."""

from flask import Response, make_response, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions.services import watching
from auctionapp.auctions.views import blueprint
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
