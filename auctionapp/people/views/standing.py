"""What a person does about another one: ask, accept, follow, block. htmx gets the buttons as they stand then."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.accounts.models import User
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db
from auctionapp.people import queries, services
from auctionapp.people.rules import Standing
from auctionapp.people.views import blueprint, profile
from auctionapp.security import safe_return

PARTS = ("all", "friendship", "follow", "block")
"""Which buttons a place shows: all of them on a profile, one kind in a row of a list."""

Act = Callable[[int, int], object]
ACTS: dict[str, tuple[Act, str]] = {
    "request": (services.request, "Your request is sent to {}."),
    "accept": (services.accept, "You and {} are friends now."),
    "decline": (services.decline, "Declined. {} is not told."),
    "withdraw": (services.withdraw, "Your request to {} is withdrawn."),
    "follow": (services.follow, "You follow {} now."),
    "unfollow": (services.unfollow, "You no longer follow {}."),
    "unblock": (services.unblock, "{} is no longer blocked. Nothing else has changed."),
}
CONFIRMED: dict[str, tuple[Act, str]] = {
    "block": (services.block, "{} is blocked."),
    "remove": (services.remove, "You and {} are no longer friends."),
}


def standing_to(person_id: int) -> Standing:
    """How the signed-in person stands to another one."""
    found = queries.standings(db.session(), current_user.id, [person_id], datetime.now(UTC))
    return found.get(person_id, Standing(person_id))


@blueprint.post("/friends/<int:person_id>/<any(request,accept,decline,withdraw):act>")
@blueprint.post("/people/<int:person_id>/<any(follow,unfollow,unblock):act>")
@login_required
def change(person_id: int, act: str) -> Response:
    person = _whom(act, person_id)
    do, words = ACTS[act]
    try:
        result = do(current_user.id, person_id)
    except DomainError as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _refused(person, refusal)
    if act == "request" and result == "friends":
        words = ACTS["accept"][1]
    done = words.format(person.display_name)
    if htmx.is_htmx():
        return _buttons(person, done=done)
    flash(done, "success")
    home = f"/people/{person_id}" if person.is_active else url_for("people.friends", show="blocked")
    return htmx.see_other(safe_return(request.form.get("next"), home))


@blueprint.route("/friends/<int:person_id>/<any(remove):act>", methods=["GET", "POST"])
@blueprint.route("/people/<int:person_id>/<any(block):act>", methods=["GET", "POST"])
@login_required
def confirm(person_id: int, act: str) -> Response:
    """A page that says what ends, then the end of it."""
    person = known(person_id)
    if person_id == current_user.id:
        abort(404)
    if request.method == "GET":
        back = safe_return(request.args.get("next"), f"/people/{person_id}")
        return make_response(render_template("people/confirm.html", person=person, act=act, back=back))
    do, words = CONFIRMED[act]
    do(current_user.id, person_id)
    flash(words.format(person.display_name), "success")
    return htmx.see_other(safe_return(request.form.get("next"), f"/people/{person_id}"))


def _whom(act: str, person_id: int) -> User:
    """Somebody who has a profile; a block is taken back also of who lost it. Raises NotFound."""
    blocked = queries.whom_they_block(db.session(), current_user.id, person_id) if act == "unblock" else None
    return blocked or known(person_id)


def known(person_id: int) -> User:
    """Somebody who has a profile. Raises NotFound."""
    found = queries.person(db.session(), person_id)
    if found is None:
        raise NotFound()
    return found


def _refused(person: User, refusal: DomainError) -> Response:
    if htmx.is_htmx():
        return _buttons(person, problem=refusal.text, status=refusal.status)
    return make_response(profile.page(person.id, problem=refusal.text), refusal.status)


def _buttons(person: User, done: str = "", problem: str = "", status: int = 200) -> Response:
    db.session.rollback()
    part = request.form.get("part", "all")
    response = make_response(render_template(
        "people/_standing.html", person=person, standing=standing_to(person.id), done=done, problem=problem,
        part=part if part in PARTS else "all",
        back=safe_return(request.form.get("next"), f"/people/{person.id}")), status)
    response.vary.add("HX-Request")
    return response
