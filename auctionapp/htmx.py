"""One URL, page or fragment: the server looks at htmx's headers and chooses."""

from flask import Response, make_response, redirect, render_template, request
from werkzeug.urls import iri_to_uri


def is_htmx() -> bool:
    """Whether htmx asks for a fragment (a boosted or restored page wants the whole)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def render(page: str, fragment: str, /, status: int = 200, **context: object) -> Response:
    """Render the fragment for htmx and the page for everybody else, from one context."""
    response = make_response(render_template(fragment if is_htmx() else page, **context), status)
    response.vary.add("HX-Request")
    return response


def see_other(location: str) -> Response:
    """303 after an accepted form; htmx follows it by loading the page."""
    response: Response = redirect(location, 303)  # type: ignore[assignment]
    if is_htmx():
        response = make_response("", 204)
        response.headers["HX-Location"] = iri_to_uri(location)  # a header takes no other letters
    response.vary.add("HX-Request")
    return response
