"""Conversations as pages and fragments: the open chat of an auction, the thread of winner and seller."""

import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.chat import live, queries, rules, services
from auctionapp.chat.queries import Chat
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from auctionapp.forms import sent_key
from auctionapp.idempotency import Key

blueprint = Blueprint("chat", __name__)



@blueprint.get("/auctions/<int:auction_id>/messages")
def messages(auction_id: int) -> Response:
    """Ten messages, older ones with ?before=; a page of its own, or the lines alone for htmx."""
    auction = queries.public_auction(auction_id, current_user.id if current_user.is_authenticated else None)
    return _read(queries.chat_of(auction_id, _before()), auction=auction)


@blueprint.post("/auctions/<int:auction_id>/messages")
@login_required
def post(auction_id: int) -> Response:
    def write(text: str, key: Key | None) -> dict[str, Any]:
        return services.post(auction_id, current_user.id, text, key)

    auction = queries.public_auction(auction_id, current_user.id)
    return _write(write, lambda: queries.chat_of(auction_id), f"/auctions/{auction_id}#chat", auction=auction)


@blueprint.get("/auctions/<int:auction_id>/handover")
@login_required
def handover(auction_id: int) -> Response:
    """The private thread of winner and seller, who see each other's name here."""
    context = _handover_context(auction_id)
    return _read(queries.handover_of(auction_id, _before()), **context)


@blueprint.post("/auctions/<int:auction_id>/handover")
@login_required
def post_handover(auction_id: int) -> Response:
    def write(text: str, key: Key | None) -> dict[str, Any]:
        return services.post_handover(auction_id, current_user.id, text, key)

    context = _handover_context(auction_id)
    return _write(write, lambda: queries.handover_of(auction_id), f"/auctions/{auction_id}/handover", **context)


def _handover_context(auction_id: int) -> dict[str, Any]:
    people = queries.handover_people(auction_id, current_user.id)
    return {"auction": people.auction, "people": people}


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else None


def _read(chat: Chat, **context: Any) -> Response:
    page = "chat/handover.html" if chat.kind == "handover" else "chat/messages.html"
    return htmx.render(page, "chat/_lines.html", chat=chat, form=Typed(), **context)


class Typed:
    """What the form keeps: the text that was refused with the reason, and a key for the next try (fault 10)."""

    def __init__(self, text: str = "", error: str = ""):
        self.text = text
        self.error = error
        self.key = secrets.token_urlsafe(16)


def _write(write: Callable[[str, Key | None], dict[str, Any]], chat_now: Callable[[], Chat], back: str,
           **context: Any) -> Response:
    text = request.form.get("text", "")
    try:
        message = write(text, _key(text))
    except DomainError as refusal:
        if refusal.status not in (422, 429):
            raise
        return _refused(refusal, Typed(text, refusal.text), chat_now(), **context)
    if not htmx.is_htmx():
        return htmx.see_other(back)
    db.session.rollback()
    line = queries.lines_by_id([message["id"]])[message["id"]]
    return _fragment("chat/_posted.html", 200, line=live.partial(line), chat=chat_now(), form=Typed())


def _refused(refusal: DomainError, form: Typed, chat: Chat, **context: Any) -> Response:
    if htmx.is_htmx():
        response = _fragment("chat/_refused.html", refusal.status, chat=chat, form=form)
    else:
        page = "chat/handover.html" if chat.kind == "handover" else "chat/messages.html"
        response = make_response(render_template(page, chat=chat, form=form, **context), refusal.status)
    if isinstance(refusal, rules.TooManyMessages):
        response.headers["Retry-After"] = str(rules.QUOTA[0][0])
    return response


def _fragment(template: str, status: int, **context: Any) -> Response:
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def _key(text: str) -> Key | None:
    given = sent_key()
    return Key(current_user.id, "POST", request.path, given, text) if given else None


def auction_chat(auction_id: int) -> dict[str, Any]:
    """What `chat/_auction_chat.html` shows on the auction's page; a global function of the templates."""
    return {"chat": queries.chat_of(auction_id), "form": Typed()}


@blueprint.app_template_filter("site_day")
def site_day(moment: datetime) -> date:
    """The day in the site's zone: broadcasts and pages agree on it."""
    return moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"])).date()


@blueprint.app_template_filter("site_clock")
def site_clock(moment: datetime) -> str:
    """The hour in the site's zone, which the browser sets to the reader's."""
    return moment.astimezone(ZoneInfo(current_app.config["SITE_TIME_ZONE"])).strftime("%H:%M")


@blueprint.app_template_filter("static_path")
def static_path(name: str) -> str:
    """The address of a static file for broadcasts, which are rendered outside of any request."""
    return f"{current_app.static_url_path}/{name}"
