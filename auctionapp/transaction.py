"""One use case, one transaction: retried when the database asks for it, its events told after the commit."""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from auctionapp import events
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
        committing = False
        try:
            session.connection(execution_options=WRITING[db.engine.dialect.name])
            result = work(session())
            session.flush()
            committing = True
            session.commit()
            return result, events.take_announced(session())
        except DBAPIError as error:
            session.rollback()
            if not (_retryable(error) or (error.connection_invalidated and not committing)):
                raise
            if attempt == ATTEMPTS - 1:
                raise Busy() from error
            time.sleep(random.uniform(0, 0.01 * 2**attempt))
        except BaseException:
            session.rollback()
            raise
    raise AssertionError("the last attempt returns or raises")


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
