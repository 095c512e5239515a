"""What pages append for the events of a topic: lines of chats and comments, each rendered once for everybody."""

from typing import Any

from auctionapp.chat import live as chat
from auctionapp.posts import live as posts


def lacking(event: dict[str, Any]) -> bool:
    """Whether pages show something for this event that nobody has rendered yet."""
    return chat.lacks_line(event) or posts.lacks_line(event)


def add(events: list[dict[str, Any]]) -> None:
    """Render what is lacking into the events' `html`, from the database."""
    chat.add_lines(events)
    posts.add_lines(events)
