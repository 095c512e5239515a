"""Editing and deleting an own message: in its line with htmx, on pages of their own without."""

from typing import Any

from flask import Response, make_response, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx, quotas
from auctionapp.auctions.views.auction import person_or_address
from auctionapp.chat import live, queries, rules, services
from auctionapp.chat.queries import Line
from auctionapp.chat.views import blueprint, writing
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db, limiter


def _line(conversation_id: int, message_id: int) -> Line:
    """A message of a conversation that its reader may see. Raises NotFound."""
    queries.see(conversation_id, current_user.id)
    line = queries.lines_by_id([message_id]).get(message_id)
    if line is None or line.conversation_id != conversation_id:
        raise NotFound()
    return line


def _own(conversation_id: int, message_id: int) -> Line:
    line = _line(conversation_id, message_id)
    if line.author_id != current_user.id or line.system or line.deleted_at:
        raise NotFound()
    return line


def _back(line: Line) -> str:
    return f"/inbox/{line.conversation_id}?around={line.id}#message-{line.id}"


@blueprint.get("/inbox/<int:conversation_id>/messages/<int:message_id>")
@login_required
def message(conversation_id: int, message_id: int) -> Response:
    """The line as it stands, for htmx; everybody else is led to its place in the chat."""
    line = _line(conversation_id, message_id)
    if not htmx.is_htmx():
        return htmx.see_other(_back(line))
    return writing.fragment("chat/_line.html", 200, line=line, own_id=current_user.id, cards=live.linked_lots([line]))


@blueprint.get("/inbox/<int:conversation_id>/messages/<int:message_id>/edit")
@login_required
def edit_form(conversation_id: int, message_id: int) -> Response:
    line = _own(conversation_id, message_id)
    return htmx.render("chat/edit.html", "chat/_edit.html", line=line, text=line.text, error="", back=_back(line))


@blueprint.post("/inbox/<int:conversation_id>/messages/<int:message_id>/edit")
@login_required
@limiter.limit(quotas.by_clicks("changes"), key_func=person_or_address)
def edit(conversation_id: int, message_id: int) -> Response:
    line, text = _own(conversation_id, message_id), request.form.get("text", "")
    try:
        services.edit(message_id, current_user.id, text)
    except DomainError as refusal:
        return _refused("chat/edit.html", "chat/_edit_refused.html", refusal, line, text=text)
    return _changed(line, "edited")


@blueprint.get("/inbox/<int:conversation_id>/messages/<int:message_id>/delete")
@login_required
def delete_form(conversation_id: int, message_id: int) -> Response:
    line = _own(conversation_id, message_id)
    return make_response(render_template("chat/delete.html", line=line, error="", back=_back(line)))


@blueprint.post("/inbox/<int:conversation_id>/messages/<int:message_id>/delete")
@login_required
@limiter.limit(quotas.by_clicks("changes"), key_func=person_or_address)
def delete(conversation_id: int, message_id: int) -> Response:
    line = _own(conversation_id, message_id)
    try:
        services.delete(message_id, current_user.id)
    except DomainError as refusal:
        return _refused("chat/delete.html", "chat/_delete_refused.html", refusal, line)
    return _changed(line, "deleted")


def _changed(line: Line, kind: str) -> Response:
    if not htmx.is_htmx():
        return htmx.see_other(_back(line))
    db.session.rollback()
    now = queries.lines_by_id([line.id])[line.id]
    return writing.fragment("chat/_changed.html", 200, line=live.partial(now, kind))


def _refused(page: str, fragment: str, refusal: DomainError, line: Line, **context: Any) -> Response:
    if refusal.status not in writing.REFUSED and not isinstance(refusal, rules.TooLate):
        raise refusal
    return htmx.render(page, fragment, refusal.status, line=line, error=refusal.text, back=_back(line), **context)
