"""One post: to read, write, preview, edit, delete and like."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.datastructures import FileStorage

from auctionapp import htmx, pictures, quotas
from auctionapp.auctions.views.auction import person_or_address
from auctionapp.errors import DomainError
from auctionapp.extensions import limiter
from auctionapp.forms import sent_key, uploads
from auctionapp.idempotency import Key
from auctionapp.posts import rules, services
from auctionapp.posts.forms import PostForm, Typed, new_key
from auctionapp.posts.queries import comments, posts
from auctionapp.posts.queries.posts import OnePost
from auctionapp.posts.views import blueprint, fragment, lots_of, reader_id
from auctionapp.security import safe_return


@blueprint.get("/posts/<int:post_id>")
def show(post_id: int) -> Response:
    return page(posts.one(post_id, reader_id()))


def page(post: OnePost, typed: Typed | None = None, status: int = 200, before: int | None = None) -> Response:
    """The post's page with what is said under it; `typed` is a comment that was refused."""
    reader = reader_id()
    return make_response(render_template(
        "posts/show.html", post=post.card, text=post.text, lots=lots_of([post.card]), takes_mine=post.takes_mine,
        author_signature=post.signature, topic_sequence=post.topic_sequence, thread=comments.thread(post.card.id, reader, before),
        own_id=reader, form=typed or Typed()), status)


@blueprint.route("/posts/new", methods=["GET", "POST"])
@uploads
@login_required
def new() -> Response:
    form = PostForm()
    refusal: DomainError | None = None
    if form.is_submitted():
        draft = form.draft()
        if request.form.get("preview"):
            return _preview("posts/new.html", form)
        author_id, key = current_user.id, _key(draft)
        published, refusal = _attempt(form, lambda stored: services.publish(
            author_id, draft, stored, current_app.config["PUBLIC_URL"], key))
        if published:
            flash("Your post is published.", "success")
            return htmx.see_other(url_for("posts.show", post_id=published))
    form.key.data = sent_key() or new_key()
    return _form_page("posts/new.html", form, refusal)


@blueprint.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@limiter.limit(quotas.by_clicks("post_edits"), key_func=person_or_address, methods=["POST"],
               exempt_when=lambda: "preview" in request.form)
@uploads
@login_required
def edit(post_id: int) -> Response:
    post = posts.own(post_id, current_user.id)
    form = PostForm()
    refusal: DomainError | None = None
    if form.is_submitted():
        if request.form.get("preview"):
            return _preview("posts/edit.html", form, post=post.card)
        author_id, draft, dropped = current_user.id, form.draft(), form.dropped_pictures()

        def work(stored: Sequence[pictures.StoredPicture]) -> tuple[int, bool]:
            services.edit(post_id, author_id, draft, stored, dropped, current_app.config["PUBLIC_URL"])
            return post_id, True

        saved, refusal = _attempt(form, work)
        if saved:
            flash("Saved.", "success")
            return htmx.see_other(url_for("posts.show", post_id=post_id))
    else:
        form.fill(rules.Draft(post.card.title, post.text, tuple(tag.name for tag in post.card.tags)))
    return _form_page("posts/edit.html", form, refusal, post=post.card)


@blueprint.route("/posts/<int:post_id>/delete", methods=["GET", "POST"])
@login_required
def delete(post_id: int) -> Response:
    """Ask once, then delete."""
    post = posts.own(post_id, current_user.id)
    if request.method == "GET":
        return make_response(render_template("posts/delete.html", post=post.card))
    services.delete(post_id, current_user.id)
    flash("The post is deleted.", "success")
    return htmx.see_other(url_for("posts.of_person", person_id=current_user.id))


@blueprint.post("/posts/<int:post_id>/like")
@login_required
@limiter.limit(quotas.by_clicks("likes"), key_func=person_or_address)
def like(post_id: int) -> Response:
    """Like it (liked=1) or no longer: htmx gets the button as it stands now, everybody else goes back."""
    posts.one(post_id, current_user.id)
    services.like(post_id, current_user.id, request.form.get("liked") == "1")
    if htmx.is_htmx():
        return fragment("posts/_like.html", post=posts.one(post_id, current_user.id).card, takes_mine=True)
    return htmx.see_other(safe_return(request.form.get("next"), f"/posts/{post_id}"))


def _key(draft: rules.Draft) -> Key | None:
    given = sent_key()
    body = "\n".join((draft.title, draft.text, *draft.tags))
    return Key(current_user.id, "POST", request.path, given, body) if given else None


def _attempt(form: PostForm, work: Callable[[Sequence[pictures.StoredPicture]], tuple[int, bool]],
             ) -> tuple[int | None, DomainError | None]:
    """Store the uploads and do the work that names them; the post's id, or what is wrong with the whole.

    What is wrong with a field is put beside it. A form that was sent twice leaves no files of the second time.
    """
    uploads = [one.stream for one in form.pictures.data or [] if isinstance(one, FileStorage) and one.filename]
    if len(uploads) > rules.PICTURES:
        form.pictures.errors = [services.TOO_MANY_PICTURES]
        return None, None
    try:
        with pictures.stored(current_app.config["MEDIA"], uploads) as stored:  # type: ignore[arg-type]
            post_id, is_new = work(stored)
            if not is_new:
                pictures.remove(current_app.config["MEDIA"], [one.name for one in stored])
            return post_id, None
    except pictures.InvalidPicture as refusal:
        form.pictures.errors = [refusal.text]
    except rules.InvalidPost as refusal:
        form.show_errors(refusal)
    except rules.TooOften as refusal:
        return None, refusal
    return None, None


def _preview(template: str, form: PostForm, **context: Any) -> Response:
    """The post as it would be read; nothing is saved. htmx gets it alone, so that chosen files stay chosen."""
    form.key.data = sent_key() or new_key()
    try:
        shown = rules.cleaned(form.draft())
    except rules.InvalidPost as refusal:
        form.show_errors(refusal)
        if htmx.is_htmx():
            return fragment("posts/_preview_refused.html", 422, words=refusal.text)
        return _form_page(template, form, None, **context)
    if htmx.is_htmx():
        return fragment("posts/_preview.html", preview=shown)
    return make_response(render_template(template, form=form, problem=None, preview=shown, **context))


def _form_page(template: str, form: PostForm, refusal: DomainError | None, **context: Any) -> Response:
    status = refusal.status if refusal else 422 if form.is_submitted() else 200
    response = make_response(render_template(
        template, form=form, problem=refusal.text if refusal else None, preview=None, **context), status)
    if isinstance(refusal, rules.TooOften):
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response
