"""What everybody who watches a post or the feed is sent, rendered once for nobody in particular.

Which comments are the reader's own the browser knows (`static/js/posts.js`); it also leaves out a line whose id it has
already. Words of people whom a reader has blocked are left out of that reader's stream: each event names its authors.
"""

from typing import Any

from flask import current_app

from auctionapp.posts.queries import comments, posts
from auctionapp.posts.queries.comments import Line

SHOWN = ("comment", "removal", "post")
"""Kinds of events for which pages show something of its own; all others only change the state."""


def render_state(post_id: int) -> str:
    """How many like it and write under it, as things stand now."""
    counts = posts.counts(post_id)
    return _render("posts/_live.html", counts=counts) if counts else ""


def lacks_line(event: dict[str, Any]) -> bool:
    """Whether an event is shown by a fragment that nobody has rendered yet."""
    return event["kind"] in SHOWN and "html" not in event


def add_lines(events: list[dict[str, Any]]) -> None:
    """Render the fragments that are lacking into the events' `html`, from the database in two queries, and say in
    `authors` whose words they are."""
    lacking = [event for event in events if lacks_line(event)]
    ids = [event["payload"]["id"] for event in lacking if event["kind"] != "post"]
    found = comments.by_id(ids)
    removed = [line.id for line in found.values() if line.removed]
    answered = comments.with_replies(removed) if removed else set()
    for event in lacking:
        if event["kind"] == "post":
            event["html"] = _render("posts/_new_post.html", post=event["payload"])
            event["authors"] = [event["payload"]["author_id"]]
        else:
            line = found.get(event["payload"]["id"])
            event["html"] = _comment(event["kind"], line, answered)
            event["authors"] = list(line.authors) if line else []


def new_line(line: Line) -> str:
    """The comment, put at the end of its list where that is open."""
    return _render("posts/_new_comment.html", line=line)


def removed_line(line: Line, answered: bool) -> str:
    """What is left of a comment that was removed: its place while something answers it, nothing otherwise."""
    return _render("posts/_removed_comment.html", line=line, answered=answered)


def _comment(kind: str, line: Line | None, answered: set[int]) -> str:
    if line is None or (kind == "comment" and line.removed and line.id not in answered):
        return ""
    return new_line(line) if kind == "comment" else removed_line(line, line.id in answered)


def _render(name: str, **context: Any) -> str:
    """Through the environment and not `render_template`: its context would bring the reader in."""
    return current_app.jinja_env.get_template(name).render(own_id=None, **context)
