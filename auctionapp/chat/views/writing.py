"""A chat's lines and its form, as a page or as fragments; what every kind of conversation shares."""

import secrets
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, render_template, request
from flask_login import current_user

from auctionapp import htmx
from auctionapp.chat import live, queries, rules
from auctionapp.chat.queries import Chat
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from auctionapp.forms import sent_key
from auctionapp.idempotency import Key


def before() -> int | None:
    """The id of a message, of which older ones are asked for."""
    given = request.args.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else None


class Typed:
    """What the form keeps: the text that was refused with the reason, and a key for the next try (fault 10)."""

    def __init__(self, text: str = "", error: str = ""):
        self.text = text
        self.error = error
        self.key = secrets.token_urlsafe(16)


def read(page: str, chat: Chat, **context: Any) -> Response:
    """The page of a chat, or the lines alone for htmx."""
    return htmx.render(page, "chat/_lines.html", chat=chat, form=Typed(), **context)


def write(post: Callable[[str, Key | None], dict[str, Any]], page: str, chat_now: Callable[[], Chat], back: str,
          **context: Any) -> Response:
    """Post the text of the form: 303 to the chat, its line for htmx, the form again if it is refused."""
    text = request.form.get("text", "")
    try:
        message = post(text, _key(text))
    except DomainError as refusal:
        if refusal.status not in (403, 422, 429):
            raise
        return _refused(refusal, page, Typed(text, refusal.text), chat_now(), **context)
    if not htmx.is_htmx():
        return htmx.see_other(back)
    db.session.rollback()
    line = queries.lines_by_id([message["id"]])[message["id"]]
    return fragment("chat/_posted.html", 200, line=live.partial(line), chat=chat_now(), form=Typed())


def _refused(refusal: DomainError, page: str, form: Typed, chat: Chat, **context: Any) -> Response:
    if htmx.is_htmx():
        response = fragment("chat/_refused.html", refusal.status, chat=chat, form=form)
    else:
        response = make_response(render_template(page, chat=chat, form=form, **context), refusal.status)
    if isinstance(refusal, rules.TooManyMessages):
        response.headers["Retry-After"] = str(rules.QUOTA[0][0])
    return response


def fragment(template: str, status: int, **context: Any) -> Response:
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def _key(text: str) -> Key | None:
    given = sent_key()
    return Key(current_user.id, "POST", request.path, given, text) if given else None
