"""One house and two web processes for all tests of a module: each test makes its own people, lots and posts.

A module takes them by name: `app, web, leave = shared.app, shared.web, shared.leave`.
"""

import pytest

from auctionapp.extensions import db
from tests.realtime.conftest import Web


@pytest.fixture(scope="module")
def app(house_of, redis_server):
    database, app = house_of("sqlite")
    database.renew()
    redis_server.client.flushall()
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def web(app, redis_server, tmp_path_factory):
    site = Web(app.config["SQLALCHEMY_DATABASE_URI"], redis_server.url, tmp_path_factory.mktemp("web"))
    yield site.start_web()
    site.stop_all()


@pytest.fixture(autouse=True)
def leave(web):
    """Every test leaves no stream behind, and the server notices."""
    yield
    web.hang_up()
