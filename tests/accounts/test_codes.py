"""Codes: single use, for one purpose, 15 minutes, five tries, a few a day, also when all come at once (fault 47)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from auctionapp.accounts import services
from auctionapp.accounts.models import EmailCode, User
from auctionapp.accounts.services.registration import TooSoon
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests.accounts.conftest import PASSWORD
from tests.at_once import at_once
from tests.outbox import last_code, mails

ANNA = "anna@example.org"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def people() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(User))


@pytest.fixture
def register(site):
    def do(email=ANNA, password=PASSWORD, name="Anna", clock=None):
        return services.register(email, password, name, site, clock or SetClock(datetime.now(UTC)))

    return do


def test_a_code_works_once(app, register):
    register()
    code = last_code(app, ANNA)
    assert services.confirm(ANNA, code) > 0
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, code)
    assert people() == 1


def test_a_code_ends_after_fifteen_minutes(app, register):
    register(clock=SetClock(NOON))
    code = last_code(app, ANNA)
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, code, clock=SetClock(NOON + timedelta(minutes=15)))
    assert services.confirm(ANNA, code, clock=SetClock(NOON + timedelta(minutes=14, seconds=59)))


def test_after_five_wrong_tries_the_right_code_is_refused_too(app, register):
    register()
    code = last_code(app, ANNA)
    for _ in range(5):
        with pytest.raises(services.CodeRefused):
            services.confirm(ANNA, wrong(code))
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, code)
    assert people() == 0


def test_tries_at_the_same_time_are_counted_each(app, register):
    register()
    code = last_code(app, ANNA)
    at_once(app, *[partial(services.confirm, ANNA, wrong(code))] * 8)
    db.session.rollback()
    assert db.session.scalar(select(EmailCode.tries)) == 5
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, code)


def test_two_confirmations_at_once_make_one_person_and_both_succeed(app, register):
    register()
    code = last_code(app, ANNA)
    results = at_once(app, *[partial(services.confirm, ANNA, code)] * 2)
    assert any(isinstance(result, int) for result in results)
    assert {result for result in results if isinstance(result, int)} == {db.session.scalar(select(User.id))}
    assert people() == 1


def test_a_new_code_replaces_the_one_before(app, register, site):
    first = register(clock=SetClock(NOON))
    old = last_code(app, ANNA)
    services.resend(ANNA, first, site, SetClock(NOON + timedelta(minutes=2)))
    new = last_code(app, ANNA)
    later = SetClock(NOON + timedelta(minutes=3))
    if new != old:
        with pytest.raises(services.CodeRefused):
            services.confirm(ANNA, old, clock=later)
    assert services.confirm(ANNA, new, clock=later)
    services.authenticate(ANNA, PASSWORD)


def test_another_code_is_sent_at_once_and_a_third_after_a_minute_only(register, site):
    first = register(clock=SetClock(NOON))
    second = services.resend(ANNA, first, site, SetClock(NOON + timedelta(seconds=5)))
    with pytest.raises(TooSoon, match="In 30 seconds"):
        services.resend(ANNA, second, site, SetClock(NOON + timedelta(seconds=30)))
    services.resend(ANNA, second, site, SetClock(NOON + timedelta(seconds=61)))


def test_another_code_for_a_new_password_is_sent_at_once_and_a_third_after_a_minute_only(app, site):
    for seconds in (0, 5):
        services.request_reset(ANNA, site, SetClock(NOON + timedelta(seconds=seconds)))
    with pytest.raises(TooSoon, match="In 30 seconds"):
        services.request_reset(ANNA, site, SetClock(NOON + timedelta(seconds=30)))


def test_without_a_registration_nothing_is_sent_again(app, site):
    with pytest.raises(services.CodeRefused):
        services.resend("nobody@example.org", None, site)
    assert mails(app) == []


def test_a_code_for_a_new_password_confirms_no_registration(app, register, site):
    register()
    code = last_code(app, ANNA)
    services.request_reset(ANNA, site)
    assert "no account" in mails(app, ANNA)[-1]
    services.confirm(ANNA, code)
    services.request_reset(ANNA, site, SetClock(datetime.now(UTC) + timedelta(minutes=2)))
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, last_code(app, ANNA))


def test_somebody_elses_registration_of_an_address_does_not_slip_in_between(app, register):
    """The owner of the address types the newest code; it must not confirm the other's password."""
    own = register()
    register(password="the thieves own words", name="Thief")
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, last_code(app, ANNA), own)
    assert people() == 0


def test_six_codes_a_day_and_address_known_or_not_then_tomorrow(app, register):
    for email in (ANNA, "bert@example.org"):
        for hour in range(6):
            register(email, clock=SetClock(NOON + timedelta(hours=hour)))
        with pytest.raises(services.TooManyCodes):
            register(email, clock=SetClock(NOON + timedelta(hours=7)))
        register(email, clock=SetClock(NOON + timedelta(days=1, seconds=1)))
        assert len(mails(app, email)) == 7
        services.create_user(f"x{email}", PASSWORD)


def test_codes_asked_for_at_the_same_time_are_counted_each(app, site):
    results = at_once(app, *[partial(services.register, ANNA, PASSWORD, "Anna", site)] * 8)
    assert sum(isinstance(result, services.TooManyCodes) for result in results) == 2
    db.session.rollback()
    current = select(func.count()).select_from(EmailCode).where(EmailCode.ended_at.is_(None))
    assert db.session.scalar(current) == 1


def test_a_registration_overtaken_by_the_operator_changes_nothing(app, register):
    register()
    user_id = services.create_user(ANNA, "made by the operator", "Operator's Anna")
    with pytest.raises(services.CodeRefused):
        services.confirm(ANNA, last_code(app, ANNA))
    assert services.authenticate(ANNA, "made by the operator").user_id == user_id


def test_old_codes_sessions_and_tokens_are_forgotten(app, register):
    register(clock=SetClock(NOON))
    user_id = services.create_user("old@example.org", PASSWORD)
    proven = services.authenticate("old@example.org", PASSWORD)
    services.sign_in(proven, clock=SetClock(NOON))
    services.create_token(proven, clock=SetClock(NOON))
    services.forget_old(SetClock(NOON + timedelta(days=1)))
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(EmailCode)) == 1
    services.forget_old(SetClock(NOON + timedelta(days=91)))
    db.session.rollback()
    for table in ("email_codes", "sign_ins", "api_tokens"):
        assert db.session.scalar(select(func.count()).select_from(db.metadata.tables[table])) == 0
    assert db.session.get(User, user_id) is not None
