"""PostgreSQL restarted under a running house: nobody sees it (the pool's connections are dead then)."""

from collections.abc import Iterator

import flask_migrate
import pytest
from flask import Flask

from auctionapp import create_app
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


def test_while_the_database_is_away_a_page_says_so_without_it(app, server):
    person, _ = signed_in(app)
    server.pause()
    away = person.get("/dashboard/wallet?page=1")
    assert away.status_code == 500
    assert "Nothing of yours was changed" in away.text
    assert '<a class="button" href="/dashboard/wallet?page=1">Try again</a>' in away.text
    part = person.get("/auctions", headers=HTMX)
    assert (part.status_code, part.headers["HX-Retarget"]) == (500, "#notices")
    server.resume()
    assert person.get("/dashboard/wallet").status_code == 200
