"""The door of the desk (fault 43): only administrators come in, dangerous things ask for the password again.

Closed twice: for every address below /admin, whatever view answers there, and in each of Flask-Admin's views.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, flash, make_response, redirect, request, url_for
from flask_admin import BaseView
from flask_login import current_user
from wtforms import Form

from auctionapp import audit
from auctionapp.errors import DomainError, NotAllowed
from auctionapp.extensions import login_manager
from auctionapp.problems import own_referrer
from auctionapp.security import safe_return

PREFIX = "/admin"
FRESH = timedelta(minutes=15)
"""How long a password that was given counts for what is dangerous."""
ONLY_ADMINISTRATORS = "Only administrators come in here."

Answer = Any
T = TypeVar("T", bound=Callable[..., Any])


def install(app: Flask) -> None:
    @app.before_request
    def keep_closed() -> Answer:
        if request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
            return refusal()
        return None


def refusal() -> Answer:
    """None for an administrator; a guest is sent to sign in. Raises NotAllowed for everybody else."""
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    if not (current_user.is_active and current_user.has_role("admin")):
        raise NotAllowed(ONLY_ADMINISTRATORS)
    return None


def is_fresh() -> bool:
    return datetime.now(UTC) - current_user.sign_in_proved_at < FRESH


def fresh(view: T) -> T:
    """Marks a view that asks for the password again when that was longer ago; `DeskView` sees to it."""
    view.asks_again = True  # type: ignore[attr-defined]
    return view


def actor() -> audit.Actor:
    return audit.Actor(current_user.id, request.remote_addr or "")


def said(deed: Callable[[], object], words: str) -> str:
    """Do it, and what is said then."""
    deed()
    return words


def own_desk_path(target: str | None) -> str:
    """Where to go on after the password: a page of the desk."""
    path = safe_return(target, f"{PREFIX}/")
    return path if path.startswith(f"{PREFIX}/") else f"{PREFIX}/"


class DeskView(BaseView):
    """A view of the desk. Closed unless the door says otherwise."""

    def is_accessible(self) -> bool:
        return current_user.is_authenticated and current_user.is_active and current_user.has_role("admin")

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Answer:
        return refusal()

    def _handle_view(self, name: str, **kwargs: Any) -> Answer:
        refused = super()._handle_view(name, **kwargs)
        if refused is None and getattr(getattr(type(self), name), "asks_again", False) and not is_fresh():
            wanted = request.full_path.rstrip("?") if request.method == "GET" else own_referrer()
            if request.method == "POST":
                flash("Nothing was changed yet.", "warning")
            return redirect(url_for("admin_prove.index", next=own_desk_path(wanted)), 303)
        return refused

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Flask-Admin's own calls a view a second time, as a function, when it raises TypeError: ours would act twice."""
        return fn(self, *args, **kwargs)

    def act(self, form: Form, deed: Callable[[], str], back: str, title: str, intro: str, submit: str,
            danger: bool = False, **more: Any) -> Response:
        """A page with a form; sent, it does the deed, says the words that it returns and goes back."""
        problem = None
        if form.validate_on_submit():
            try:
                words = deed()
            except DomainError as refused:
                if refused.status == 404:
                    raise
                problem = refused.text
            else:
                flash(words, "success")
                return redirect(back, 303)  # type: ignore[return-value]
        return make_response(
            self.render("admin/act.html", form=form, problem=problem, back=back, title=title, intro=intro, submit=submit,
                        danger=danger, **more), 422 if form.is_submitted() else 200)

    def done(self, deed: Callable[[], str], back: str) -> Response:
        """Do what a single button asks for, and go back with the words of what came of it."""
        try:
            flash(deed(), "success")
        except DomainError as refused:
            if refused.status == 404:
                raise
            flash(refused.text, "error")
        return redirect(back, 303)  # type: ignore[return-value]
