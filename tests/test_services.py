"""The test services themselves: every test starts from the same clean house."""

import pytest
from sqlalchemy import text

from auctionapp.auctions.models import Category
from auctionapp.extensions import db
from tests import factories


@pytest.mark.parametrize("round_number", [1, 2])
def test_each_test_starts_from_a_clean_database(app, round_number):
    assert db.session.execute(text("SELECT count(*) FROM users")).scalar() == 0
    assert db.session.query(Category).count() > 0
    factories.user()
    db.session.query(Category).update({"name": "Renamed"})
    db.session.commit()


def test_each_test_starts_with_an_empty_redis(app, redis_server):
    assert redis_server.client.dbsize() == 0
    redis_server.client.set("left", "behind")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_test_can_ask_for_one_kind_of_database(app):
    assert db.engine.dialect.name == "postgresql"


def test_settings_changed_by_a_test_are_put_back(app):
    assert app.config["RATELIMIT_ENABLED"] is False
    assert "CHANGED" not in app.config
    app.config["CHANGED"] = True


def test_a_request_does_not_share_its_context_with_the_test(app, client):
    before = db.session()
    assert client.get("/help").status_code == 200
    assert db.session() is before
