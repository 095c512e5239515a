"""A chat's lines and its form, as a page or as fragments; what every kind of conversation shares."""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_login import current_user

from auctionapp import htmx, pictures
from auctionapp.chat import live, queries, rules
from auctionapp.chat.queries import Chat
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from auctionapp.forms import sent_key
from auctionapp.idempotency import Key
from auctionapp.pictures import StoredPicture

REFUSED = (403, 413, 422, 429)
"""Answers that show the form again with the reason beside the field."""

Post = Callable[[str, StoredPicture | None, Key | None], dict[str, Any]]
"""Writes text, picture or both in a conversation and returns the Message."""


def before(conversation_id: int | None = None) -> int | None:
    """The id of a message, of which older ones are asked for; `?around=` asks for those around one."""
    around = _message_id("around") if conversation_id else None
    return queries.before_of(conversation_id, around) if around else _message_id("before")


def _message_id(name: str) -> int | None:
    given = request.args.get(name, "")
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


def write(post: Post, page: str, chat_now: Callable[[], Chat], back: str, **context: Any) -> Response:
    """Post the text and picture of the form: 303 to the chat, its line for htmx, the form again if it is refused."""
    text = request.form.get("text", "")
    try:
        message = send(text, post)
    except DomainError as refusal:
        if refusal.status not in REFUSED:
            raise
        return _refused(refusal, page, Typed(text, refusal.text), chat_now(), **context)
    if not htmx.is_htmx():
        return htmx.see_other(back)
    db.session.rollback()
    line = queries.lines_by_id([message["id"]])[message["id"]]
    return fragment("chat/_posted.html", 200, line=live.partial(line), chat=chat_now(), form=Typed())


def send(text: str, post: Post) -> dict[str, Any]:
    """Store the form's picture, if there is one, around posting it with the text. Raises InvalidPicture, and as `post`."""
    file = request.files.get("picture")
    if not file:
        return post(text, None, _key(text))
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    file.stream.seek(0)
    folder = current_app.config["MEDIA"]
    with pictures.stored(folder, (one.stream for one in [file])) as [picture]:
        message = post(text, picture, _key(f"{digest} {text}"))
        if message.get("picture") != pictures.address(picture.name, pictures.WIDTHS[0]):  # sent before, under the same key
            pictures.remove(folder, [picture.name])
    return message


def _refused(refusal: DomainError, page: str, form: Typed, chat: Chat, **context: Any) -> Response:
    if htmx.is_htmx():
        response = fragment("chat/_refused.html", refusal.status, chat=chat, form=form)
    else:
        response = make_response(render_template(page, chat=chat, form=form, **context), refusal.status)
    if isinstance(refusal, rules.TooManyMessages):
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def fragment(template: str, status: int, **context: Any) -> Response:
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def _key(text: str) -> Key | None:
    given = sent_key()
    return Key(current_user.id, "POST", request.path, given, text) if given else None
