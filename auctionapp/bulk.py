"""Many rows in one statement. PostgreSQL takes them as one JSON text (its driver writes arrays value by value, which
takes several times longer), SQLite one after another.

A statement per row costs PostgreSQL and the driver several times more than the rows themselves; on the way of a
bid that is most of its time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    literal_column,
    tuple_,
    update,
)
from sqlalchemy import select as select_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from auctionapp import compact_json

Rows = Sequence[dict[str, Any]]


def dialect_insert(session: Session, table: Any) -> Any:
    """The database's own INSERT, which knows ON CONFLICT."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


@contextmanager
def unanswered(connection: Connection) -> Iterator[None]:
    """Within it PostgreSQL takes statements without answering each: one round trip for all that nobody reads.

    What one of them raises is raised at the end, as SQLAlchemy's errors.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    with _one_round_trip(connection):
        yield


@contextmanager
def _one_round_trip(connection: Connection) -> Iterator[Any]:
    """The driver's connection, which sends what it is given together."""
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield driver
    except BaseException as error:
        killed = next((one for one in (error, error.__context__) if one and not isinstance(one, Exception)), None)
        if killed is not None:
            # Whoever is ended while waiting cannot leave a pipeline in order. That is the driver's trouble; the end is the news.
            connection.invalidate(killed)
            raise killed from None
        if not isinstance(error, psycopg.Error):
            raise
        # SQLAlchemy is not asked at the end of a pipeline, so nobody has made it one of its errors yet.
        is_gone = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if is_gone:
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, psycopg.Error, connection_invalidated=is_gone,
                                  dialect=connection.dialect) from error


def read_each(connection: Connection, reads: Sequence[tuple[Executable, dict[str, Any]]]) -> list[list[Any]]:
    """The rows of each statement with its values, in one round trip to PostgreSQL, where each sees what the earlier waited
    for. The rows are plain tuples, as the driver has them."""
    if connection.dialect.name != "postgresql":
        return [[tuple(row) for row in connection.execute(statement, values)] for statement, values in reads]
    with _one_round_trip(connection) as driver:
        cursors = []
        for statement, values in reads:
            text, own_values = _written(statement, connection.dialect)
            cursors.append(driver.execute(text, own_values | values))
    return [cursor.fetchall() for cursor in cursors]


@lru_cache(maxsize=64)
def _written(statement: Any, dialect: Any) -> tuple[str, dict[str, Any]]:
    """The statement's text, and the values that stand in it."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), compiled.params


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Within it PostgreSQL gets the rows of `insert_rows` and `update_rows` as one statement, at the end.

    So none of them may build on another: none sees what the others write, and which is first is not said. Foreign
    keys are checked after all. SQLite takes one after another.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    parts: list[_Part] = []
    connection.info[_TOGETHER] = parts
    try:
        yield
    finally:
        del connection.info[_TOGETHER]
    if parts:
        values = {f"{name}_{place}": value for place, part in enumerate(parts) for name, value in part.values.items()}
        connection.execute(_all_together(tuple((part.build, part.shape) for part in parts)), values)


def among(column: Any, name: str, dialect: str) -> Any:
    """`column` is one of the values of the parameter `name`, a list: on PostgreSQL one array and so one statement
    for lists of any length, which the driver prepares.

    PostgreSQL takes an array that it cannot look into for one of ten values. For a shorter list it finds a plan of its
    own cheaper then, and makes one each time, which costs several times what the reading does. So it does not get to see
    the array itself, but a subquery, and believes the same every time.
    """
    if dialect == "postgresql":
        values = bindparam(name, type_=ARRAY(column.type))
        unseen = select_(func.unnest(values)).scalar_subquery()
        return column == any_(func.array(unseen, type_=values.type))
    return column.in_(bindparam(name, expanding=True))


def pairs_among(columns: tuple[Any, Any], name: str, dialect: str) -> Any:
    """The same for two columns and pairs of values, which `pair_values` makes of them."""
    if dialect == "postgresql":
        first, second = (bindparam(f"{name}_{place}", type_=ARRAY(column.type)) for place, column in enumerate(columns))
        sent = func.unnest(first, second).table_valued("first", "second").render_derived()
        return tuple_(*columns).in_(select_(sent.c.first, sent.c.second))
    return tuple_(*columns).in_(bindparam(name, expanding=True))


def pair_values(name: str, pairs: Sequence[tuple[Any, Any]], dialect: str) -> dict[str, Any]:
    """The values of the parameters of `pairs_among`."""
    if dialect == "postgresql":
        return {f"{name}_0": [pair[0] for pair in pairs], f"{name}_1": [pair[1] for pair in pairs]}
    return {name: list(pairs)}


def insert_rows(connection: Connection, table: Table, rows: Rows, returning: tuple[str, ...] = (),
                unless_there: bool = False, **shared: Any) -> list[Any]:
    """Insert rows that all name the same columns; return what was asked for, in no particular order.

    `shared` are columns with one value for all rows. With `unless_there` a row that breaks a unique key is left out,
    and not returned.
    """
    if not rows:
        return []
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        part = _Part(_insert_all, (table, names, tuple(shared), returning, unless_there),
                     {"rows": compact_json.encode(rows)} | {f"new_{name}": value for name, value in shared.items()})
        result = _execute(connection, part, answered=bool(returning))
    else:
        whole = [row | shared for row in rows]
        statement = sqlite.insert(table).on_conflict_do_nothing() if unless_there else insert(table)
        if not returning:
            connection.execute(statement, whole)
            return []
        result = connection.execute(statement.returning(*(table.c[name] for name in returning)), whole)
    return list(result.all()) if returning else []


def update_rows(connection: Connection, table: Table, key: str, rows: Rows, add: bool = False) -> None:
    """Set the columns that the rows name, each row found by its `key`; with `add`, add to them instead."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        _execute(connection, _Part(_update_all, (table, key, names, add), {
            "rows": compact_json.encode(rows), "keys": [row[key] for row in rows]}))
    else:
        renamed = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        connection.execute(_update_one(table, key, names, add), renamed)


