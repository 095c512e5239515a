"""What everybody who watches is sent (R19, faults 26, 31, 39, 55): once, from the database, for nobody in particular."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.accounts.models import User
from auctionapp.auctions import live
from auctionapp.auctions.models import Auction
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests import factories
from tests.ears import Ear


def place(lot_id, person_id, cents, kind="manual"):
    return bidding.place_bid(lot_id, bidding.Offer(person_id, kind, cents))


@pytest.fixture
def lot(app):
    return factories.auction().id


@pytest.fixture
def ear(lot, redis_server):
    return Ear(redis_server.client, f"auction:{lot}")


def test_a_bid_is_told_to_everybody_with_price_leader_and_minimum(lot, ear):
    place(lot, factories.bidder(100_000), 2000)
    [(_, message)] = ear.hear()
    assert message["state"]
    state = live.render_state(lot)
    for part in ('hx-target="#auction-state"', 'hx-target="#last-bids"', 'data-leader="Bidder 1"', "20.00",
                 'data-minimum="20.50"', 'hx-target="#bid-quick"'):
        assert part in state
    assert [event["kind"] for event in message["events"]] == ["bid"]


def test_a_fragment_is_for_nobody_in_particular(app, lot):
    person_id = factories.bidder(1_000_000, display_name="Olena Unique")
    place(lot, person_id, 65_432, "auto")
    outside = live.render_state(lot)
    with app.test_request_context():
        from flask_login import login_user

        person = db.session.get(User, person_id)
        person.sign_in_token = "x"
        login_user(person)
        assert live.render_state(lot) == outside
    assert "654.32" not in outside
    assert "Olena Unique" not in outside
    assert "csrf" not in outside


def test_a_sellers_words_are_inert_in_fragments(app):
    lot = factories.auction(state="cancelled", closed_at=datetime.now(UTC), ended_reason="<hx-partial hx-target='body'>")
    assert "<hx-partial hx-target='body'>" not in live.render_state(lot.id)


def test_what_is_not_public_is_not_rendered(app):
    draft = factories.auction(state="draft", starts_at=None, ends_at=None)
    assert live.render_state(draft.id) == ""
    assert live.render_state(draft.id + 1) == ""


def test_the_close_is_told_with_the_result_and_takes_the_form_away(lot, ear):
    place(lot, factories.bidder(100_000), 2000)
    ear.hear()
    closing.close(lot, SetClock(datetime.now(UTC) + timedelta(hours=2)))
    [(_, message)] = ear.hear()
    assert "Ended: sold for 20.00" in live.render_state(lot)
    assert 'hx-target="#bid-box"' in live.render_state(lot)
    assert [event["kind"] for event in message["events"]] == ["closed"]


def test_an_extension_is_told(app, redis_server):
    now = datetime.now(UTC)
    lot = factories.auction(ends_at=now + timedelta(seconds=30), soft_close_seconds=120).id
    ear = Ear(redis_server.client, f"auction:{lot}")
    place(lot, factories.bidder(100_000), 2000)
    [(_, message)] = ear.hear()
    assert "Extended by 1:" in live.render_state(lot)
    assert [event["kind"] for event in message["events"]] == ["bid", "extended"]


def test_a_storm_of_bids_is_told_in_fewer_messages_but_loses_no_event(app, lot, ear):
    app.config["GATHER_IN_BACKGROUND"] = True
    people = [factories.bidder(10_000_000) for _ in range(2)]
    for number in range(30):
        place(lot, people[number % 2], 2000 + 1000 * number)
    messages = []
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and sum(len(message["events"]) for message in messages) < 30:
        messages += [message for _, message in ear.hear(0.2)]
    told = {event["sequence"] for message in messages for event in message["events"]}
    assert told == set(range(1, 31))
    assert len(messages) <= 30 and messages[-1]["events"][-1]["sequence"] == 30
    quiet_at_the_end()


def quiet_at_the_end():
    """The background rendering of this test is over, so that it does not reach into the next one's database."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any("_drain" in thread.name for thread in threading.enumerate()):
        time.sleep(0.02)


def test_without_redis_a_bid_stands(app, lot):
    app.extensions["bus"].skip_until = time.monotonic() + 60
    place(lot, factories.bidder(100_000), 2000)
    app.extensions["bus"].skip_until = 0.0
    assert db.session.get(Auction, lot).bid_count == 1
