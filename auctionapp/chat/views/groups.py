"""Groups: beginning one, and who belongs to it."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_login import current_user, login_required

from auctionapp import htmx, pictures
from auctionapp.chat import queries, services
from auctionapp.chat.views import blueprint, writing
from auctionapp.errors import DomainError, NotFound
from auctionapp.forms import sent_key, uploads
from auctionapp.idempotency import Key


def _chosen() -> list[int]:
    """Ids of the people who were ticked. Raises NotFound for what is no id."""
    given = request.form.getlist("member")
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in given) or len(given) > 1000:
        raise NotFound()
    return [int(one) for one in given]


@blueprint.get("/inbox/groups/new")
@login_required
def new_group() -> Response:
    return _form_of_group("", [], "", 200)


@blueprint.post("/inbox/groups/new")
@uploads
@login_required
def begin_group() -> Response:
    name, chosen = request.form.get("name", ""), _chosen()
    try:
        group_id = _with_picture(lambda picture: _begun(name, chosen, picture))
    except DomainError as refusal:
        if refusal.status not in writing.REFUSED:
            raise
        return _form_of_group(name, chosen, refusal.text, refusal.status)
    return htmx.see_other(f"/inbox/{group_id}")


def _begun(name: str, chosen: list[int], picture: str | None) -> int:
    given, body = sent_key(), " ".join([*map(str, sorted(chosen)), name])
    key = Key(current_user.id, "POST", request.path, given, body) if given else None
    group_id = services.open_group(current_user.id, name, chosen, picture, key)
    if picture and queries.picture_of(group_id) != picture:  # begun before, under the same key
        pictures.remove(current_app.config["MEDIA"], [picture])
    return group_id


def _with_picture(change: Callable[[str | None], Any]) -> Any:
    """Store the form's picture, cut square like a person's, around the change that names it; None without one."""
    file = request.files.get("picture")
    if not file:
        return change(None)
    with pictures.stored(current_app.config["MEDIA"], (one.stream for one in [file]), pictures.PORTRAIT) as [picture]:
        return change(picture.name)


def _form_of_group(name: str, chosen: list[int], error: str, status: int) -> Response:
    return make_response(render_template(
        "chat/new_group.html", name=name, chosen=chosen, error=error, form=writing.Typed(),
        candidates=queries.candidates(current_user.id)), status)


@blueprint.get("/inbox/<int:group_id>/members")
@login_required
def members(group_id: int) -> Response:
    """Who belongs to a group, and what may be done about it."""
    return _members(group_id, "", 200)


def _members(group_id: int, error: str, status: int) -> Response:
    chat = queries.private_chat(group_id, current_user.id)
    if chat.kind != "group":
        raise NotFound()
    present = {one.id for one in chat.people}
    candidates = [one for one in queries.candidates(current_user.id) if one.id not in present] if chat.is_admin else []
    return make_response(render_template(
        "chat/members.html", chat=chat, candidates=candidates, error=error,
        name=request.form.get("name", chat.name)), status)


def _done(group_id: int, change: Callable[..., Any], *given: Any, back: str = "") -> Response:
    """Do it and go back; a refusal shows the members again with the reason."""
    queries.see(group_id, current_user.id)
    try:
        change(group_id, current_user.id, *given)
    except DomainError as refusal:
        if refusal.status not in writing.REFUSED:
            raise
        return _members(group_id, refusal.text, refusal.status)
    return htmx.see_other(back or f"/inbox/{group_id}/members")


@blueprint.post("/inbox/<int:group_id>/members")
@login_required
def add_members(group_id: int) -> Response:
    return _done(group_id, services.add, _chosen())


@blueprint.post("/inbox/<int:group_id>/members/<int:user_id>/remove")
@login_required
def remove_member(group_id: int, user_id: int) -> Response:
    return _done(group_id, services.remove, user_id)


@blueprint.post("/inbox/<int:group_id>/members/<int:user_id>/admin")
@login_required
def hand_over(group_id: int, user_id: int) -> Response:
    """Make another member the administrator."""
    return _done(group_id, services.hand_over, user_id)


@blueprint.post("/inbox/<int:group_id>/name")
@login_required
def rename(group_id: int) -> Response:
    return _done(group_id, services.rename, request.form.get("name", ""))


@blueprint.post("/inbox/<int:group_id>/picture")
@uploads
@login_required
def change_picture(group_id: int) -> Response:
    """Put the picture of the form in the place of the one before; with `remove` none. Without a file nothing changes."""
    def change(group_id: int, user_id: int) -> None:
        if request.form.get("remove"):
            services.set_picture(group_id, user_id, None)
        elif request.files.get("picture"):
            _with_picture(lambda name: services.set_picture(group_id, user_id, name))

    return _done(group_id, change)


@blueprint.post("/inbox/<int:group_id>/leave")
@login_required
def leave(group_id: int) -> Response:
    return _done(group_id, services.leave, back="/inbox")
