"""The inbox: the list of chats, one chat, the lobby, how far was read."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, make_response, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.chat import queries, services
from auctionapp.chat.views import blueprint, writing
from auctionapp.forms import uploads
from auctionapp.idempotency import Key
from auctionapp.pictures import StoredPicture

_PLACE = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)


@blueprint.get("/inbox")
@login_required
def inbox() -> Response:
    """Own chats, last used first; older ones with ?before=. For htmx the list alone; with ?open=, the page that
    it stands on, without the way to older ones."""
    fragment = "chat/_inbox_entries.html" if "open" in request.args else "chat/_inbox_list.html"
    return htmx.render("chat/inbox.html", fragment, **(inbox_side() if htmx.is_htmx() else {}))


def inbox_side() -> dict[str, Any]:
    """What the list of chats beside every page of the inbox shows; a function of the templates."""
    first = request.path == "/inbox" and _place() is not None
    entries, next_before = queries.inbox.entries(current_user.id, _place() if first else None)
    return {"entries": entries, "next_before": next_before, "first": not first,
            "open_path": request.args.get("open", "") if htmx.is_htmx() else request.path}


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
        query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
        return htmx.see_other(f"/auctions/{found.auction_id}/handover{query}")
    before = writing.before(conversation_id)
    return writing.read(_page_of(found.kind), queries.private_chat(conversation_id, current_user.id, before))


def _page_of(kind: str) -> str:
    return "chat/lobby.html" if kind == "lobby" else "chat/conversation.html"


@blueprint.get("/lobby")
@login_required
def lobby() -> Response:
    """One open chat for everybody who is signed in."""
    lobby_id = queries.lobby_id()
    return writing.read("chat/lobby.html", queries.private_chat(lobby_id, current_user.id, writing.before(lobby_id)))


@blueprint.post("/inbox/<int:conversation_id>/messages")
@uploads
@login_required
def post_message(conversation_id: int) -> Response:
    def write(text: str, picture: StoredPicture | None, key: Key | None) -> dict[str, Any]:
        return services.post_in(conversation_id, current_user.id, text, key, picture)

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
