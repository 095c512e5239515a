"""A seller takes no more bids from somebody (R11)."""

import pytest

from auctionapp.auctions.services import bidders
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.extensions import db
from tests import factories
from tests.at_once import at_once
from tests.auctions.bidding_client import bids_of, client_of, place, signed_in


@pytest.fixture
def seller(app):
    return factories.seller().id


def test_a_blocked_bidder_is_refused_on_every_lot_of_the_seller_and_bids_that_stand_stay(app, seller):
    first, second = factories.auction(seller).id, factories.auction(seller).id
    others = factories.auction().id
    client, person = signed_in(app, 100_000)
    place(first, person, 2000)
    answer = client_of(app, seller).post(f"/auctions/{first}/bidders/1", data={"blocked": "1"})
    assert (answer.status_code, answer.location) == (303, f"/auctions/{first}#who-bids")
    for lot in (first, second):
        with pytest.raises(NotAllowed):
            place(lot, person, 3000)
    assert bids_of(first) == [2000]
    assert "its seller takes no bids from you" in client.get(f"/auctions/{second}").text
    place(others, person, 2000)


def test_the_seller_sees_who_is_blocked_and_takes_bids_again(app, seller):
    lot = factories.auction(seller).id
    _client, person = signed_in(app, 100_000)
    place(lot, person, 2000)
    selling = client_of(app, seller)
    assert "Take no more bids from them" in selling.get(f"/auctions/{lot}").text
    for _twice in range(2):
        assert selling.post(f"/auctions/{lot}/bidders/1", data={"blocked": "1"}).status_code == 303
    assert "Take bids again" in selling.get(f"/auctions/{lot}").text
    for _twice in range(2):
        assert selling.post(f"/auctions/{lot}/bidders/1", data={"blocked": "0"}).status_code == 303
    place(lot, person, 3000)


def test_nobody_blocks_bidders_of_anothers_lot_or_strangers(app, client, seller):
    lot = factories.auction(seller).id
    other, person = signed_in(app, 100_000)
    place(lot, person, 2000)
    assert client.post(f"/auctions/{lot}/bidders/1", data={"blocked": "1"}).status_code == 303  # to sign in
    assert other.post(f"/auctions/{lot}/bidders/1", data={"blocked": "1"}).status_code == 404
    assert client_of(app, seller).post(f"/auctions/{lot}/bidders/2", data={"blocked": "1"}).status_code == 404
    admin = client_of(app, factories.user(role="admin").id)
    assert "Take no more bids" not in admin.get(f"/auctions/{lot}").text
    place(lot, person, 3000)


def test_two_presses_at_once_block_once(app, seller):
    lot = factories.auction(seller).id
    place(lot, factories.bidder(100_000), 2000)
    db.session.rollback()
    results = at_once(app, *[lambda: bidders.block(lot, seller, 1)] * 4)
    assert results == [None] * 4
    with pytest.raises(NotFound):
        bidders.unblock(lot, seller + 1, 1)
