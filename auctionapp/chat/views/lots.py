"""Conversations of a lot: its open chat, the thread of winner and seller."""

from typing import Any

from flask import Response, request
from flask_login import current_user, login_required

from auctionapp.chat import queries, services
from auctionapp.chat.views import blueprint, writing
from auctionapp.forms import uploads
from auctionapp.idempotency import Key
from auctionapp.pictures import StoredPicture


@blueprint.get("/auctions/<int:auction_id>/messages")
def messages(auction_id: int) -> Response:
    """Ten messages, older ones with ?before=; a page of its own, or the lines alone for htmx."""
    auction = queries.public_auction(auction_id, current_user.id if current_user.is_authenticated else None)
    return writing.read("chat/messages.html", queries.chat_of(auction_id, writing.before()), auction=auction)


@blueprint.post("/auctions/<int:auction_id>/messages")
@login_required
def post(auction_id: int) -> Response:
    def write(text: str, _picture: StoredPicture | None, key: Key | None) -> dict[str, Any]:
        return services.post(auction_id, current_user.id, text, key)

    auction = queries.public_auction(auction_id, current_user.id)
    return writing.write(write, "chat/messages.html", lambda: queries.chat_of(auction_id),
                         f"/auctions/{auction_id}#chat", auction=auction)


@blueprint.get("/auctions/<int:auction_id>/handover")
@login_required
def handover(auction_id: int) -> Response:
    """The private thread of winner and seller, who see each other's name here."""
    context = _handover_context(auction_id)
    found = queries.conversation(auction_id, "handover")
    chat = queries.handover_of(auction_id, current_user.id, writing.before(found.id if found else None))
    return writing.read("chat/handover.html", chat, **context)


@blueprint.post("/auctions/<int:auction_id>/handover")
@uploads
@login_required
def post_handover(auction_id: int) -> Response:
    def write(text: str, picture: StoredPicture | None, key: Key | None) -> dict[str, Any]:
        return services.post_handover(auction_id, current_user.id, text, key, picture)

    context = _handover_context(auction_id)
    return writing.write(write, "chat/handover.html", lambda: queries.handover_of(auction_id, current_user.id),
                         request.path, **context)


def _handover_context(auction_id: int) -> dict[str, Any]:
    people = queries.handover_people(auction_id, current_user.id)
    return {"auction": people.auction, "people": people}


def auction_chat(auction_id: int) -> dict[str, Any]:
    """What `chat/_auction_chat.html` shows on the auction's page; a global function of the templates."""
    return {"chat": queries.chat_of(auction_id), "form": writing.Typed()}
