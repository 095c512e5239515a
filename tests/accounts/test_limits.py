"""How often passwords and codes may be tried (fault 48)."""

import pytest

from auctionapp.accounts import services
from auctionapp.extensions import limiter
from tests.accounts.conftest import ANNA, PASSWORD


@pytest.fixture
def limited(make_app):
    """An application that counts, on the same database and Redis."""

    def make(**settings):
        return make_app(RATELIMIT_ENABLED=True, **settings)

    yield make
    limiter.enabled = False
    # The one limiter of this process remembers for a while that Redis was away.
    limiter._storage_dead = False


def tries(client, email, count):
    return [client.post("/account/login", data={"email": email, "password": "not the right one"}).status_code
            for _ in range(count)]


@pytest.mark.parametrize("redis", ["there", "away"])
def test_guessing_one_account_is_slowed_down_whoever_asks_and_others_are_not(limited, tmp_path, redis):
    app = limited(**({"REDIS_URL": f"unix://{tmp_path}/none.sock"} if redis == "away" else {}))
    client = app.test_client()
    assert set(tries(client, "anna@example.org", 30)) == {422}
    answer = client.post("/account/login", data={"email": " ANNA@example.org ", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "slower" in answer.text
    assert tries(client, "bert@example.org", 1) == [422]
    assert client.get("/account/login").status_code == 200


def test_an_ordinary_evening_of_signing_in_meets_no_limit(app, limited):
    services.create_user(ANNA["email"], PASSWORD)
    other = limited()
    for _ in range(20):
        answer = other.test_client().post("/account/login", data={"email": ANNA["email"], "password": PASSWORD})
        assert answer.status_code == 303


def test_json_is_not_read_where_a_form_is_awaited(limited):
    deep = '{"email":' + "[" * 100_000
    answer = limited().test_client().post("/account/login", data=deep, content_type="application/json")
    assert answer.status_code == 422


def test_limits_can_be_switched_off(client):
    assert set(tries(client, "anna@example.org", 35)) == {422}
