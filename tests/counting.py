"""What the database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from auctionapp.extensions import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """Those that are sent within it."""
    said: list[str] = []

    def note(*given):
        said.append(given[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
