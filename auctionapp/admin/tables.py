"""Lists of the desk: what a column shows, and pages by key, newest first, each as quick as the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import Select

from auctionapp.extensions import db

PER_PAGE = 50


@dataclass(frozen=True)
class Column:
    """One column: the row's attribute `name`, shown as `kind`.

    Kinds: text, words (an action's name), code (no spaces, may break anywhere), start (the beginning of a text), number,
    money, moment, status, auction-state, blocked, facts (a dict), subject (of a log's entry), person and lot (linked by the
    attribute `of`), link (`to` gives the address).
    """

    label: str
    name: str
    kind: str = "text"
    of: str = ""
    to: Callable[[Any], str | None] | None = None


@dataclass(frozen=True)
class Choice:
    """A filter: one of some values of an argument of the address; the first, an empty one, filters nothing."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]

    @property
    def chosen(self) -> str:
        given = request.args.get(self.name, "")
        return given if given in dict(self.values) else ""


@dataclass(frozen=True)
class Table:
    columns: Sequence[Column]
    rows: Sequence[Any]
    older: int | None = None
    """The `before` of the next page."""
    choices: Sequence[Choice] = field(default_factory=tuple)


def page(statement: Select, key: Any, columns: Sequence[Column], choices: Sequence[Choice] = (),
         per_page: int = PER_PAGE) -> Table:
    """The rows of one page, by the largest key first: `?before=` goes on where the last page ended."""
    before = sent_id("before")
    if before is not None:
        statement = statement.where(key < before)
    rows = db.session.execute(statement.order_by(key.desc()).limit(per_page + 1)).all()
    older = rows[per_page - 1].id if len(rows) > per_page else None
    return Table(columns, rows[:per_page], older, choices)


def sent_id(name: str) -> int | None:
    """A number of the address, or None where there is none that a row could have."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) <= 18 and int(given) else None


def sent_words() -> str:
    """What is looked for, without what no database keeps."""
    typed = " ".join(request.args.get("q", "").split())[:100]
    return "".join(character for character in typed if character.isprintable())
