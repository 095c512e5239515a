"""The link in every mail of a notice that ends such mails, without signing in."""

from flask import current_app, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from auctionapp import htmx
from auctionapp.extensions import csrf, db
from auctionapp.mail.site import Site
from auctionapp.notifications.kinds import KINDS
from auctionapp.notifications.services import preferences
from auctionapp.notifications.views import blueprint


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@csrf.exempt
def unsubscribe(token: str) -> Response:
    """GET shows a button and changes nothing, as mail programs look at links by themselves; POST ends these mails, or
    with `again` has them sent again. A mail program's own button (RFC 8058) is not redirected.

    Without a CSRF token: whoever has the signed link may do this, and the link is all that it takes.
    """
    site = Site.of(current_app.config)
    if request.method == "POST":
        preferences.set_mail(db.session(), site, token, by_mail="again" in request.form)
        if request.form.get("List-Unsubscribe") != "One-Click":
            return htmx.see_other(url_for("notifications.unsubscribe", token=token))
    named = preferences.subscription(db.session(), site, token)
    response = make_response(render_template(
        "notifications/unsubscribe.html", kind=KINDS[named.kind], by_mail=named.by_mail))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
