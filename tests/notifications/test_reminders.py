"""Reminders of the end of watched lots: an hour and ten minutes before it, once for each person, lot and end."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app
from sqlalchemy import select

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Watch
from auctionapp.auctions.services import bidding, stopping, watching
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.mail.models import Mail
from auctionapp.mail.site import Site
from auctionapp.notifications import jobs
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services import preferences, reminders, writing
from auctionapp.notifications.services.preferences import Where
from tests import factories

NOW = datetime.now(UTC).replace(microsecond=0)
END = NOW + timedelta(hours=3)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(app):
    return factories.bidder(1_000_000, time_zone="Europe/Kyiv")


@pytest.fixture
def lot(app):
    return factories.auction(ends_at=END, starts_at=NOW - timedelta(hours=1)).id


@pytest.fixture(autouse=True)
def books(app):
    yield
    factories.assert_ledger_clean()


def house():
    return reminders.House(Site.of(current_app.config), "EUR", "UTC")


def watch(person, lot, when=NOW):
    watching.toggle_watch(person, lot, SetClock(when))


def remind(before_end, end=END):
    return reminders.remind(house(), SetClock(end - before_end))


def told(person):
    db.session.rollback()
    return db.session.scalars(
        select(Notice.text).where(Notice.user_id == person, Notice.kind == "ending").order_by(Notice.id)).all()


def change(lot, **values):
    def work(session):
        auction = session.get_one(Auction, lot)
        for name, value in values.items():
            setattr(auction, name, value)

    transaction.write(work)


def test_who_watches_is_told_an_hour_and_ten_minutes_before_the_end(person, lot):
    watch(person, lot)
    assert remind(61 * MINUTE) == 0
    assert remind(60 * MINUTE) == 1 and remind(50 * MINUTE) == 0
    assert remind(10 * MINUTE) == 1 and remind(5 * MINUTE) == 0
    hour, minutes = told(person)
    assert hour.startswith("Brass telescope ends in an hour: ") and "(Kyiv)" in hour
    assert "Nobody has bid yet: it starts at 10.00 EUR." in hour
    assert minutes.startswith("Brass telescope ends in 10 minutes: ")


def test_the_words_say_the_bid_and_whether_one_leads(person, lot):
    watch(person, lot)
    bidding.place_bid(lot, bidding.Offer(person, "manual", 12_050))
    remind(30 * MINUTE)
    assert told(person)[0].endswith("The bid is 120.50 EUR. You are leading.")
    assert "in 30 minutes" in told(person)[0]


def test_nobody_is_told_twice_however_often_and_by_how_many_it_is_run(app, lot):
    people = [factories.bidder() for _ in range(5)]
    for person in people:
        watch(person, lot)

    def run():
        with app.app_context():
            remind(60 * MINUTE)
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(told(person)) for person in people] == [1] * 5


def test_a_process_that_dies_leaves_all_or_nothing(person, lot, monkeypatch):
    preferences.choose(person, {"ending": Where(True, True)})
    watch(person, lot)

    def dies(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(reminders, "_mark", dies)
        remind(60 * MINUTE)
    assert told(person) == [] and mails(person) == []
    assert remind(59 * MINUTE) == 1
    assert len(told(person)) == 1 and len(mails(person)) == 1


def test_a_mark_that_was_lost_repeats_no_notice(person, lot):
    """The key of the notice holds by itself."""
    watch(person, lot)
    remind(60 * MINUTE)
    transaction.write(lambda session: setattr(session.get_one(Watch, (person, lot)), "hour_told_of", None))
    assert remind(59 * MINUTE) == 0 and len(told(person)) == 1


def test_an_hour_that_was_missed_is_told_late_but_not_beside_the_ten_minutes(person, lot):
    watch(person, lot)
    assert remind(12 * MINUTE) == 1 and "in 12 minutes" in told(person)[0]
    other = factories.bidder()
    watch(other, lot)
    assert remind(9 * MINUTE) == 2 and len(told(other)) == 1


def test_who_begins_to_watch_later_is_told_what_is_still_to_come(person, lot):
    watch(person, lot, END - 30 * MINUTE)
    assert remind(29 * MINUTE) == 0
    assert remind(10 * MINUTE) == 1


def test_watching_anew_repeats_nothing(person, lot):
    watch(person, lot)
    remind(60 * MINUTE)
    watch(person, lot)
    watch(person, lot, END - 50 * MINUTE)
    assert remind(50 * MINUTE) == 0


def test_a_lot_that_lasts_less_than_an_hour_has_only_the_later_reminder(person):
    short = factories.auction(ends_at=END, starts_at=END - 30 * MINUTE).id
    watch(person, short)
    assert remind(29 * MINUTE) == 0 and remind(9 * MINUTE) == 1


def test_a_soft_close_rings_no_more_and_the_words_name_the_effective_end(person, lot):
    watch(person, lot)
    remind(60 * MINUTE)
    change(lot, ends_at=END + 20 * MINUTE)
    assert remind(30 * MINUTE) == 0, "the hour belongs to the end without the soft close"
    later = END + 20 * MINUTE
    assert remind(11 * MINUTE, later) == 0 and remind(10 * MINUTE, later) == 1
    assert f"{later.astimezone(preferences_zone(person)):%H:%M}" in told(person)[-1]
    change(lot, ends_at=later + 15 * MINUTE)
    assert remind(10 * MINUTE, later + 15 * MINUTE) == 0


def preferences_zone(person):
    from zoneinfo import ZoneInfo

    return ZoneInfo(db.session.get(User, person).time_zone)


def test_an_end_that_the_house_has_moved_has_reminders_of_its_own(person, lot):
    watch(person, lot)
    remind(60 * MINUTE)
    remind(10 * MINUTE)
    actor = factories.actor()
    stopping.suspend(actor, lot, "Its papers.", SetClock(END - 5 * MINUTE))
    assert remind(3 * MINUTE) == 0
    stopping.resume(actor, lot, "All is well.", SetClock(END + timedelta(days=1)))
    moved = END + timedelta(days=1) + 5 * MINUTE
    db.session.rollback()
    moved = db.session.get(Auction, lot).ends_at
    assert remind(11 * MINUTE, moved) in (0, 1)
    assert remind(9 * MINUTE, moved) == 1


@pytest.mark.parametrize("state", ["suspended", "cancelled"])
def test_what_takes_no_bids_is_not_reminded_of(person, lot, state):
    watch(person, lot)
    change(lot, state=state, closed_at=NOW if state == "cancelled" else None)
    assert remind(60 * MINUTE) == 0


def test_what_has_ended_is_not_reminded_of(person, lot):
    watch(person, lot)
    assert remind(timedelta(0)) == 0 and told(person) == []


def mails(person):
    db.session.rollback()
    return db.session.scalars(select(Mail.subject).where(Mail.user_id == person, Mail.subject.contains("ends soon"))).all()


def test_mail_comes_only_to_those_who_chose_it(person, lot):
    watch(person, lot)
    remind(60 * MINUTE)
    assert len(told(person)) == 1 and mails(person) == []
    preferences.choose(person, {"ending": Where(False, True)})
    remind(10 * MINUTE)
    assert mails(person) == ["A lot that you watch ends soon: Brass telescope"]


def test_the_choice_stands_among_the_others(app, person, lot):
    client = app.test_client()
    factories.sign_in(client, db.session.get(User, person))
    page = client.get("/dashboard/notices").text
    assert "A lot that you watch ends: an hour and ten minutes before" in page
    watch(person, lot)
    remind(60 * MINUTE)
    assert "Brass telescope ends in an hour" in client.get("/notifications?about=bids").text


def test_a_blocked_person_is_told_nothing(person, lot):
    watch(person, lot)
    factories.block_by_house(person)
    assert remind(60 * MINUTE) == 0 and told(person) == []


def test_many_are_told_in_rounds(app, lot, monkeypatch):
    monkeypatch.setattr(reminders, "AT_ONCE", 3)
    people = [factories.bidder() for _ in range(7)]
    for person in people:
        watch(person, lot)
    assert remind(60 * MINUTE) == 7 and all(len(told(person)) == 1 for person in people)


def test_the_scheduler_runs_it(app):
    from auctionapp.schedule import PERIODIC

    assert any(path == "auctionapp.notifications.jobs.remind" for _, path in PERIODIC)
    person = factories.bidder()
    soon = factories.auction(ends_at=datetime.now(UTC) + 59 * MINUTE, starts_at=NOW - timedelta(days=1)).id
    watch(person, soon, NOW - timedelta(hours=2))
    jobs.remind()
    assert len(told(person)) == 1
    assert writing.mark_read(person) == 1
