"""The list of own notices."""

from flask import Blueprint, abort, make_response, render_template, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from auctionapp import htmx
from auctionapp.notifications import live, queries, services
from auctionapp.security import safe_return

blueprint = Blueprint("notifications", __name__)

PER_PAGE = 20
LARGEST_ID = 2**63 - 1


@blueprint.get("/notifications")
@login_required
def show() -> str:
    """Own notices, newest first; reading them changes nothing, a button marks them as read."""
    number = request.args.get("page", 1, type=int)
    if not 1 <= number <= 10**6:
        abort(404)
    notices, total = queries.page(current_user.id, number, PER_PAGE)
    pages = max(1, -(-total // PER_PAGE))
    if number > pages:
        abort(404)
    return render_template("notifications/show.html", notices=notices, total=total, page=number, pages=pages)


@blueprint.post("/notifications/read")
@login_required
def read() -> Response:
    """Mark one notice (`id`) or all as read."""
    given = request.form.get("id", "")
    if given and not (given.isascii() and given.isdigit() and int(given[:20]) <= LARGEST_ID):
        abort(400)
    services.mark_read(current_user.id, [int(given[:20])] if given else None)
    if htmx.is_htmx():
        return make_response(live.render_state(current_user.id))
    return htmx.see_other(safe_return(request.form.get("next"), "/notifications"))
