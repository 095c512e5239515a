"""Blocking a person (R17): sessions, standing bids, own lots, and the log of it."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from auctionapp.accounts.models import SignIn, User
from auctionapp.auctions.models import Auction, Bid, PriceStep
from auctionapp.auctions.services import bidding, blocking, stopping
from auctionapp.audit import AdminAction, ReasonMissing
from auctionapp.errors import AuctionNotLive, Conflict, NotAllowed
from auctionapp.extensions import db
from auctionapp.notifications.models import Notice
from auctionapp.wallet import ledger
from tests import factories
from tests.factories import actor, assert_ledger_clean, auction, bid, bidder

pytestmark = pytest.mark.usefixtures("app")


def now_of(auction_id):
    db.session.rollback()
    return db.session.get(Auction, auction_id, populate_existing=True)


def held(person_id):
    return ledger.balances(db.session(), person_id)["held"]


def three_bids():
    """First 50.00, second 80.00, third leads up to 200.00 at 81.00."""
    lot = auction().id
    people = [bidder(100_000) for _ in range(3)]
    for person, maximum in zip(people, (5_000, 8_000, 20_000), strict=True):
        bid(lot, person, maximum)
    return lot, people


def test_a_blocked_leader_whose_bids_stay_leads_at_the_price_and_gets_the_rest_back():
    lot, (_first, _second, third) = three_bids()
    price = now_of(lot).price_cents
    blocking.block(actor(), third, "Sold the same clock twice.", "stay")
    left = now_of(lot)
    assert (left.leader_id, left.leader_maximum_cents, left.price_cents) == (third, price, price)
    assert held(third) == price
    assert_ledger_clean()
    rival = bidder(100_000)
    bid(lot, rival, 9_000)
    assert now_of(lot).leader_id == rival, "the automatic bidding of a blocked person has ended"
    assert held(third) == 0
    assert_ledger_clean()


def test_a_blocked_leader_whose_bids_are_void_gives_way_to_the_next_who_is_held_again():
    lot, (first, second, third) = three_bids()
    blocking.block(actor(), third, "Bids without meaning it.", "void")
    left = now_of(lot)
    assert (left.leader_id, left.leader_maximum_cents) == (second, 8_000)
    assert left.price_cents == 5_100, "one step above what remains below: 50.00 and its increment"
    assert (held(first), held(second), held(third)) == (0, 8_000, 0)
    assert left.bid_count == 2
    assert_ledger_clean()
    bid(lot, first, 9_000)
    assert (held(first), held(second)) == (9_000, 0), "a hold that was taken up again is released like any other"
    assert_ledger_clean()
    states = dict(db.session.execute(select(Bid.bidder_id, Bid.state)).all())
    assert states[third] == "void", "the row stays"
    reasons = set(db.session.scalars(select(PriceStep.reason).where(PriceStep.bidder_id == third)))
    assert reasons == {"void"}


def test_who_led_only_within_a_batch_is_held_when_what_outbid_it_is_void():
    lot, (first, second) = auction().id, (bidder(100_000), bidder(100_000))
    bidding.place_bids(lot, [bidding.Offer(first, "auto", 5_000), bidding.Offer(second, "auto", 8_000)])
    blocking.block(actor(), second, "Bids without meaning it.", "void")
    assert (now_of(lot).leader_id, held(first), held(second)) == (first, 5_000, 0)
    assert_ledger_clean()
    bid(lot, bidder(100_000), 9_000)
    assert held(first) == 0
    assert_ledger_clean()


def test_voiding_a_challenger_lowers_the_price_of_the_leader_who_stays():
    lot, (_first, second, third) = three_bids()
    blocking.block(actor(), second, "Pushed the price up.", "void")
    left = now_of(lot)
    assert (left.leader_id, left.leader_maximum_cents, left.price_cents) == (third, 20_000, 5_100)
    assert held(third) == 20_000
    assert_ledger_clean()


def test_who_would_lead_again_and_cannot_be_held_is_passed_over_and_told():
    lot = auction().id
    first, second, third = bidder(100_000), bidder(8_000), bidder(100_000)
    for person, maximum in ((first, 5_000), (second, 8_000), (third, 20_000)):
        bid(lot, person, maximum)
    elsewhere = auction().id
    bid(elsewhere, second, 4_000)
    blocking.block(actor(), third, "Bids without meaning it.", "void")
    left = now_of(lot)
    assert (left.leader_id, left.price_cents) == (first, 1_000)
    assert_ledger_clean()
    [told] = db.session.scalars(select(Notice).where(Notice.user_id == second, Notice.auction_id == lot,
                                                     Notice.kind == "passed_over"))
    assert "could not be held" in told.text


def test_the_only_bidder_gone_leaves_an_auction_without_a_price():
    lot, person = auction().id, bidder(100_000)
    bid(lot, person, 5_000)
    blocking.block(actor(), person, "A stolen account.", "void")
    left = now_of(lot)
    assert (left.leader_id, left.price_cents, left.bid_count, left.leading_bid_id) == (None, None, 0, None)
    assert held(person) == 0
    assert_ledger_clean()
    bid(lot, bidder(100_000), 1_000)
    assert now_of(lot).price_cents == 1_000


def test_a_blocked_sellers_lots_are_suspended_holds_freed_and_go_on_later():
    seller = factories.seller()
    lot = auction(seller_id=seller.id).id
    leader = bidder(100_000)
    bid(lot, leader, 5_000)
    administrator = actor()
    blocking.block(administrator, seller.id, "Sells what is not there.", "stay")
    left = now_of(lot)
    assert (left.state, left.ended_reason) == ("suspended", "The seller's account was blocked.")
    assert held(leader) == 0
    assert_ledger_clean()
    with pytest.raises(AuctionNotLive):
        bid(lot, bidder(100_000), 6_000)
    with pytest.raises(Conflict):
        stopping.resume(administrator, lot, "Too early.")
    blocking.unblock(administrator, seller.id, "It was a mistake.")
    end = left.ends_at
    stopping.resume(administrator, lot, "It was a mistake.")
    left = now_of(lot)
    assert (left.state, left.leader_id, held(leader)) == ("open", leader, 5_000)
    assert left.ends_at > end
    assert_ledger_clean()


def test_blocking_ends_every_session_and_new_bids_are_refused(client):
    person = factories.user()
    factories.give_money(person.id, 10_000)
    factories.sign_in(client, person)
    assert client.get("/dashboard/profile").status_code == 200
    blocking.block(actor(), person.id, "A stolen account.", "stay")
    assert client.get("/dashboard/profile").status_code == 303
    assert db.session.query(SignIn).filter_by(user_id=person.id).count() == 0
    with pytest.raises(NotAllowed):
        bid(auction().id, person.id, 2_000)


def test_the_log_says_who_why_before_and_after_and_cannot_be_changed():
    administrator, person = factories.admin(), factories.user()
    blocking.block(actor(administrator), person.id, "A stolen account.", "stay")
    [entry] = db.session.scalars(select(AdminAction))
    assert (entry.admin_id, entry.action, entry.subject_kind, entry.subject_id) == (
        administrator.id, "block", "person", person.id)
    assert entry.reason == "A stolen account."
    assert entry.before["blocked_at"] is None and entry.after["blocked_at"] and entry.after["bids"] == "stay"
    db.session.rollback()
    for statement in ("UPDATE admin_actions SET reason = 'x'", "DELETE FROM admin_actions"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_nobody_blocks_without_a_reason_oneself_or_twice():
    administrator, person = factories.admin(), factories.user()
    with pytest.raises(ReasonMissing):
        blocking.block(actor(administrator), person.id, "  ", "stay")
    with pytest.raises(NotAllowed):
        blocking.block(actor(administrator), administrator.id, "To see what happens.", "stay")
    blocking.block(actor(administrator), person.id, "A stolen account.", "stay")
    with pytest.raises(Conflict):
        blocking.block(actor(administrator), person.id, "Once more.", "void")
    db.session.rollback()
    assert db.session.get(User, person.id).blocked_reason == "A stolen account."
    assert db.session.query(AdminAction).count() == 1
