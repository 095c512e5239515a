"""The wallet changes on open pages when money moves."""

import pytest

from auctionapp.auctions.services import bidding
from auctionapp.extensions import db
from auctionapp.wallet import live, services
from tests import factories
from tests.ears import Ear


@pytest.fixture
def heard(redis_server):
    """What was published to people's topics since the last look: (person id, state changed)."""
    ear = Ear(redis_server.client, "person:")
    yield lambda: [(int(topic.rpartition(":")[2]), told["state"]) for topic, told in ear.hear(0.1)]
    ear.close()


def test_a_deposit_is_shown_to_its_owner_alone(app, heard):
    person, _other = factories.bidder(), factories.bidder()
    services.deposit_by_operator(person, 12_345)
    assert set(heard()) == {(person, True)}
    html = live.render_states([person])[person]
    assert 'hx-target="#bar-wallet"' in html and 'hx-target="#wallet-live"' in html
    assert "123.45\N{NO-BREAK SPACE}EUR" in html


def test_a_bid_shows_what_is_held_to_the_leader_and_what_is_released_to_the_outbid(app, heard):
    lot, first, second = factories.auction().id, factories.bidder(10_000), factories.bidder(10_000)
    bidding.place_bid(lot, bidding.Offer(first, "auto", 2000))
    heard()
    bidding.place_bid(lot, bidding.Offer(second, "auto", 3000))
    assert set(heard()) == {(first, True), (second, True)}
    assert "100.00 EUR available, 0.00 EUR held".replace(" EUR", "\N{NO-BREAK SPACE}EUR") in live.render_states([first])[first]
    assert "70.00 EUR available, 30.00 EUR held".replace(" EUR", "\N{NO-BREAK SPACE}EUR") in live.render_states([second])[second]


def test_a_stream_that_connects_is_shown_the_present_state(app):
    person = factories.bidder(500)
    db.session.rollback()
    assert "5.00" in live.render_states([person])[person]


def test_the_bar_of_every_page_shows_what_is_available(app, client):
    person = factories.user()
    factories.give_money(person.id, 4200)
    factories.sign_in(client, person)
    assert 'id="bar-wallet">42.00\N{NO-BREAK SPACE}EUR<' in client.get("/auctions").text
