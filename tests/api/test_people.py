from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.accounts.models import ApiToken
from auctionapp.accounts.services import people
from auctionapp.extensions import db
from tests import factories
from tests.api.conftest import refused
from tests.outbox import last_code

EMAIL, PASSWORD = "ada@example.org", "seven blue herons"


@pytest.fixture
def app(app, tmp_path):
    app.config["OUTBOX"] = tmp_path / "outbox"
    return app


def test_a_person_registers_proves_the_address_and_gets_a_token(app, guest):
    answer = guest.post("/users", {"email": EMAIL, "password": PASSWORD, "display_name": "Ada"})
    assert answer.status_code == 202
    confirmed = guest.post("/users/confirm", {"email": EMAIL, "code": last_code(app, EMAIL)})
    assert confirmed.status_code == 201
    assert set(confirmed.json) == {"id"}
    answer = guest.post("/tokens", {"email": EMAIL, "password": PASSWORD, "name": "notebook"})
    assert answer.status_code == 201
    assert set(answer.json) == {"token", "expires_at"}
    assert datetime.fromisoformat(answer.json["expires_at"]) > datetime.now(UTC)
    me = guest.get("/me", headers={"Authorization": f"Bearer {answer.json['token']}"})
    assert me.json == {"id": confirmed.json["id"], "email": EMAIL, "display_name": "Ada", "roles": ["user"]}


def test_a_taken_address_is_answered_like_a_free_one(app, guest):
    factories.user(email=EMAIL)
    taken = guest.post("/users", {"email": EMAIL, "password": PASSWORD, "display_name": "Ada"})
    free = guest.post("/users", {"email": "grace@example.org", "password": PASSWORD, "display_name": "Ada"})
    assert (taken.status_code, taken.data) == (free.status_code, free.data) == (202, free.data)


@pytest.mark.parametrize(("change", "slug"), [
    ({"email": "no address"}, "invalid-email"),
    ({"email": None}, "validation"),
    ({"email": 5}, "validation"),
    ({"password": "short"}, "weak-password"),
    ({"password": "x" * 129}, "weak-password"),
    ({"display_name": " "}, "invalid-name"),
    ({"display_name": "a\0b"}, "validation"),
])
def test_what_cannot_register_is_refused(app, guest, change, slug):
    refused(guest.post("/users", {"email": EMAIL, "password": PASSWORD, "display_name": "Ada"} | change), 422, slug)


def test_roles_in_a_body_make_nobody_an_administrator(app, guest):
    body = {"email": EMAIL, "password": PASSWORD, "display_name": "Ada", "role": "admin", "roles": ["admin"]}
    guest.post("/users", body)
    guest.post("/users/confirm", {"email": EMAIL, "code": last_code(app, EMAIL), "role": "admin"})
    token = guest.post("/tokens", {"email": EMAIL, "password": PASSWORD, "role": "admin"}).json["token"]
    assert guest.get("/me", headers={"Authorization": f"Bearer {token}"}).json["roles"] == ["user"]


def test_a_wrong_code_proves_nothing(app, guest):
    guest.post("/users", {"email": EMAIL, "password": PASSWORD, "display_name": "Ada"})
    for code in ("", "12345", "wrong!", "1234567"):
        refused(guest.post("/users/confirm", {"email": EMAIL, "code": code}), 422, "code-refused")
    refused(guest.post("/users/confirm", {"email": "nobody@example.org", "code": "123456"}), 422, "code-refused")


@pytest.mark.parametrize(("email", "password"), [
    (EMAIL, "another password"), ("nobody@example.org", PASSWORD), ("", ""), (EMAIL, "x" * 1000)])
def test_a_wrong_password_and_an_unknown_address_look_alike(guest, email, password):
    people.create_user(EMAIL, PASSWORD)
    answer = guest.post("/tokens", {"email": email, "password": password})
    assert refused(answer, 401, "wrong-credentials")["detail"] == "This address and password do not belong together."
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_is_kept_as_a_hash_and_ends_when_it_is_revoked(guest, program_of):
    people.create_user(EMAIL, PASSWORD)
    tokens = [guest.post("/tokens", {"email": EMAIL, "password": PASSWORD}).json["token"] for _ in range(2)]
    assert all(token not in kept.token_hash for token in tokens for kept in db.session.query(ApiToken))
    first, second = ({"Authorization": f"Bearer {token}"} for token in tokens)
    assert guest.delete("/tokens/current", headers=first).status_code == 204
    refused(guest.get("/me", headers=first), 401, "unauthorized")
    refused(guest.delete("/tokens/current", headers=first), 401, "unauthorized")
    assert guest.get("/me", headers=second).status_code == 200


@pytest.mark.parametrize("change", [
    lambda person, token: setattr(person, "blocked_at", datetime.now(UTC)),
    lambda person, token: setattr(token, "expires_at", datetime.now(UTC) - timedelta(seconds=1)),
    lambda person, token: db.session.delete(token),
])
def test_a_token_of_somebody_blocked_or_past_its_time_is_none(program_of, change):
    person = factories.user()
    program = program_of(person)
    assert program.get("/me").status_code == 200
    change(person, db.session.query(ApiToken).one())
    db.session.commit()
    refused(program.get("/me"), 401, "unauthorized")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Bearer ", "Basic YTpi", "wrong", "", "Bearer a b",
                                    "Bearer \xff\xfe", "Bearer " + "x" * 8000])
@pytest.mark.parametrize("path", ["/me", "/auctions", "/categories"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(guest, header, path):
    answer = guest.get(path, headers={"Authorization": header})
    refused(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), [
    ("DELETE", "/tokens/current"), ("GET", "/me"), ("POST", "/auctions"), ("PATCH", "/auctions/1"),
    ("DELETE", "/auctions/1"), ("POST", "/auctions/1/images"), ("POST", "/auctions/1/bids"),
    ("POST", "/auctions/1/buy"), ("GET", "/auctions/1/messages"), ("POST", "/auctions/1/messages"),
    ("GET", "/wallet"), ("GET", "/wallet/entries"), ("POST", "/wallet/deposits"), ("POST", "/wallet/withdrawals"),
    ("GET", "/auctions?seller=me"),
])
def test_what_is_ones_own_needs_a_token(guest, method, path):
    refused(guest.send(method, path), 401, "unauthorized")


def test_a_cookie_is_nobody_here(client, guest):
    person = factories.user()
    factories.sign_in(client, person)
    assert client.get("/dashboard/wallet").status_code == 200
    refused(guest.get("/me"), 401, "unauthorized")
    refused(guest.post("/wallet/deposits", {"amount": "1.00"}), 401, "unauthorized")


def test_answers_to_a_token_are_not_stored_on_the_way(bidder, guest):
    assert bidder.get("/me").headers["Cache-Control"] == "no-store"
    assert guest.get("/auctions").headers["Cache-Control"] == "no-cache"
