"""The list of own notices."""

from typing import Any

from flask import abort, make_response, request, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from auctionapp import htmx
from auctionapp.extensions import LARGEST_ID
from auctionapp.notifications import live, queries
from auctionapp.notifications.kinds import FAMILIES, KINDS
from auctionapp.notifications.services import writing
from auctionapp.notifications.views import blueprint
from auctionapp.security import safe_return


@blueprint.get("/notifications")
@login_required
def show() -> Response:
    """Own notices, newest first, of one family (`about`) or all, or the unread (`show=unread`).

    Reading them changes nothing: a button marks them as read, and following one does with script.
    """
    before = _id(request.args.get("before", ""))
    about, unread_only = request.args.get("about", ""), request.args.get("show") == "unread"
    if about not in FAMILIES:
        about = ""
    notices, older = queries.newest(current_user.id, before, about, unread_only)
    filters: dict[str, Any] = {"about": about or None, "show": "unread" if unread_only else None}
    return htmx.render(
        "notifications/show.html", "notifications/_list.html", notices=notices, about=about, unread_only=unread_only,
        families=families_for(current_user), standing=queries.standing([current_user.id])[0], first=before is None,
        list_url=url_for("notifications.show", **filters),
        older_url=url_for("notifications.show", before=older, **filters) if older else None)


@blueprint.post("/notifications/read")
@login_required
def read() -> Response:
    """Mark one notice (`id`) or all as read."""
    given = request.form.get("id", "")
    notice_id = _id(given)
    if given and notice_id is None:
        abort(400)
    writing.mark_read(current_user.id, None if notice_id is None else [notice_id])
    if htmx.is_htmx():
        return make_response(live.render_state(current_user.id))
    return htmx.see_other(safe_return(request.form.get("next"), "/notifications"))


def families_for(person: object) -> dict[str, str]:
    """Name and words of the families whose notices this person may get."""
    known = {kind.family for kind in KINDS.values() if not kind.admins_only or person.has_role("admin")}  # type: ignore[attr-defined]
    return {name: words for name, words in FAMILIES.items() if name in known}


def _id(given: str) -> int | None:
    """A row's id as it was sent, None for anything else."""
    number = int(given[:20]) if given.isascii() and given.isdigit() else None
    return number if number is not None and number <= LARGEST_ID else None