@dataclass(frozen=True)
class _Part:
    """A statement of PostgreSQL to be: `build(*shape)` makes it once for all values."""

    build: Callable[..., Any]
    shape: tuple[Any, ...]
    values: dict[str, Any]


_TOGETHER = "gavel_together"


def _execute(connection: Connection, part: _Part, answered: bool = False) -> Any:
    parts = connection.info.get(_TOGETHER)
    if parts is None or answered:
        return connection.execute(part.build(*part.shape), part.values)
    parts.append(part)


@lru_cache(maxsize=64)
def _all_together(parts: tuple[tuple[Callable[..., Any], tuple[Any, ...]], ...]) -> Executable:
    written = [build(*shape, place=f"_{place}").cte(f"part_{place}") for place, (build, shape) in enumerate(parts)]
    return select_(literal_column("1")).add_cte(*written)


def _sent(table: Table, names: tuple[str, ...], place: str = "") -> Any:
    """The rows that came as text, with the types of the table's columns."""
    columns = [column(name, table.c[name].type) for name in names]
    return func.json_to_recordset(cast(bindparam(f"rows{place}", type_=Text), JSON)).table_valued(
        *columns, name="r").render_derived(name="r", with_types=True)


@lru_cache(maxsize=64)
def _insert_all(table: Table, names: tuple[str, ...], shared: tuple[str, ...],
                returning: tuple[str, ...], unless_there: bool, place: str = "") -> Any:
    rows = _sent(table, names, place)
    values = [rows.c[name] for name in names] + [
        bindparam(f"new_{name}{place}", type_=table.c[name].type) for name in shared]
    # Left to SQLAlchemy, they would be missing in a part of a statement.
    defaults = {column.name: column.default.arg for column in table.c
                if isinstance(column.default, ScalarElementColumnDefault) and column.name not in (*names, *shared)}
    values += [literal(value, table.c[name].type) for name, value in defaults.items()]
    statement = postgresql.insert(table).from_select([*names, *shared, *defaults], select_(*values), include_defaults=False)
    if unless_there:
        statement = statement.on_conflict_do_nothing()
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


@lru_cache(maxsize=64)
def _update_all(table: Table, key: str, names: tuple[str, ...], add: bool, place: str = "") -> Any:
    rows = _sent(table, names, place)
    # The keys once more, by themselves: how many rows a text holds, PostgreSQL cannot know, and would read a whole table.
    wanted = any_(bindparam(f"keys{place}", type_=ARRAY(table.c[key].type)))
    return update(table).where(table.c[key] == wanted, table.c[key] == rows.c[key]).values({
        name: table.c[name] + rows.c[name] if add else rows.c[name] for name in names if name != key})


@lru_cache(maxsize=64)
def _update_one(table: Table, key: str, names: tuple[str, ...], add: bool) -> Executable:
    new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return update(table).where(table.c[key] == new[key]).values({
        name: table.c[name] + new[name] if add else new[name] for name in names if name != key})
