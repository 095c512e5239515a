"""What one wants to be told, and where."""

from flask import flash, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from auctionapp import htmx
from auctionapp.extensions import db
from auctionapp.notifications.kinds import KINDS, Kind
from auctionapp.notifications.services import preferences
from auctionapp.notifications.services.preferences import Where
from auctionapp.notifications.views import blueprint
from auctionapp.notifications.views.centre import families_for


@blueprint.route("/dashboard/notices", methods=["GET", "POST"])
@login_required
def choices() -> Response | str:
    """A table of boxes: each kind in the site, by mail."""
    kinds = [kind for kind in KINDS.values() if not kind.admins_only or current_user.has_role("admin")]
    if request.method == "POST":
        in_site, by_mail = request.form.getlist("site"), request.form.getlist("mail")
        preferences.choose(current_user.id, {
            kind.name: Where(kind.name in in_site, kind.name in by_mail) for kind in kinds})
        flash("Your choices are saved.", "success")
        return htmx.see_other(url_for("notifications.choices"))
    chosen = preferences.choices(db.session(), [current_user.id])
    families: list[tuple[str, list[tuple[Kind, Where]]]] = [
        (words, [(kind, chosen.of(current_user.id, kind.name)) for kind in kinds if kind.family == name])
        for name, words in families_for(current_user).items()]
    return render_template("notifications/choices.html", families=families)
