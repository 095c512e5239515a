"""Sessions, passwords and tokens: kept on the server, ended when they should (faults 37, 45, 46, 50)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select, update

from auctionapp.accounts import passwords, queries, services
from auctionapp.accounts.models import SignIn, User
from auctionapp.clock import SetClock
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from tests import factories
from tests.accounts.conftest import PASSWORD
from tests.at_once import at_once
from tests.outbox import last_code, mails

ANNA = "anna@example.org"
NEW = "nine grey pebbles"


@pytest.fixture
def anna(app) -> int:
    return services.create_user(ANNA, PASSWORD, "Anna")


def opens(client) -> bool:
    """Whether the browser is signed in."""
    return client.get("/dashboard/security").status_code == 200


def whose(client, token) -> int | None:
    """The person whom the API sees behind a token."""
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    return answer.get_json()["id"] if answer.status_code == 200 else None


def test_a_cookie_copied_before_signing_out_is_dead_after_it(app, client, anna, sign_in, told):
    sign_in()
    cookie = client.get_cookie("gavel").value
    thief = app.test_client()
    thief.set_cookie("gavel", cookie)
    assert opens(thief)
    sign_in_id = db.session.scalar(select(SignIn.id))
    client.post("/account/logout")
    assert not opens(thief)
    assert not opens(client)
    assert (told[-1].user_id, told[-1].session_ids) == (anna, (sign_in_id,))


def test_signing_in_renews_the_session_and_ends_the_browsers_old_one(app, client, anna, sign_in):
    sign_in()
    with client.session_transaction() as session:
        first = session["_user_id"]
        session["left"] = "behind"
    old = client.get_cookie("gavel").value
    sign_in()
    with client.session_transaction() as session:
        assert session["_user_id"] != first
        assert "left" not in session
    thief = app.test_client()
    thief.set_cookie("gavel", old)
    assert not opens(thief)
    assert opens(client)


def test_a_new_password_ends_every_other_session_and_all_tokens(app, client, anna, sign_in, told):
    other = app.test_client()
    sign_in()
    sign_in(other)
    token, _expires = services.create_token(services.authenticate(ANNA, PASSWORD), "laptop")
    db.session.rollback()
    ids = set(db.session.scalars(select(SignIn.id)))
    old_cookie = client.get_cookie("gavel").value
    fields = {"old_password": PASSWORD, "password": NEW, "password_again": NEW}
    assert client.post("/dashboard/security", data=fields).status_code == 303
    assert opens(client), "the browser that changed it goes on, with a session of its own"
    assert not opens(other)
    thief = app.test_client()
    thief.set_cookie("gavel", old_cookie)
    assert not opens(thief)
    db.session.rollback()
    assert whose(client, token) is None
    assert set(told[-1].session_ids) == ids
    assert len(told[-1].token_ids) == 1
    assert sign_in(other).status_code == 422
    assert sign_in(other, password=NEW).status_code == 303
    assert "was changed" in mails(app, ANNA)[-1]


@pytest.mark.parametrize(("fields", "words"), [
    ({"old_password": "not the right one"}, "not your present password"),
    ({"password": "short", "password_again": "short"}, "at least 12"),
    ({"password": "annaannaanna", "password_again": "annaannaanna"}, "first passwords|your address"),
    ({"password_again": "different words"}, "differ"),
])
def test_a_refused_change_of_password_ends_nothing(app, client, anna, sign_in, told, fields, words):
    sign_in()
    given = {"old_password": PASSWORD, "password": NEW, "password_again": NEW} | fields
    answer = client.post("/dashboard/security", data=given)
    assert answer.status_code == 422
    assert any(word in answer.text for word in words.split("|"))
    assert opens(client)
    assert told == []


def test_a_forgotten_password_is_reset_by_a_code_and_ends_everything(app, client, anna, sign_in, told):
    sign_in()
    guest = app.test_client()
    answer = guest.post("/account/reset", data={"email": ANNA})
    assert (answer.status_code, answer.location) == (303, "/account/reset/code")
    fields = {"code": last_code(app, ANNA), "password": NEW, "password_again": NEW}
    weak = guest.post("/account/reset/code", data=fields | {"password": "short", "password_again": "short"})
    assert weak.status_code == 422
    answer = guest.post("/account/reset/code", data=fields)
    assert answer.status_code == 303
    assert answer.location.startswith("/account/login")
    assert not opens(client)
    assert told[-1].user_id == anna
    assert sign_in(guest).status_code == 422
    assert sign_in(guest, password=NEW).status_code == 303
    assert guest.post("/account/reset/code", data=fields | {"email": ANNA}).status_code == 422, "a code works once"


def test_asking_for_a_reset_looks_the_same_for_an_unknown_address(app, client, anna):
    known = client.post("/account/reset", data={"email": ANNA})
    unknown = app.test_client().post("/account/reset", data={"email": "nobody@example.org"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert "no account" in mails(app, "nobody@example.org")[-1]


def test_resets_at_the_same_time_set_one_password(app, anna, site):
    services.request_reset(ANNA, site)
    code = last_code(app, ANNA)
    words = ["one green bottle!", "two green bottles", "three green ones!"]
    results = at_once(app, *[partial(services.reset_password, ANNA, code, word, site) for word in words])
    assert sum(result is None for result in results) == 1
    services.authenticate(ANNA, words[results.index(None)])


def test_blocking_ends_sessions_and_tokens_at_once_and_says_so_only_to_who_knows_the_password(
    app, client, anna, sign_in
):
    sign_in()
    token, _expires = services.create_token(services.authenticate(ANNA, PASSWORD))
    db.session.execute(update(User).values(blocked_at=datetime.now(UTC)))
    db.session.commit()
    assert not opens(client)
    assert whose(client, token) is None
    assert "blocked" in sign_in().text
    assert "blocked" not in sign_in(password="not the right one").text


def test_a_password_changed_while_somebody_signs_in_with_the_old_one_wins(app, anna, site):
    proven = services.authenticate(ANNA, PASSWORD)
    services.change_password(anna, PASSWORD, NEW, site)
    with pytest.raises(services.WrongCredentials):
        services.sign_in(proven)
    with pytest.raises(services.WrongCredentials):
        services.create_token(proven)


def test_sessions_end_after_twelve_hours_unseen_or_thirty_days_remembered(app, anna):
    now = datetime.now(UTC)
    proven = services.authenticate(ANNA, PASSWORD)
    short = services.sign_in(proven, clock=SetClock(now))
    long = services.sign_in(proven, remember=True, clock=SetClock(now))

    def expiry(signed_in):
        db.session.rollback()
        return db.session.get(SignIn, signed_in.sign_in_id).expires_at

    assert expiry(short) == now + timedelta(hours=12)
    assert expiry(long) == now + timedelta(days=30)
    later = now + timedelta(hours=1)
    for signed_in in (short, long):
        services.touch(signed_in.sign_in_id, SetClock(now + timedelta(minutes=4)))
        services.touch(signed_in.sign_in_id, SetClock(later))
    assert expiry(short) == later + timedelta(hours=12)
    assert expiry(long) == now + timedelta(days=30)


def test_an_expired_session_is_a_guest(app, client):
    anna = factories.user()
    factories.sign_in(client, anna)
    assert opens(client)
    db.session.execute(update(SignIn).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    db.session.commit()
    assert not opens(client)


def test_a_visit_prolongs_the_session_after_some_minutes(app, client, anna, sign_in):
    sign_in()
    long_ago = datetime.now(UTC) - timedelta(hours=11)
    db.session.execute(update(SignIn).values(seen_at=long_ago, expires_at=long_ago + timedelta(hours=12)))
    db.session.commit()
    client.get("/dashboard/profile").close()
    db.session.rollback()
    seen = db.session.scalar(select(SignIn))
    assert seen.seen_at > datetime.now(UTC) - timedelta(minutes=1)
    assert seen.expires_at > datetime.now(UTC) + timedelta(hours=11)


def test_remembered_browsers_keep_their_cookie(client, anna, sign_in):
    sign_in(remember="y")
    assert client.get_cookie("gavel").expires is not None
    client.post("/account/logout")
    sign_in()
    assert client.get_cookie("gavel").expires is None


def test_the_security_page_lists_sessions_and_tokens_and_ends_them(app, client, anna, sign_in):
    other = app.test_client()
    sign_in()
    other.post("/account/login", data={"email": ANNA, "password": PASSWORD},
               headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"})
    services.create_token(services.authenticate(ANNA, PASSWORD), "laptop <b>")
    page = client.get("/dashboard/security").text
    assert "Firefox on Linux" in page
    assert "laptop &lt;b&gt;" in page
    db.session.rollback()
    other_id = max(db.session.scalars(select(SignIn.id)))
    assert client.post(f"/dashboard/security/sessions/{other_id}/end").status_code == 303
    assert not opens(other)
    sign_in(other)
    assert client.post("/dashboard/security/sessions/end-others").status_code == 303
    assert not opens(other)
    assert opens(client)
    token_id = queries.api_tokens(db.session(), anna)[0].id
    assert client.post(f"/dashboard/security/tokens/{token_id}/revoke").status_code == 303
    assert "laptop" not in client.get("/dashboard/security").text


def test_somebody_elses_sessions_and_tokens_are_not_there(app, client, anna, sign_in):
    signed_in = services.sign_in(services.authenticate(ANNA, PASSWORD))
    token, _expires = services.create_token(services.authenticate(ANNA, PASSWORD))
    factories.sign_in(client, factories.user())
    db.session.rollback()
    token_id = queries.api_tokens(db.session(), anna)[0].id
    for path in (f"sessions/{signed_in.sign_in_id}/end", f"tokens/{token_id}/revoke", f"tokens/{10**30}/revoke",
                 f"sessions/{2**63 - 1}/end"):
        assert client.post(f"/dashboard/security/{path}").status_code == 404
    assert whose(client, token) == anna
    with pytest.raises(NotFound):
        services.revoke_token(anna + 1, token_id)


def test_a_token_names_its_person_until_it_is_revoked_or_expires(app, client, anna, told):
    token, expires_at = services.create_token(services.authenticate(ANNA, PASSWORD), "x" * 300 + "\0")
    assert token not in str(db.session.scalars(select(User)).all())
    assert whose(client, token) == anna
    assert expires_at > datetime.now(UTC) + timedelta(days=89)
    db.session.rollback()
    token_id = queries.api_tokens(db.session(), anna)[0].id
    services.revoke_token(anna, token_id)
    assert whose(client, token) is None
    assert told[-1].token_ids == (token_id,)
    assert whose(client, "made up") is None


def test_hashes_of_former_parameters_are_renewed_at_sign_in(app, anna):
    former = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    db.session.execute(update(User).values(password_hash=former))
    db.session.commit()
    services.sign_in(services.authenticate(ANNA, PASSWORD))
    db.session.rollback()
    renewed = db.session.scalar(select(User.password_hash))
    assert renewed != former
    assert services.authenticate(ANNA, PASSWORD).password_hash == renewed


@pytest.mark.parametrize("password", ["!", "", "x" * 100_000, "\0" * 20])
def test_any_password_against_any_stored_hash_is_only_wrong(app, anna, password):
    for stored in ("!", ""):
        db.session.execute(update(User).values(password_hash=stored))
        db.session.commit()
        with pytest.raises(services.WrongCredentials):
            services.authenticate(ANNA, password)


def test_an_unknown_address_takes_as_long_as_a_wrong_password(app, anna, monkeypatch):
    class Counting(PasswordHasher):
        def verify(self, stored, secret):
            looked_at.append(extract_parameters(stored))
            return super().verify(stored, secret)

    monkeypatch.setattr(passwords, "_hasher", Counting(time_cost=2, memory_cost=32 * 1024, parallelism=1))
    costs = []
    for email in (ANNA, "nobody@example.org"):
        looked_at = []
        with pytest.raises(services.WrongCredentials):
            services.authenticate(email, "not the right one")
        costs.append(looked_at)
    assert costs[0] == costs[1] and len(costs[0]) == 1
