"""What operators and their tools are told."""

from datetime import UTC, datetime, timedelta

import pytest

from auctionapp import jobqueue
from tests import factories


@pytest.fixture
def everything_alive(app):
    for role in ("worker", "scheduler"):
        jobqueue.show_alive(app, role)


def test_ready_when_every_part_answers(client, everything_alive):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "parts": {"database": True, "redis": True, "worker": True, "scheduler": True},
        "overdue_closes": 0,
        "not_set_up": [],
    }


def test_not_ready_without_a_worker(app, client):
    jobqueue.show_alive(app, "scheduler")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["parts"]["worker"] is False


def test_not_ready_while_an_auction_is_overdue(client, everything_alive):
    now = datetime.now(UTC)
    factories.auction(ends_at=now - timedelta(seconds=5))
    assert client.get("/readyz").json["overdue_closes"] == 0
    factories.auction(ends_at=now - timedelta(seconds=20))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["overdue_closes"] == 1
    assert "gavel_overdue_closes 1.0" in client.get("/metrics").text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_and_a_redis_that_are_gone_are_named_and_alive_stays_alive(make_app, tmp_path):
    lost = make_app(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/empty.sqlite3", REDIS_URL="unix:///nowhere/redis.sock"
    ).test_client()
    answer = lost.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["parts"] == {"database": False, "redis": False, "worker": False, "scheduler": False}
    assert lost.get("/healthz").status_code == 200


def test_invented_paths_and_methods_do_not_grow_the_metrics(client):
    client.get("/nowhere/at/all")
    client.open("/help", method="INVENTED")
    text = client.get("/metrics").text
    assert "/nowhere" not in text
    assert "INVENTED" not in text
    assert 'endpoint="none"' in text
