"""Beginning a direct chat: whom to write to, then the first message."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.accounts.models import User
from auctionapp.chat import queries, rules, services
from auctionapp.chat.views import blueprint, writing
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db
from auctionapp.forms import uploads
from auctionapp.idempotency import Key
from auctionapp.pictures import StoredPicture

SHOWN = 50
"""People whom the page offers at once; a name finds the others."""


@blueprint.get("/inbox/new")
@login_required
def new_chat() -> Response:
    """Whom to write to; with the person `to` the chat with them: theirs if it is there, else a page that begins it."""
    if "to" not in request.args:
        wanted = " ".join(request.args.get("q", "")[:80].split())
        people = [one for one in queries.candidates(current_user.id) if wanted.casefold() in one.display_name.casefold()]
        return make_response(render_template("chat/new.html", person=None, q=wanted, candidates=people[:SHOWN]))
    person = _person(request.args["to"])
    found = queries.direct_of(current_user.id, person.id)
    if found is not None:
        return htmx.see_other(f"/inbox/{found}")
    return _first_page(person, writing.Typed(), 200)


@blueprint.post("/inbox/new")
@uploads
@login_required
def begin_chat() -> Response:
    """Open the chat with its first message; without a `text` open it alone, for its beginner until something is said."""
    person = _person(request.form.get("to", ""))
    text = request.form.get("text", "")
    opened: list[int] = []

    def begin(text: str, picture: StoredPicture | None, key: Key | None) -> dict[str, Any]:
        rules.clean(text, picture is not None)
        opened.append(services.open_direct(current_user.id, person.id).conversation_id)
        return services.post_in(opened[0], current_user.id, text, key, picture)

    try:
        if "text" in request.form:
            writing.send(text, begin)
        else:
            opened.append(services.open_direct(current_user.id, person.id).conversation_id)
    except DomainError as refusal:
        if refusal.status not in writing.REFUSED:
            raise
        return _first_page(person, writing.Typed(text, refusal.text), refusal.status)
    return htmx.see_other(f"/inbox/{opened[0]}")


def _first_page(person: User, form: writing.Typed, status: int) -> Response:
    return make_response(render_template("chat/new.html", person=person, form=form), status)


def _person(given: str) -> User:
    person = db.session.get(User, int(given)) if given.isascii() and given.isdigit() and len(given) < 19 else None
    if person is None or not person.is_active:
        raise NotFound()
    return person
