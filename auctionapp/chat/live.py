"""A new line as everybody receives it: rendered once, for nobody in particular.

Own lines are marked in the browser, which also leaves out a line whose id it has already.
"""

from typing import Any

from flask import current_app

from auctionapp.chat import queries
from auctionapp.chat.queries import Line


def lacks_line(event: dict[str, Any]) -> bool:
    """Whether an event is a message whose line nobody has rendered yet."""
    return event["kind"] == "message" and "html" not in event


def add_lines(events: list[dict[str, Any]]) -> None:
    """Render the lines that are lacking into the events' `html`, from the database in one query."""
    lacking = [event for event in events if lacks_line(event)]
    if not lacking:
        return
    found = queries.lines_by_id(event["payload"]["id"] for event in lacking)
    for event in lacking:
        line = found.get(event["payload"]["id"])
        event["html"] = partial(line) if line else ""


def partial(line: Line) -> str:
    """The line, appended to its conversation where that is open."""
    # Through the environment and not `render_template`: its context would bring the reader in.
    template = current_app.jinja_env.get_template("chat/_new_line.html")
    return template.render(line=line, list_id=queries.list_id(line.kind, line.auction_id))
