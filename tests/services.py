"""Real services for the tests: a Redis and a PostgreSQL of our own, and a clean database for every test.

Each test process (pytest -n 2) has its own servers. The migrated schema with its seeds is made once per process and
copied for every test: a file for SQLite, `CREATE DATABASE … TEMPLATE` for PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from auctionapp import create_app, quotas
from auctionapp.announcements import queries as announcements
from auctionapp.extensions import db, limiter
from auctionapp.wallet import check
from config import database_url as with_driver
from devtools.postgres_server import PostgresServer
from devtools.processes import end_with_parent
from devtools.redis_server import SOCKET_NAME, answers, find_redis_server, private_folder, redis_command

MakeApp = Callable[..., Flask]


class Client(FlaskClient):
    """A test client whose every request has an application context of its own, as on a real server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **kwargs)


def scratch_folder() -> Path:
    """A temporary folder, in memory where there is room: SQLite waits for the disk at every commit."""
    memory = Path("/dev/shm")
    in_memory = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 32 * 1024**2
    return Path(tempfile.mkdtemp(prefix="gavel-test-", dir=memory if in_memory else None))


class RedisServer:
    """A Redis of our own on a unix socket, that tests may also stop and start."""

    def __init__(self) -> None:
        self.folder = private_folder(Path(tempfile.mkdtemp(prefix="gavel-redis-")))
        self.socket_path = self.folder / SOCKET_NAME
        self.url = f"unix://{self.socket_path}"
        self.client = redis.Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        ourselves = os.getpid()
        self.process = subprocess.Popen(
            redis_command(find_redis_server()),
            cwd=self.folder,
            preexec_fn=lambda: end_with_parent(ourselves),
        )
        deadline = time.monotonic() + 10
        while not answers(self.socket_path):
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.005)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        self.client.close()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class SqliteDatabase:
    """A SQLite file that is put back to the migrated schema for each test."""

    name = "sqlite"

    def __init__(self) -> None:
        self.folder = scratch_folder()
        self.file = self.folder / "gavel.sqlite3"
        self.template = self.folder / "template.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def keep_as_template(self) -> None:
        self.file.rename(self.template)

    def renew(self) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.file)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresDatabase:
    """A database on our own server, or on the one named by TEST_DATABASE_URL, renewed for each test."""

    name = "postgresql"

    def __init__(self, label: str) -> None:
        given = os.environ.get("TEST_DATABASE_URL")
        self.server = None if given else PostgresServer()
        base = make_url(with_driver(given) if given else self.server.url())  # type: ignore[union-attr]
        self.database = f"gavel_test_{label}"
        self.url = base.set(database=self.database).render_as_string(hide_password=False)
        plain = base.set(drivername="postgresql").render_as_string(hide_password=False)
        self.admin = psycopg.connect(plain, autocommit=True)
        self._drop(self.database)
        self._drop(f"{self.database}_template")
        self.admin.execute(f'CREATE DATABASE "{self.database}"')

    def _drop(self, database: str) -> None:
        self.admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def keep_as_template(self) -> None:
        self.admin.execute(f'ALTER DATABASE "{self.database}" RENAME TO "{self.database}_template"')

    def renew(self) -> None:
        self._drop(self.database)
        self.admin.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{self.database}_template"')

    def remove(self) -> None:
        self._drop(self.database)
        self._drop(f"{self.database}_template")
        self.admin.close()
        if self.server:
            self.server.stop()


Database = SqliteDatabase | PostgresDatabase


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def house_of(redis_server: RedisServer, worker_id: str) -> Iterator[Callable[[str], tuple[Database, Flask]]]:
    """The migrated database and the application of one kind ("sqlite" or "postgresql"), made at first use."""
    made: dict[str, tuple[Database, Flask]] = {}
    folder = scratch_folder()

    def get(kind: str) -> tuple[Database, Flask]:
        if kind not in made:
            database = SqliteDatabase() if kind == "sqlite" else PostgresDatabase(worker_id)
            app = create_app(settings(database.url, redis_server.url, folder))
            with app.app_context():
                flask_migrate.upgrade()
                db.engine.dispose()
            database.keep_as_template()
            app.test_client_class = Client
            made[kind] = database, app
        return made[kind]

    yield get
    for database, _app in made.values():
        database.remove()
    shutil.rmtree(folder, ignore_errors=True)


def settings(url: str, redis_url: str, folder: Path) -> dict[str, Any]:
    """What differs from development: own services, no limits, forms without their token."""
    return {
        "TESTING": True,
        "MODE": "testing",
        "SECRET_KEY": "only for tests, and long enough",
        "SQLALCHEMY_DATABASE_URI": url,
        "REDIS_URL": redis_url,
        "OUTBOX": folder / "outbox",
        "MEDIA": folder / "media",
        "RATELIMIT_ENABLED": False,
        "WTF_CSRF_ENABLED": False,
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, house_of: Callable[[str], tuple[Database, Flask]]) -> Database:
    """A clean database with its seeds. A test may ask for one kind only:
    `@pytest.mark.parametrize("database", ["postgresql"], indirect=True)`."""
    database, app = house_of(request.param)
    with app.app_context():
        db.engine.dispose()
    database.renew()
    return database


@pytest.fixture
def app(
    request: pytest.FixtureRequest, database: Database, house_of: Callable[[str], tuple[Database, Flask]],
    redis_server: RedisServer
) -> Iterator[Flask]:
    """The application on a clean database and an empty Redis, with an application context for services and queries.

    A request made with `client` has a context and a database session of its own: what a test read before may be old
    after it (`db.session.rollback()` or `db.session.expire_all()`).

    After a test that moved money the books must hold, as `flask ledger check` proves them.
    """
    _database, app = house_of(database.name)
    redis_server.client.flushall()
    app.extensions["bus"].skip_until = 0.0  # the test before may have taken Redis away
    app.extensions["jobqueue"]._skip_until = 0.0
    announcements.expect_none()
    quotas.expect_usual()
    limiter.enabled = False  # one for all applications: the last that was made with limits switched it on
    before = dict(app.config)
    with app.app_context():
        yield app
        db.session.remove()
        if not request.node.get_closest_marker("made_up_books"):
            check_books()
        db.engine.dispose()
    app.config.clear()
    app.config.update(before)


def check_books() -> None:
    """Refuse books that do not hold, once there is a transfer in them."""
    moved = db.session.scalar(text("SELECT 1 FROM transfers LIMIT 1"))
    differences = check.differences(db.session()) if moved else []
    db.session.remove()
    assert differences == [], "the test leaves books that do not hold"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def make_app(app: Flask, tmp_path: Path) -> MakeApp:
    """A second application on the same clean database, with other settings: make_app(WTF_CSRF_ENABLED=True)."""

    def make(**overrides: Any) -> Flask:
        base = settings(app.config["SQLALCHEMY_DATABASE_URI"], app.config["REDIS_URL"], tmp_path)
        other = create_app(base | overrides)
        other.test_client_class = Client
        return other

    return make
