"""A process that dies after the commit of a close, before or between the reactions to it (fault 26)."""

from datetime import UTC, datetime, timedelta

import pytest

from auctionapp import events, wiring
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.notifications import jobs
from tests import factories
from tests.crash import proof


@pytest.fixture
def dying_after():
    """dying_after(1): of the reactions to a close only the first ones run, until `wiring`'s table is back."""
    def cut(count):
        events.subscribe(wiring.REACTIONS | {
            events.AuctionClosed: wiring.REACTIONS[events.AuctionClosed][:count]})

    yield cut
    events.subscribe(wiring.REACTIONS)


@pytest.mark.parametrize("done", range(len(wiring.REACTIONS[events.AuctionClosed]) + 1))
def test_a_sweep_makes_up_for_the_reactions_that_were_lost(app, dying_after, done):
    end = datetime.now(UTC) - timedelta(seconds=5)
    lot = factories.auction(ends_at=end)
    for cents in (1000, 2000):
        bidding.place_bid(lot.id, bidding.Offer(factories.bidder(5000), "manual", cents),
                          SetClock(end - timedelta(minutes=1)))
    dying_after(done)
    assert closing.close(lot.id, SetClock(end))
    db.session.rollback()
    events.subscribe(wiring.REACTIONS)

    for _ in range(2):
        jobs.announce_missing()
        assert proof.winner_and_seller_can_write([lot.id])
        assert proof.everybody_was_told_once([lot.id])
