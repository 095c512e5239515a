"""Ending an own lot before its time (R9): with a reason and void bids while 12 hours are left, later only as a sale."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from auctionapp.auctions.models import Auction, Bid, PriceStep
from auctionapp.auctions.services import bidding, closing, ending
from auctionapp.audit import ReasonMissing
from auctionapp.clock import SetClock
from auctionapp.errors import AuctionNotLive, Conflict, NotAllowed
from auctionapp.extensions import db
from auctionapp.notifications import jobs as notice_jobs
from auctionapp.notifications.models import Notice
from auctionapp.wallet import ledger
from tests import factories
from tests.at_once import at_once

HALF_A_DAY = timedelta(hours=12)


def led_lot(left=timedelta(hours=13), **given):
    """A live lot with a leader up to 80.00 at 51.00; ids of lot, seller and leader."""
    seller = factories.seller().id
    lot = factories.auction(seller, ends_at=datetime.now(UTC) + left, bid_step_cents=100, **given).id
    leader, loser = factories.bidder(20_000), factories.bidder(20_000)
    bidding.place_bid(lot, bidding.Offer(leader, "auto", 8000))
    bidding.place_bid(lot, bidding.Offer(loser, "auto", 5000))
    return lot, seller, leader


def found(lot):
    db.session.rollback()
    return db.session.get(Auction, lot, populate_existing=True)


def money(person):
    db.session.rollback()
    return ledger.balances(db.session, person)


def test_with_12_hours_left_a_reason_ends_it_bids_are_void_and_holds_are_free(app):
    lot, seller, leader = led_lot()
    ending.end(lot, seller, "It fell off the shelf", SetClock(found(lot).ends_at - HALF_A_DAY))
    auction = found(lot)
    assert (auction.state, auction.ended_reason) == ("cancelled", "It fell off the shelf")
    assert set(db.session.scalars(select(Bid.state).where(Bid.auction_id == lot))) == {"void"}
    assert set(db.session.scalars(select(PriceStep.reason).where(PriceStep.auction_id == lot))) == {"void"}
    assert money(leader) == {"available": 20_000, "held": 0, "withdrawing": 0}
    told = db.session.scalars(select(Notice.text).where(Notice.user_id == leader, Notice.kind == "stopped")).one()
    assert told == ("The seller ended Brass telescope early: It fell off the shelf. Its bids are void and nothing is held "
                    "for it.")
    ending.end(lot, seller, "Sent twice")
    assert found(lot).ended_reason == "It fell off the shelf"
    factories.assert_ledger_clean()


def test_an_ending_of_which_nobody_was_told_is_told_by_the_sweep_once(app):
    lot, seller, leader = led_lot()
    ending.end(lot, seller, "It fell off the shelf")
    for one in db.session.scalars(select(Notice).where(Notice.auction_id == lot)):
        db.session.delete(one)
    auction = found(lot)
    auction.ends_at = auction.closed_at = datetime.now(UTC) - timedelta(minutes=1)
    db.session.commit()
    for _ in range(2):
        notice_jobs.announce_missing()
        db.session.rollback()
        assert db.session.query(Notice).filter_by(user_id=leader, kind="stopped").count() == 1


def test_a_moment_later_it_can_only_be_sold_to_who_leads(app):
    lot, seller, leader = led_lot()
    late = SetClock(found(lot).ends_at - HALF_A_DAY + timedelta(microseconds=1))
    with pytest.raises(Conflict, match="only be ended by selling"):
        ending.end(lot, seller, "It fell off the shelf", late)
    ending.sell_now(lot, seller, 5100, late)
    ending.sell_now(lot, seller, 5100, late)
    auction = found(lot)
    assert (auction.state, auction.hammer_price_cents) == ("sold", 5100)
    assert money(leader) == {"available": 14_900, "held": 0, "withdrawing": 0}
    assert money(seller)["available"] == 5100 - 255
    kinds = set(db.session.scalars(select(Notice.kind).where(Notice.auction_id == lot)))
    assert {"won", "sold", "lost"} <= kinds
    factories.assert_ledger_clean()


def test_with_12_hours_left_nobody_is_sold_to(app):
    lot, seller, _ = led_lot()
    with pytest.raises(Conflict, match="12 hours or more left"):
        ending.sell_now(lot, seller, 0)


def test_selling_at_once_gives_up_the_reserve(app):
    lot, seller, leader = led_lot(timedelta(hours=2), reserve_price_cents=100_000)
    ending.sell_now(lot, seller, 5100)
    assert found(lot).state == "sold" and money(leader)["available"] == 14_900
    factories.assert_ledger_clean()


def test_a_price_below_what_the_seller_saw_is_not_sold_at(app):
    lot, seller, _ = led_lot(timedelta(hours=2))
    with pytest.raises(Conflict, match="fallen"):
        ending.sell_now(lot, seller, 5101)


def test_without_bids_it_is_deleted_and_not_ended(app):
    seller = factories.seller().id
    for left in (timedelta(hours=2), timedelta(hours=20)):
        lot = factories.auction(seller, ends_at=datetime.now(UTC) + left).id
        for end in (lambda lot=lot: ending.end(lot, seller, "No more"), lambda lot=lot: ending.sell_now(lot, seller, 0)):
            with pytest.raises(Conflict, match="deleted"):
                end()


@pytest.mark.made_up_books
def test_late_and_with_nobody_leading_any_more_it_waits_for_its_end(app):
    lot, seller, _ = led_lot(timedelta(hours=2))
    auction = found(lot)
    auction.leader_id = auction.leader_maximum_cents = auction.price_cents = None
    db.session.commit()
    for end in (lambda: ending.end(lot, seller, "No more"), lambda: ending.sell_now(lot, seller, 0)):
        with pytest.raises(Conflict, match="nobody leads"):
            end()


def test_a_reason_is_asked_for_and_only_the_seller_ends_a_lot(app):
    lot, seller, _ = led_lot()
    with pytest.raises(ReasonMissing):
        ending.end(lot, seller, "  ")
    with pytest.raises(NotAllowed):
        ending.end(lot, factories.seller().id, "Mine now")
    with pytest.raises(NotAllowed):
        ending.sell_now(lot, factories.seller().id, 0)


def test_after_the_end_nothing_is_ended_early(app):
    lot, seller, _ = led_lot(timedelta(hours=2))
    over = SetClock(found(lot).ends_at)
    with pytest.raises(Conflict, match="live"):
        ending.sell_now(lot, seller, 0, over)
    closing.close(lot, over)
    with pytest.raises(Conflict, match="live"):
        ending.end(lot, seller, "Too late")


def test_a_bid_and_the_end_at_once_leave_the_books_clean(app):
    lot, seller, _ = led_lot()
    bidder = factories.bidder(20_000)
    bid, ended = at_once(app, lambda: bidding.place_bid(lot, bidding.Offer(bidder, "auto", 9000)),
                         lambda: ending.end(lot, seller, "It fell off the shelf"))
    assert ended is None and found(lot).state == "cancelled"
    assert isinstance(bid, AuctionNotLive) or not isinstance(bid, Exception)
    assert money(bidder) == {"available": 20_000, "held": 0, "withdrawing": 0}
    factories.assert_ledger_clean()


def test_selling_at_once_and_the_close_settle_once(app):
    lot, seller, leader = led_lot(timedelta(hours=2))
    end = SetClock(found(lot).ends_at)
    sold, closed = at_once(app, lambda: ending.sell_now(lot, seller, 5100), lambda: closing.close(lot, end))
    assert sold is None and found(lot).state == "sold"
    assert money(leader)["available"] == 14_900
    factories.assert_ledger_clean()
