"""Many rows in one statement. PostgreSQL takes them as arrays, SQLite one after another.

A statement per row costs PostgreSQL and the driver several times more than the rows themselves; on the way of a
bid that is most of its time.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, any_, bindparam, func, insert, update
from sqlalchemy import select as select_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable

Rows = Sequence[dict[str, Any]]


def dialect_insert(session: Session, table: Any) -> Any:
    """The database's own INSERT, which knows ON CONFLICT."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


@contextmanager
def unanswered(connection: Connection) -> Iterator[None]:
    """Within it PostgreSQL takes statements without answering each: one round trip for all that nobody reads.

    What one of them raises is raised at the end.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    with connection.connection.driver_connection.pipeline():  # type: ignore[union-attr]
        yield


def among(column: Any, name: str, dialect: str) -> Any:
    """`column` is one of the values of the parameter `name`, a list: on PostgreSQL one array and so one statement
    for lists of any length, which the driver prepares."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(column.type)))
    return column.in_(bindparam(name, expanding=True))


def insert_rows(connection: Connection, table: Table, rows: Rows, returning: tuple[str, ...] = (),
                **shared: Any) -> list[Any]:
    """Insert rows that all name the same columns; return what was asked for, in no particular order.

    `shared` are columns with one value for all rows.
    """
    if not rows:
        return []
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        statement = _insert_arrays(table, names, tuple(shared), returning)
        result = connection.execute(statement, _columns(names, rows) | {f"new_{name}": value for name, value in shared.items()})
    else:
        whole = [row | shared for row in rows]
        if not returning:
            connection.execute(insert(table), whole)
            return []
        result = connection.execute(insert(table).returning(*(table.c[name] for name in returning)), whole)
    return list(result.all()) if returning else []


def update_rows(connection: Connection, table: Table, key: str, rows: Rows, add: bool = False) -> None:
    """Set the columns that the rows name, each row found by its `key`; with `add`, add to them instead."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        connection.execute(_update_arrays(table, key, names, add), _columns(names, rows))
    else:
        renamed = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        connection.execute(_update_one(table, key, names, add), renamed)


def _columns(names: tuple[str, ...], rows: Rows) -> dict[str, list[Any]]:
    return {f"new_{name}": [row[name] for row in rows] for name in names}


def _arrays(table: Table, names: tuple[str, ...]) -> list[Any]:
    return [bindparam(f"new_{name}", type_=ARRAY(table.c[name].type)) for name in names]


@lru_cache(maxsize=64)
def _insert_arrays(table: Table, names: tuple[str, ...], shared: tuple[str, ...],
                   returning: tuple[str, ...]) -> Executable:
    rows = func.unnest(*_arrays(table, names)).table_valued(*names).render_derived(name="new")
    values = [rows.c[name] for name in names] + [
        bindparam(f"new_{name}", type_=table.c[name].type).label(name) for name in shared]
    statement = insert(table).from_select([*names, *shared], select_(*values))
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


@lru_cache(maxsize=64)
def _update_arrays(table: Table, key: str, names: tuple[str, ...], add: bool) -> Executable:
    rows = func.unnest(*_arrays(table, names)).table_valued(*names).render_derived(name="new")
    return update(table).where(table.c[key] == rows.c[key]).values({
        name: table.c[name] + rows.c[name] if add else rows.c[name] for name in names if name != key})


@lru_cache(maxsize=64)
def _update_one(table: Table, key: str, names: tuple[str, ...], add: bool) -> Executable:
    new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return update(table).where(table.c[key] == new[key]).values({
        name: table.c[name] + new[name] if add else new[name] for name in names if name != key})
