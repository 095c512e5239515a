"""PostgreSQL restarted under a running house: nobody sees it (the pool's connections are dead then)."""

from collections.abc import Iterator

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from auctionapp import create_app, transaction
from auctionapp.extensions import db
from devtools.postgres_server import PostgresServer
from tests import factories
from tests.at_once import at_once
from tests.auctions.bidding_client import HTMX, bids_of, confirm, signed_in
from tests.services import Client, settings


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of its own: the other tests' must not be restarted under them."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def app(server, redis_server, tmp_path) -> Iterator[Flask]:
    app = create_app(settings(server.url(), redis_server.url, tmp_path))
    app.test_client_class = Client
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_reads_and_bids_go_on_after_a_restart_of_the_database(app, server):
    lot = factories.auction().id
    person, _ = signed_in(app, 100_000)
    paths = ["/", "/auctions", f"/auctions/{lot}", "/dashboard/wallet", f"/api/v1/auctions/{lot}", "/healthz"]

    def codes():
        return at_once(app, *[lambda path=path: person.get(path).status_code for path in paths])

    assert codes() == [200] * len(paths)
    db.session.remove()
    assert db.engine.pool.checkedin() > 1
    server.restart()
    assert codes() == [200] * len(paths)
    db.session.remove()
    server.restart()
    assert confirm(person, lot, "15.00").status_code == 303
    assert bids_of(lot) == [1500]


def test_while_the_database_is_away_everything_says_so_and_when_to_come_back(app, server):
    person, _ = signed_in(app)
    guest = app.test_client()
    server.pause()
    away = person.get("/dashboard/wallet?page=1")
    assert (away.status_code, away.headers["Retry-After"], away.headers["Cache-Control"]) == (503, "5", "no-store")
    assert "Our records are out of reach" in away.text and "bids that were accepted stand" in away.text
    assert '<a class="button" href="/dashboard/wallet?page=1">Try again</a>' in away.text
    assert [guest.get(path).status_code for path in ("/", "/auctions", "/auctions/1/stream")] == [503] * 3
    sent = guest.post("/account/login", data={"email": "a@example.org", "password": "umbrella under the pier"})
    assert sent.status_code == 503 and "look whether it arrived" in sent.text
    part = person.get("/auctions", headers=HTMX)
    assert (part.status_code, part.headers["HX-Retarget"], part.headers["Retry-After"]) == (503, "#notices", "5")
    assert "<html" not in part.text
    told = guest.get("/api/v1/auctions")
    assert (told.status_code, told.mimetype, told.headers["Retry-After"]) == (503, "application/problem+json", "5")
    assert told.json["type"].endswith("/database-away")
    assert guest.get("/readyz").json["parts"]["database"] is False
    server.resume()
    assert person.get("/dashboard/wallet").status_code == 200


def test_an_error_of_a_database_that_answers_is_our_fault(app):
    with pytest.raises(OperationalError) as raised:
        db.session.execute(text("SET statement_timeout = 1; SELECT pg_sleep(1)"))
    assert not transaction.is_away(raised.value)
