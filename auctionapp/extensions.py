"""Flask's extensions, made once and bound to the application by `create_app`."""

import os
import sys
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import BigInteger, DateTime, Engine, Integer, MetaData, event
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator
from werkzeug.local import LocalProxy


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    })


db = SQLAlchemy(model_class=Base)
csrf = CSRFProtect()
login_manager = LoginManager()
limiter = Limiter(key_func=get_remote_address, default_limits=[])

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key: SQLite numbers rows by itself only under the plain name INTEGER, which holds 64 bits there anyway."""
LARGEST_ID = 2**63 - 1
"""What such a key can hold: a number that somebody typed may be larger."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times everywhere: SQLite has no zones, so they are taken off on the way in and put back after."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def offer_migrations(app: Flask, folder: str) -> None:
    """Flask-Migrate for the command line (Flask sets FLASK_RUN_FROM_CLI there), elsewhere when it is asked for: no
    process that serves needs Alembic and its templates, whose import is a sixth of a start."""
    @cache
    def made() -> Any:
        from flask_migrate import Migrate

        Migrate(app, db, directory=folder, render_as_batch=False)
        return app.extensions["migrate"]

    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        made()
    else:
        app.extensions["migrate"] = LocalProxy(made)


def engine_options(url: str) -> dict[str, Any]:
    """Pool and connection settings for Flask-SQLAlchemy.

    On PostgreSQL a statement outside of `transaction.py` commits by itself: a page reads without BEGIN and ROLLBACK,
    two round trips less, and sees the same as under READ COMMITTED.
    """
    if url.startswith("sqlite"):
        return {"connect_args": {"isolation_level": None, "timeout": 20, "check_same_thread": False},
                "pool_size": 20, "max_overflow": 20}
    return {"pool_size": 20, "max_overflow": 20, "pool_recycle": 1800, "isolation_level": "AUTOCOMMIT",
            "connect_args": {"connect_timeout": CONNECT_SECONDS}}


CONNECT_SECONDS = 10
"""A server that takes no connection within this time is away; without a limit a page would wait for minutes."""


IDLE_IN_TRANSACTION_SECONDS = 5
"""A process that stands still within a transaction loses it, and its locks, after this time (fault 25)."""


def prepare_postgresql(engine: Engine) -> None:
    """Have the server end transactions whose process stands still: nobody else would get their locks.

    A connection that the server has closed meanwhile (a restart, say) is noticed when it is taken from the pool, and
    all older ones are given up with it. Asking the server, as `pool_pre_ping` does, would cost every request a round
    trip; what it has closed already stands in the socket, and a look there takes less than one microsecond.
    """
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        return _connection_class().connect(*arguments, **named)

    @event.listens_for(engine, "connect")
    def set_limits(connection: Any, _record: Any) -> None:
        connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_SECONDS}s'")
        connection.commit()

    @event.listens_for(engine, "checkout")
    def look_at_the_socket(connection: Any, _record: Any, _proxy: Any) -> None:
        try:
            connection.pgconn.consume_input()  # the server's farewell
            connection.pgconn.consume_input()  # the end behind it
        except psycopg.OperationalError as error:
            raise InvalidatePoolError(str(error)) from error


def _connection_class() -> type[psycopg.Connection[Any]]:
    """In the web processes, whose threads are greenlets, one that waits as they do."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("select"):
        return psycopg.Connection
    from auctionapp.green_connection import GreenConnection

    return GreenConnection


BEGIN_PATIENCE_SECONDS = 10


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite keep its promises: WAL, foreign keys, and one writer from the first statement on.

    Without BEGIN IMMEDIATE concurrent transactions lose updates silently (fault 4). The wait for the one writer
    sleeps in Python and not in SQLite, so that under gevent the other greenlets go on.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        for pragma in ("busy_timeout=20", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if not connection.get_execution_options().get("gavel_write"):
            connection.exec_driver_sql("BEGIN")
            return
        deadline = time.monotonic() + BEGIN_PATIENCE_SECONDS
        pause = 0.002
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(pause)
                pause = min(pause * 2, 0.05)
