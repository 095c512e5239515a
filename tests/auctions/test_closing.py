"""The close (R4, R7, R13): once, exact, whatever was lost (faults 14, 18, 20 to 27)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from auctionapp import events
from auctionapp.auctions.models import Auction, HouseSettings
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.errors import AuctionNotLive
from auctionapp.extensions import db
from auctionapp.idempotency import Key
from auctionapp.topics import TopicEvent
from auctionapp.wallet import ledger
from tests import factories
from tests.at_once import at_once

END = datetime.now(UTC) + timedelta(hours=1)


def at(moment):
    return SetClock(moment)


def sold_lot(hammer=3001, **facts):
    """A lot with a leader at `hammer` whose maximum is higher; ids of lot, winner and loser."""
    lot = factories.auction(ends_at=END, bid_step_cents=1, **facts).id
    winner, loser = factories.bidder(20_000), factories.bidder(20_000)
    bidding.place_bid(lot, bidding.Offer(winner, "auto", 5000))
    bidding.place_bid(lot, bidding.Offer(loser, "auto", hammer - 1))
    return lot, winner, loser


def available(person):
    return ledger.balances(db.session, person)["available"]


def test_a_sale_captures_the_hammer_price_releases_the_rest_and_pays_the_seller_less_the_fee(app):
    lot, winner, loser = sold_lot(3001)
    assert closing.close(lot, at(END))
    auction = db.session.get(Auction, lot)
    assert (auction.state, auction.hammer_price_cents, auction.winning_bid_id) == ("sold", 3001, auction.leading_bid_id)
    assert ledger.balances(db.session, winner) == {"available": 16_999, "held": 0, "withdrawing": 0}
    assert available(loser) == 20_000
    assert available(auction.seller_id) == 3001 - 150  # 5 % of 30.01 is 1.5005, half up 1.50
    factories.assert_ledger_clean()


def test_after_a_sale_a_bid_is_refused_and_a_repeated_one_gets_its_first_answer(app):
    lot, _, loser = sold_lot()
    key = Key(loser, "POST", f"/api/v1/auctions/{lot}/bids", "once", "auto:4000")
    first = bidding.place_bid(lot, bidding.Offer(loser, "auto", 4000, key))
    closing.close(lot, at(END))
    with pytest.raises(AuctionNotLive):
        bidding.place_bid(lot, bidding.Offer(loser, "auto", 9000))
    assert bidding.place_bid(lot, bidding.Offer(loser, "auto", 4000, key)) == first


def test_the_close_tells_its_result_to_programs(app):
    lot, *_ = sold_lot()
    closing.close(lot, at(END))
    last = db.session.scalars(select(TopicEvent).order_by(TopicEvent.sequence.desc()).limit(1)).one()
    assert last.kind == "closed"
    assert last.payload["status"] == "sold" and last.payload["current_price"] == "30.01"
    assert last.sequence == db.session.get(Auction, lot).topic_sequence


def test_an_unmet_reserve_is_unsold_and_frees_the_hold(app):
    lot, winner, _ = sold_lot(reserve_price_cents=9000)
    closing.close(lot, at(END))
    assert db.session.get(Auction, lot).state == "unsold"
    assert available(winner) == 20_000
    factories.assert_ledger_clean()


def test_a_lot_without_bids_is_unsold(app):
    lot = factories.auction(ends_at=END).id
    assert closing.close(lot, at(END))
    assert db.session.get(Auction, lot).state == "unsold"


def test_before_its_end_an_auction_is_not_closed(app):
    lot, *_ = sold_lot()
    assert not closing.close(lot, at(END - timedelta(microseconds=1)))
    assert db.session.get(Auction, lot).state == "open"


def test_twenty_closes_settle_once(app):
    lot, winner, _ = sold_lot()
    db.session.rollback()
    done = at_once(app, *[lambda: closing.close(lot, at(END))] * 4)
    assert sorted(done) == [False, False, False, True]
    assert not any(closing.close(lot, at(END)) for _ in range(16))
    factories.assert_ledger_clean()
    assert available(winner) == 20_000 - 3001


@pytest.mark.parametrize("facts", [{"state": "suspended"}, {"state": "draft"}])
def test_only_open_auctions_are_closed(app, facts):
    lot = factories.auction(ends_at=END, **facts).id
    assert not closing.close(lot, at(END))


def test_the_sweep_closes_everything_that_is_due_and_nothing_else(app):
    due = [factories.auction(ends_at=END - timedelta(seconds=second)).id for second in range(3)]
    later = factories.auction(ends_at=END + timedelta(seconds=1)).id
    assert closing.sweep(at(END)) == 3
    states = dict(db.session.execute(select(Auction.id, Auction.state)).all())
    assert states == dict.fromkeys(due, "unsold") | {later: "open"}


@pytest.mark.made_up_books
def test_one_auction_that_cannot_be_closed_is_put_off_and_stops_no_other(app):
    broken, winner, _ = sold_lot()
    whole, *_ = sold_lot()
    db.session.execute(text("DELETE FROM holds WHERE auction_id = :id"), {"id": broken})
    db.session.commit()
    assert closing.sweep(at(END)) == 1
    auction = db.session.get(Auction, broken)
    assert (auction.state, auction.close_failures) == ("open", 1) and auction.close_again_at > END
    assert db.session.get(Auction, whole).state == "sold"
    assert closing.sweep(at(END)) == 0
    db.session.expire_all()
    assert db.session.get(Auction, broken).close_failures == 1


def swept_at(moment):
    db.session.execute(update(HouseSettings).values(last_sweep_at=moment))
    db.session.commit()


def test_an_end_that_fell_into_an_outage_is_moved_once_and_told(app):
    lot = factories.auction(ends_at=END, soft_close_seconds=120).id
    earlier = factories.auction(ends_at=END - timedelta(hours=2)).id
    swept_at(END - timedelta(minutes=1))
    back = END + timedelta(minutes=2)
    assert not closing.close(lot, at(back))  # a late job leaves it to the sweep
    assert closing.sweep(at(back)) == 1
    auction = db.session.get(Auction, lot)
    assert auction.ends_at == back + timedelta(minutes=10) and auction.outage_extended
    assert db.session.get(Auction, earlier).state == "unsold"
    closing.sweep(at(back + timedelta(seconds=2)))
    db.session.expire_all()
    assert db.session.get(Auction, lot).ends_at == back + timedelta(minutes=10)


def test_a_short_gap_between_sweeps_moves_no_end(app):
    lot = factories.auction(ends_at=END).id
    swept_at(END - timedelta(minutes=1))
    assert closing.sweep(at(END + timedelta(seconds=59))) == 1
    assert db.session.get(Auction, lot).ends_at == END


def test_the_last_bid_and_the_close_have_one_outcome(app):
    """Fault 20: a bid that extends races the close for the same lock."""
    end = datetime.now(UTC) + timedelta(seconds=0.3)
    lot, person = factories.auction(ends_at=end, soft_close_seconds=60).id, factories.bidder(10_000)
    db.session.rollback()
    for _ in range(100):
        placed, closed = at_once(
            app, lambda: bidding.place_bid(lot, bidding.Offer(person, "manual", 1000)), lambda: closing.close(lot))
        if isinstance(placed, bidding.Placed) or closed:
            break
    db.session.rollback()
    auction = db.session.get(Auction, lot)
    if isinstance(placed, bidding.Placed):
        assert auction.state == "open" and auction.ends_at > end and not closed
    else:
        assert auction.state == "unsold" and auction.bid_count == 0


def test_the_close_announces_itself_after_the_commit(app):
    lot, *_ = sold_lot()
    seen = []
    reactions = dict(events._handlers)
    events.subscribe({events.AuctionClosed: [lambda event: seen.append(db.session.get(Auction, event.auction_id).state)]})
    try:
        closing.close(lot, at(END))
    finally:
        events.subscribe(reactions)
    assert seen == ["sold"]
