"""Refusals and failures as pages: kind words, the right code, a way on."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from auctionapp import problem_details, security, transaction
from auctionapp.errors import DatabaseAway, DomainError
from auctionapp.extensions import db, login_manager
from auctionapp.htmx import is_htmx

WORDS = {
    400: ("That did not work", "Something in the request was not as expected. Go back, load the page again and retry."),
    403: ("Not for you", "You are signed in, but this is not open to you."),
    404: ("Nothing here", "There is no such page, or it is not yours."),
    405: ("Not this way", "This address is not used like that."),
    413: ("Too large", "What was sent is larger than we take."),
    429: ("A little slower, please", "That was often in a short time. Wait a moment, then try again."),
    500: ("Our fault", "Something broke on our side. Nothing of yours was changed. Please try again in a moment."),
    503: ("One moment, please", "This cannot be done just now. Please try again in a moment."),
}


SENT_MEANWHILE = "If you have just sent something, look whether it arrived before you send it again."


def page(status: int, text: str | None = None, plain: str = "") -> Response:
    """A page of its own, or for htmx a message on the page that is open. `plain` names a template without the usual
    frame, which reads the database."""
    title, words = WORDS.get(status, WORDS[400 if status < 500 else 500])
    shown = {"status": status, "title": title, "words": text or words}
    if is_htmx():
        response = make_response(_without_frame("_problem.html", shown), status)
        response.headers |= {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML show:top"}
    else:
        response = make_response(_without_frame(plain, shown) if plain else _framed(shown), status)
    if status >= 500:
        response.headers["Cache-Control"] = "no-store"  # said here: whether it is private, the database would be asked
    return response


def _framed(shown: dict[str, Any]) -> str:
    try:
        return render_template("problem.html", back=own_referrer(), **shown)
    except Exception:  # what broke the page may break its frame too
        db.session.rollback()
        return _without_frame("problem_plain.html", shown)


def _without_frame(template: str, shown: dict[str, Any]) -> str:
    """Not by `render_template`, whose context asks who is signed in, and so the database again."""
    return current_app.jinja_env.get_template(template).render(shown)


def install(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> Response:
        if problem_details.wanted():
            return problem_details.of_refusal(error)
        if error.status == 403 and not current_user.is_authenticated:
            return to_login()
        response = page(error.status, error.text)
        if error.status == 503:
            response.headers["Retry-After"] = "2"
        return response

    @app.errorhandler(CSRFError)
    def form_too_old(_error: CSRFError) -> Response:
        return page(400, "This page was open for long, or the form did not come from here. "
                         "Go back, load the page again and send it once more; nothing was changed.")

    @app.errorhandler(HTTPException)
    def http_problem(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        if problem_details.wanted():
            return problem_details.of_exception(error)
        response = page(error.code)
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, OperationalError) and transaction.is_away(error):
            return _database_away(error)
        app.logger.exception("Unexpected failure at %s %s", request.method, request.path)
        db.session.rollback()
        return problem_details.of_failure() if problem_details.wanted() else page(500)


def _database_away(error: OperationalError) -> Response:
    """Nothing here may ask the database again: each time would take as long as the first."""
    current_app.logger.warning("The database is away at %s %s: %s", request.method, request.path,
                               str(error.orig).partition("\n")[0])
    db.session.rollback()
    away = DatabaseAway()
    if problem_details.wanted():
        return problem_details.of_refusal(away)
    sent = request.method not in ("GET", "HEAD")
    response = page(away.status, f"{away.text} {SENT_MEANWHILE}" if sent else away.text, "away.html")
    response.headers["Retry-After"] = str(away.retry_after_seconds)
    return response


@login_manager.unauthorized_handler
def to_login() -> Response:
    """A guest is sent to sign in and comes back to the page that was asked for, or from which a form was sent."""
    if request.method == "GET" and not is_htmx():
        wanted = request.full_path.rstrip("?")
    else:
        wanted = own_referrer()
    location = url_for("accounts.login", next=wanted)
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": location})
    return redirect(location, 303)  # type: ignore[return-value]


def own_referrer() -> str:
    """The path of this site's page that the request came from, else the home page."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:  # half an IPv6 address
        return "/"
    if parts.netloc != request.host:
        return "/"
    return security.safe_return(parts.path + (f"?{parts.query}" if parts.query else ""))
