"""One use case, one transaction: retried when the database asks for it, its events told after the commit."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from auctionapp import bulk, events
from auctionapp.errors import Busy
from auctionapp.extensions import db

T = TypeVar("T")

WRITING: dict[str, dict[str, Any]] = {
    "sqlite": {"gavel_write": True},
    "postgresql": {"isolation_level": "READ COMMITTED"},
}
"""What makes a connection write: outside of these transactions PostgreSQL's statements stand alone (`engine_options`)."""
ATTEMPTS = 5
RETRYABLE_SQLSTATES = {"40001", "40P01", "55P03"}
"""serialization_failure, deadlock_detected, lock_not_available"""
AWAY_SQLSTATES = {"53300", "57P01", "57P02", "57P03"}
"""too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now; besides class 08, and no state at all where
no server answers"""


_COMMITTING = "gavel_committing"
"""Whether the commit was asked for: if the connection is lost then, nobody knows what became of it."""


def write(work: Callable[[Session], T]) -> T:
    """Run `work` in a writing transaction of its own and commit it, then tell what it announced (see `commit`)."""
    result, announced = commit(work)
    for event in announced:
        events.dispatch(event)
    return result


def commit(work: Callable[[Session], T]) -> tuple[T, list[object]]:
    """Run `work` in a writing transaction of its own; return its result and the events that are to be told.

    What was read before is given up first, so that nothing decides on an old snapshot. `work` may run again
    after a deadlock, a busy database or a connection that was lost before the commit, so it must have no effect
    but on its session. Raises Busy when it still cannot be done after several tries.
    """
    session = db.session
    session.rollback()
    for attempt in range(ATTEMPTS):
        events.take_announced(session())
        session.info[_COMMITTING] = False
        try:
            session.connection(execution_options=WRITING[db.engine.dialect.name])
            result = work(session())
            session.flush()
            session.info[_COMMITTING] = True
            session.commit()
            return result, events.take_announced(session())
        except DBAPIError as error:
            session.rollback()
            if not (_retryable(error) or (error.connection_invalidated and not session.info[_COMMITTING])):
                raise
            if attempt == ATTEMPTS - 1:
                raise Busy() from error
            time.sleep(random.uniform(0, 0.01 * 2**attempt))
        except BaseException:
            session.rollback()
            raise
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def last_statements(session: Session) -> Iterator[Connection]:
    """Within it a use case writes the last of what it has to: PostgreSQL takes that and the commit in one round trip, so
    what is locked is free so much sooner. Nobody reads what these statements answer, and no other may follow."""
    connection = session.connection()
    with bulk.unanswered(connection):
        yield connection
        if connection.dialect.name == "postgresql":
            session.info[_COMMITTING] = True
            connection.exec_driver_sql("COMMIT")


def is_away(error: OperationalError) -> bool:
    """Whether the database refused or dropped the connection, so that nothing is wrong with what was asked of it."""
    if error.connection_invalidated:
        return True
    if not isinstance(error.orig, psycopg.OperationalError):
        return False
    state = error.orig.sqlstate
    return state is None or state.startswith("08") or state in AWAY_SQLSTATES


def _retryable(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in RETRYABLE_SQLSTATES or "database is locked" in str(error.orig)
