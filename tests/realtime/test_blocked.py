"""Blocking somebody with open streams (R17, fault 37), and blocking while bids come in."""

import pytest

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.auctions.services import blocking
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from tests import factories
from tests.at_once import at_once
from tests.realtime.conftest import page_path
from tests.realtime.test_streams import cookie_of


def test_blocking_a_person_ends_their_streams_and_nobody_elses(app, web, lot):
    person, other = factories.user(), factories.user()
    streams = [web.read(path, Cookie=cookie_of(app, person)).wait_until_open() for path in ("/stream", page_path(lot))]
    others = web.read("/stream", Cookie=cookie_of(app, other)).wait_until_open()
    blocking.block(factories.actor(), person.id, "A stolen account.", "stay")
    for stream in streams:
        assert stream.wait_for(lambda reader: reader.ended_cleanly) < 5
    assert not others.ended_cleanly


@pytest.mark.parametrize("bids", ["stay", "void"])
def test_a_bid_at_the_moment_of_the_block_never_leads_with_more_than_the_block_left(app, bids):
    for _ in range(5):
        _race(app, bids, factories.bidder(200_000), [factories.auction().id for _ in range(3)])


def _race(app, bids, person, lots):
    blocker = factories.actor()
    db.session.rollback()
    blocked, *answers = at_once(
        app, lambda: blocking.block(blocker, person, "A stolen account.", bids),
        *(lambda lot=lot: factories.bid(lot, person, 20_000) for lot in lots))
    assert not isinstance(blocked, Exception), blocked
    assert all(one is None or isinstance(one, DomainError) for one in answers), answers
    db.session.rollback()
    assert db.session.get(User, person).blocked_at is not None
    for lot in lots:
        left = db.session.get(Auction, lot, populate_existing=True)
        if bids == "void":
            assert left.leader_id is None, "a bid of a blocked person still leads"
        elif left.leader_id is not None:
            assert left.leader_maximum_cents == left.price_cents
    factories.assert_ledger_clean()
