"""What is said under a post: to read earlier ones, to write, to answer, to remove."""

from flask import Response, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db
from auctionapp.forms import sent_key
from auctionapp.idempotency import Key
from auctionapp.posts import live, rules, services
from auctionapp.posts.forms import Typed
from auctionapp.posts.queries import comments, posts
from auctionapp.posts.queries.posts import OnePost
from auctionapp.posts.views import blueprint, fragment, reader_id
from auctionapp.posts.views.post import page

SHOWN_BESIDE_THE_FORM = (403, 422, 429)


@blueprint.get("/posts/<int:post_id>/comments")
def earlier(post_id: int) -> Response:
    """Earlier comments with ?before=, or with ?parent= earlier replies to one: the page from there, or the lines."""
    post = posts.one(post_id, reader_id())
    before, parent_id = _number("before"), _number("parent")
    if parent_id is not None:
        replies = comments.replies(post_id, parent_id, reader_id(), before)
        return htmx.render("posts/replies.html", "posts/_replies.html", post=post.card, replies=replies, own_id=reader_id(),
                           parent_id=parent_id)
    if not htmx.is_htmx():
        return page(post, before=before)
    return fragment("posts/_thread.html", post=post.card, own_id=reader_id(),
                    thread=comments.thread(post_id, reader_id(), before))


@blueprint.post("/posts/<int:post_id>/comments")
@login_required
def comment(post_id: int) -> Response:
    post = posts.one(post_id, current_user.id)
    text, parent_id = request.form.get("text", ""), _number("parent")
    answered = comments.line(post_id, parent_id, current_user.id) if parent_id is not None else None
    try:
        comment_id = services.comment(post_id, current_user.id, text, parent_id, _key(text, parent_id))
    except DomainError as refusal:
        if refusal.status not in SHOWN_BESIDE_THE_FORM:
            raise
        return _refused(post, refusal, Typed(text, refusal.text, parent_id), answered)
    if not htmx.is_htmx():
        return htmx.see_other(f"/posts/{post_id}#comment-{comment_id}")
    db.session.rollback()
    line = comments.by_id([comment_id])[comment_id]
    return fragment("posts/_commented.html", post=post.card, answered=answered, line=live.new_line(line),
                    form=Typed(fresh=True))


@blueprint.get("/posts/<int:post_id>/comments/<int:comment_id>/reply")
@login_required
def reply(post_id: int, comment_id: int) -> Response:
    """The form to answer a comment, below it or on a page of its own."""
    return _reply_form(posts.one(post_id, current_user.id), comments.line(post_id, comment_id, current_user.id),
                       Typed(parent_id=comment_id, fresh=True), 200)


@blueprint.route("/posts/<int:post_id>/comments/<int:comment_id>/delete", methods=["GET", "POST"])
@login_required
def remove(post_id: int, comment_id: int) -> Response:
    """Ask once, then remove one's own comment, or any under one's own post. Another's is 404."""
    post = posts.one(post_id, current_user.id)
    if request.method == "GET":
        line = comments.line(post_id, comment_id, current_user.id)
        if current_user.id not in (line.author_id, post.card.author_id):
            raise NotFound()
        return make_response(render_template("posts/remove_comment.html", post=post.card, line=line))
    services.remove_comment(post_id, comment_id, current_user.id)
    flash("The comment is removed.", "success")
    return htmx.see_other(url_for("posts.show", post_id=post_id, _anchor="comments"))


def _refused(post: OnePost, refusal: DomainError, typed: Typed, answered: comments.Line | None) -> Response:
    if answered:
        response = _reply_form(post, answered, typed, refusal.status)
    elif htmx.is_htmx():
        response = fragment("posts/_comment_form.html", refusal.status, post=post.card, form=typed)
    else:
        response = page(post, typed, refusal.status)
    if isinstance(refusal, rules.TooOften):
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def _reply_form(post: OnePost, answered: comments.Line, typed: Typed, status: int) -> Response:
    return htmx.render("posts/reply.html", "posts/_comment_form.html", status, post=post.card, answered=answered,
                       form=typed, own_id=current_user.id)


def _key(text: str, parent_id: int | None) -> Key | None:
    given = sent_key()
    return Key(current_user.id, "POST", request.path, given, f"{parent_id or ''} {text}") if given else None


def _number(name: str) -> int | None:
    given = request.values.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
