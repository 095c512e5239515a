"""Sign in and sign out."""

import logging
from datetime import UTC, datetime

from flask import Response, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user

from auctionapp.accounts import limits, rules, services
from auctionapp.accounts.forms import LoginForm
from auctionapp.accounts.models import User
from auctionapp.accounts.views import blueprint
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db
from auctionapp.security import safe_return

log = logging.getLogger(__name__)

Page = Response | tuple[str, int]


@blueprint.route("/account/login", methods=["GET", "POST"])
@limits.passwords_per_account
@limits.passwords_per_address
def login() -> Page:
    form = LoginForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        form.email.data = request.args.get("email", "")
        if current_user.is_authenticated:
            return redirect(safe_return(form.next.data), 303)  # type: ignore[return-value]
        return render_template("accounts/login.html", form=form, problem=None), 200
    if not form.validate_on_submit():
        return render_template("accounts/login.html", form=form, problem=None), 422
    try:
        proven = services.authenticate(form.email.data or "", form.password.data or "")
        signed_in = services.sign_in(proven, request.user_agent.string, form.remember.data,
                                     replaces=current_user.sign_in_id if current_user.is_authenticated else None)
    except DomainError as refusal:
        return render_template("accounts/login.html", form=form, problem=refusal.text), 422
    remember_sign_in(proven.user_id, signed_in, form.remember.data)
    return redirect(safe_return(form.next.data), 303)  # type: ignore[return-value]


def remember_sign_in(user_id: int, signed_in: services.SignedIn, remembered: bool) -> None:
    """Put a new sign-in into the browser's session, and nothing of what was there before but messages to read."""
    messages = session.get("_flashes")
    session.clear()
    if messages:
        session["_flashes"] = messages
    session.permanent = remembered
    person = db.session.get(User, user_id)
    if person is None:
        raise NotFound()
    person.sign_in_token = signed_in.token
    login_user(person)


@blueprint.post("/account/logout")
def logout() -> Response:
    if current_user.is_authenticated:
        try:
            services.end_session(current_user.id, current_user.sign_in_id)
        except NotFound:
            pass  # ended by another window a moment ago
        logout_user()
    session.clear()
    flash("You are signed out.", "success")
    return redirect(url_for("accounts.login"), 303)  # type: ignore[return-value]


@blueprint.after_app_request
def note_visit(response: Response) -> Response:
    """Prolong the session that was used, at most every few minutes and after the answer has left."""
    person = g.get("_login_user")
    seen_at = getattr(person, "sign_in_seen_at", None)
    if seen_at is None or response.is_streamed or datetime.now(UTC) - seen_at < rules.SEEN_EVERY:
        return response
    app, sign_in_id = current_app._get_current_object(), person.sign_in_id  # type: ignore[attr-defined]

    def note() -> None:
        try:
            with app.app_context():
                services.touch(sign_in_id)
        except Exception:
            log.exception("The visit of sign-in %s could not be noted", sign_in_id)

    response.call_on_close(note)
    return response
