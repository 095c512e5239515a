"""The inbox: the list of chats, one chat, the lobby, beginning a direct chat, editing and deleting."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.accounts.models import User
from auctionapp.chat import queries, services
from auctionapp.chat.views import blueprint, writing
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db
from auctionapp.idempotency import Key

_PLACE = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)


@blueprint.get("/inbox")
@login_required
def inbox() -> Response:
    """Own chats, last used first; later ones with ?before=."""
    entries, next_before = queries.inbox.entries(current_user.id, _place())
    return htmx.render("chat/inbox.html", "chat/_inbox_list.html", entries=entries, next_before=next_before)


def _place() -> tuple[datetime, int] | None:
    found = _PLACE.fullmatch(request.args.get("before", ""))
    if found is None:
        return None
    try:
        return datetime.fromtimestamp(int(found[1]) / 1_000_000, UTC), int(found[2])
    except (ValueError, OverflowError):
        return None


@blueprint.get("/inbox/<int:conversation_id>")
@login_required
def chat(conversation_id: int) -> Response:
    """A chat with its newest ten messages; a hand-over has a page of its own that says what was sold."""
    found = queries.see(conversation_id, current_user.id)
    if found.kind == "handover" and not htmx.is_htmx():
        return htmx.see_other(f"/auctions/{found.auction_id}/handover")
    return writing.read(_page_of(found.kind), queries.private_chat(conversation_id, current_user.id, writing.before()))


def _page_of(kind: str) -> str:
    return "chat/lobby.html" if kind == "lobby" else "chat/conversation.html"


@blueprint.get("/lobby")
@login_required
def lobby() -> Response:
    """One open chat for everybody who is signed in."""
    return writing.read("chat/lobby.html", queries.private_chat(queries.lobby_id(), current_user.id, writing.before()))


@blueprint.post("/inbox/<int:conversation_id>/messages")
@login_required
def post_message(conversation_id: int) -> Response:
    def write(text: str, key: Key | None) -> dict[str, Any]:
        return services.post_in(conversation_id, current_user.id, text, key)

    found = queries.see(conversation_id, current_user.id)
    return writing.write(
        write, _page_of(found.kind), lambda: queries.private_chat(conversation_id, current_user.id),
        "/lobby" if found.kind == "lobby" else f"/inbox/{conversation_id}")


@blueprint.post("/inbox/<int:conversation_id>/read")
@login_required
def read(conversation_id: int) -> Response:
    """Say up to which `number` it was read, or everything without one. Script gets 204, a form goes back to the chat."""
    given = request.form.get("number", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        abort(400)
    services.mark_read(conversation_id, current_user.id, int(given) if given else None)
    if htmx.is_htmx() or request.headers.get("Sec-Fetch-Dest") == "empty":
        return make_response("", 204)
    return htmx.see_other(f"/inbox/{conversation_id}")


@blueprint.get("/inbox/new")
@login_required
def new_chat() -> Response:
    """A chat with the person `to`: theirs if it is there, else a page that begins it."""
    person = _person(request.args.get("to", ""))
    found = queries.direct_of(current_user.id, person.id)
    if found is not None:
        return htmx.see_other(f"/inbox/{found}")
    return make_response(render_template("chat/new.html", person=person, error=""))


@blueprint.post("/inbox/new")
@login_required
def begin_chat() -> Response:
    person = _person(request.form.get("to", ""))
    try:
        opened = services.open_direct(current_user.id, person.id)
    except DomainError as refusal:
        if refusal.status not in (403, 429):
            raise
        return make_response(render_template("chat/new.html", person=person, error=refusal.text), refusal.status)
    return htmx.see_other(f"/inbox/{opened.conversation_id}")


def _person(given: str) -> User:
    person = db.session.get(User, int(given)) if given.isascii() and given.isdigit() and len(given) < 19 else None
    if person is None or not person.is_active:
        raise NotFound()
    return person
