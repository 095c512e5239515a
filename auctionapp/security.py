"""What guards every request and answer: served hosts, headers, safe return addresses (faults 49, 56)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import current_user
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import IntegerConverter

import config

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
REDIRECTS = range(300, 400)
UNGUARDED_PATHS = ("/healthz", "/readyz")
"""A platform's own probe knows the process by another name."""


class BoundedRequest(Request):
    """A request whose plain form is held to MAX_FORM_MEMORY_SIZE, like the fields of a multipart one (fault 57).

    Werkzeug reads and splits a plain form in memory whatever its size: 60 MB of "a=&" would become gigabytes.
    """

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__ and self.mimetype == "application/x-www-form-urlencoded":
            largest = current_app.config["MAX_FORM_MEMORY_SIZE"]
            # A body without a length is cut off at the limit without a word: one byte more shows that it is too large.
            self.max_content_length = largest + 1
            if len(self.get_data()) > largest:
                raise RequestEntityTooLarge()
        super()._load_form_data()


class CookieSession(SecureCookieSessionInterface):
    """Flask's own sessions, without the work where there is no cookie to look at: a program's request has none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies and app.secret_key:
            return self.session_class()
        return super().open_session(app, request)


class RowId(IntegerConverter):
    """Every `<int:…>` of an address: plain figures, few enough for any database. All else is a page that does not
    exist, and by its pattern, so that it is 404 and not 405."""

    regex = "[0-9]{1,18}"


def install(app: Flask) -> None:
    app.request_class = BoundedRequest
    app.url_map.converters["int"] = RowId
    app.session_interface = CookieSession()
    served = config.trusted_hosts(app.config)
    headers = Headers(headers_of_all(app.config))

    @app.before_request
    def refuse_what_is_not_served() -> None:
        if served and host_name(request.host) not in served and request.path not in UNGUARDED_PATHS:
            abort(400, "This address is not served here.")
        if not request.path.isprintable():
            abort(404)

    @app.after_request
    def add_headers(response: Response) -> Response:
        own = response.headers
        if response.status_code in REDIRECTS and own.get("Location", "").startswith(request.host_url):
            # Werkzeug's own redirect of a path with two slashes or none repeats the Host header (fault 49).
            own["Location"] = own["Location"][len(request.host_url) - 1:]
            response.set_data(b"")
        own.extend(headers)
        if request.endpoint != "static" and "Cache-Control" not in own:
            own["Cache-Control"] = "no-store" if _is_private() else "no-cache"
        return response


def headers_of_all(settings: Mapping[str, Any]) -> dict[str, str]:
    """What every answer carries."""
    secure = {"Strict-Transport-Security": "max-age=31536000"} if settings["SESSION_COOKIE_SECURE"] else {}
    return HEADERS | secure


@lru_cache(maxsize=256)
def host_name(host: str) -> str | None:
    """Without its port."""
    return urlsplit(f"//{host}").hostname if host else None


def _is_private() -> bool:
    """Whether the answer may be one person's own. Programs are known by their token alone, never by a cookie."""
    if request.path.startswith("/api/"):
        return "Authorization" in request.headers
    return current_user.is_authenticated


def safe_return(target: str | None, otherwise: str = "/") -> str:
    """A `next=` that stays on this site: a path from the root, without the tricks browsers read as another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if "\\" in target or any(ord(character) < 32 for character in target) or urlsplit(target).netloc:
        return otherwise
    return target
