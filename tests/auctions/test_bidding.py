"""Bids through the real tables: holds, history, races (R2, R11, R12; faults 1, 2, 9, 10, 17, 18)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from auctionapp import idempotency, transaction
from auctionapp.auctions.models import Auction, Bid, PriceStep
from auctionapp.auctions.services import bidding
from auctionapp.clock import SetClock
from auctionapp.errors import (
    AuctionNotLive,
    BidTooLow,
    IdempotencyKeyReuse,
    InsufficientFunds,
    NotAllowed,
    NotFound,
    OwnAuction,
)
from auctionapp.extensions import db
from auctionapp.idempotency import Key
from auctionapp.topics import TopicEvent
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Hold, Transfer
from tests import factories
from tests.at_once import at_once


def bid(lot, person, cents, kind="manual", **more):
    return bidding.place_bid(lot, bidding.Offer(person, kind, cents, **more))


@pytest.fixture
def lot(app):
    return factories.auction().id


def money(person):
    found = ledger.balances(db.session, person)
    return found["available"], found["held"]


def test_a_bid_holds_its_full_maximum(lot):
    person = factories.bidder(10_000)
    placed = bid(lot, person, 5000, "auto")
    assert placed.bid | {"placed_at": ""} == {
        "id": f"{lot}-1", "auction_id": lot, "sequence": 1, "bidder": "Bidder 1", "amount": "10.00", "kind": "auto",
        "placed_at": "", "leading": True, "current_price": "10.00", "next_minimum_bid": "10.50"}
    assert money(person) == (5000, 5000)


def test_a_key_is_forgotten_a_day_later(lot):
    person = factories.bidder(10_000)
    bid(lot, person, 2000, key=Key(person, "POST", f"/auctions/{lot}/bids", "one", "2000"))
    for hours, kept in ((23, 1), (25, 0)):
        idempotency.forget_old(SetClock(datetime.now(UTC) + timedelta(hours=hours)))
        assert db.session.scalar(select(func.count()).select_from(idempotency.IdempotencyKey)) == kept
        db.session.rollback()


def test_outbid_releases_the_previous_hold(lot):
    first, second = factories.bidder(10_000), factories.bidder(10_000)
    bid(lot, first, 2000)
    bid(lot, second, 3000)
    assert money(first) == (10_000, 0)
    assert money(second) == (7000, 3000)
    states = db.session.scalars(select(Hold.state).where(Hold.auction_id == lot).order_by(Hold.bid_id)).all()
    assert states == ["released", "active"]


def test_raising_needs_only_the_difference(lot):
    person = factories.bidder(6000)
    bid(lot, person, 5000, "auto")
    raised = bid(lot, person, 6000, "auto")
    assert raised.sequence is None and money(person) == (0, 6000)
    with pytest.raises(InsufficientFunds):
        bid(lot, person, 6001, "auto")
    assert db.session.get(Auction, lot).bid_count == 1


def test_a_bid_that_does_not_come_to_lead_needs_the_money_but_holds_none(lot):
    leader, poor, rich = factories.bidder(10_000), factories.bidder(1999), factories.bidder(2000)
    bid(lot, leader, 10_000, "auto")
    with pytest.raises(InsufficientFunds) as refusal:
        bid(lot, poor, 2000)
    assert refusal.value.extras == {"available": "19.99"}
    placed = bid(lot, rich, 2000)
    assert not placed.leading and placed.bid["current_price"] == "20.50"
    assert money(rich) == (2000, 0)


def test_a_seller_cannot_bid_on_the_own_lot(app):
    owner = factories.bidder(10_000)
    lot = factories.auction(owner).id
    with pytest.raises(OwnAuction):
        bid(lot, owner, 1000)


def test_unconfirmed_blocked_and_unwanted_people_cannot_bid(lot):
    now = datetime.now(UTC)
    for facts in ({"confirmed_at": None}, {"blocked_at": now}):
        person = factories.bidder(10_000, **facts)
        with pytest.raises(NotAllowed):
            bid(lot, person, 1000)
    unwanted = factories.bidder(10_000)
    factories.seller_block(db.session.get(Auction, lot).seller_id, unwanted)
    with pytest.raises(NotAllowed):
        bid(lot, unwanted, 1000)


@pytest.mark.parametrize("facts", [
    {"state": "suspended"}, {"ends_at": datetime.now(UTC) - timedelta(seconds=1)},
    {"starts_at": datetime.now(UTC) + timedelta(minutes=50)}])
def test_bids_count_between_start_and_end_of_an_open_auction_only(app, facts):
    lot, person = factories.auction(**facts).id, factories.bidder(10_000)
    with pytest.raises(AuctionNotLive):
        bid(lot, person, 1000)


def test_drafts_and_missing_lots_are_not_found(app):
    person = factories.bidder(10_000)
    draft = factories.auction(state="draft").id
    for lot in (draft, 10**9):
        with pytest.raises(NotFound):
            bid(lot, person, 1000)


def test_the_same_key_gives_the_first_answer_and_happens_once(lot):
    person = factories.bidder(10_000)
    key = Key(person, "POST", f"/auctions/{lot}/bids", "k1", "20.00")
    first = bid(lot, person, 2000, key=key)
    assert bid(lot, person, 2000, key=key) == first
    assert db.session.query(Bid).count() == 1
    with pytest.raises(IdempotencyKeyReuse):
        bid(lot, person, 3000, key=Key(person, "POST", f"/auctions/{lot}/bids", "k1", "30.00"))


def test_a_refusal_is_not_kept_under_its_key(lot):
    person = factories.bidder(10_000)
    key = Key(person, "POST", f"/auctions/{lot}/bids", "k2", "5.00")
    with pytest.raises(BidTooLow):
        bid(lot, person, 500, key=key)
    assert bid(lot, person, 2000, key=Key(person, "POST", f"/auctions/{lot}/bids", "k2", "20.00")).leading


def test_a_batch_decides_each_offer_in_order_with_its_own_answer(lot):
    people = [factories.bidder(100_000) for _ in range(5)]
    offers = [bidding.Offer(person, "manual", 1000 + 500 * index) for index, person in enumerate(people)]
    offers.insert(3, bidding.Offer(people[0], "manual", 100))
    offers.append(bidding.Offer(people[4], "auto", 9000))
    twin = bidding.Offer(people[1], "manual", 4000, Key(people[1], "POST", "/x", "twin", "40"))
    offers += [twin, twin]
    outcomes = bidding.place_bids(lot, offers)
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["Placed", "Placed", "Placed", "BidTooLow", "Placed", "Placed", "Placed", "Placed", "Placed"]
    assert outcomes[-1] == outcomes[-2] and not outcomes[-1].leading
    assert money(people[4]) == (91_000, 9000)
    assert all(money(person) == (100_000, 0) for person in people[:4])
    steps = db.session.scalars(select(PriceStep).order_by(PriceStep.sequence)).all()
    assert [step.sequence for step in steps] == list(range(1, 8))
    events = db.session.scalars(select(TopicEvent.sequence).order_by(TopicEvent.sequence)).all()
    assert events == list(range(1, 8))
    assert db.session.get(Auction, lot).bid_count == 6
    factories.assert_ledger_clean()


def test_a_batch_that_raises_an_earlier_leaders_hold_and_then_outbids_it_releases_all_of_it(lot):
    leader, other = factories.bidder(10_000), factories.bidder(10_000)
    bid(lot, leader, 2000, "auto")
    outcomes = bidding.place_bids(lot, [bidding.Offer(leader, "auto", 3000), bidding.Offer(other, "manual", 5000)])
    assert all(isinstance(outcome, bidding.Placed) for outcome in outcomes)
    assert money(leader) == (10_000, 0) and money(other) == (5000, 5000)
    factories.assert_ledger_clean()


def test_who_led_only_within_a_batch_needed_the_money_and_none_of_it_was_moved(lot):
    first, second, last, poor = (factories.bidder(cents) for cents in (10_000, 10_000, 10_000, 2999))
    outcomes = bidding.place_bids(lot, [
        bidding.Offer(first, "manual", 1000), bidding.Offer(second, "manual", 2000), bidding.Offer(poor, "manual", 3000),
        bidding.Offer(last, "manual", 4000)])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Placed", "Placed", "InsufficientFunds", "Placed"]
    assert [outcome.leading for outcome in outcomes if isinstance(outcome, bidding.Placed)] == [True] * 3
    moved = db.session.execute(select(Transfer.key, Transfer.amount_cents).where(Transfer.kind.in_(["hold", "release"]))).all()
    leading_id = db.session.get(Auction, lot).leading_bid_id
    assert moved == [(f"hold:{leading_id}", 4000)]
    assert db.session.execute(select(Hold.bidder_id, Hold.state)).all() == [(last, "active")]
    factories.assert_ledger_clean()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_bid_that_cannot_be_written_sinks_none_of_its_batch(lot):
    db.session.execute(text("""
        CREATE FUNCTION refuse_thirty() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.maximum_cents = 3000 THEN RAISE 'not this one'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse_thirty BEFORE INSERT ON bids FOR EACH ROW EXECUTE FUNCTION refuse_thirty()"""))
    db.session.commit()
    try:
        outcomes = bidding.place_bids(lot, [
            bidding.Offer(factories.bidder(10_000), "manual", cents) for cents in (2000, 3000, 4000)])
    finally:
        db.session.execute(text("DROP TRIGGER refuse_thirty ON bids; DROP FUNCTION refuse_thirty"))
        db.session.commit()
    assert [type(outcome).__name__ for outcome in outcomes] == ["Placed", "Busy", "Placed"]
    factories.assert_ledger_clean()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_bids_whose_commit_got_no_answer_are_not_decided_again_and_nobody_is_told_what_is_not_known(lot):
    db.session.execute(text("""
        CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE TRIGGER hang_up BEFORE INSERT ON bids FOR EACH ROW EXECUTE FUNCTION hang_up()"""))
    db.session.commit()
    offers = [bidding.Offer(factories.bidder(10_000), "auto", cents) for cents in (2000, 3000)]
    try:
        outcomes = bidding.place_bids(lot, offers)
    finally:
        db.session.rollback()
        db.session.execute(text("DROP TRIGGER hang_up ON bids; DROP FUNCTION hang_up"))
        db.session.commit()
    assert [type(outcome).__name__ for outcome in outcomes] == ["DatabaseAway", "DatabaseAway"]
    assert "whether your bid stands" in str(outcomes[0])
    assert db.session.scalars(select(Bid.id)).all() == []


def test_one_balance_is_never_held_twice_within_a_batch_or_across_auctions(app):
    person = factories.bidder(3000)
    one, two = factories.auction().id, factories.auction().id
    bid(one, person, 2000)
    with pytest.raises(InsufficientFunds):
        bid(two, person, 1500)
    assert bid(two, person, 1000).leading


def test_a_challenger_in_the_last_seconds_moves_the_end(app):
    end = datetime.now(UTC) + timedelta(hours=1)
    lot, person = factories.auction(ends_at=end, soft_close_seconds=120).id, factories.bidder(10_000)
    moment = end - timedelta(seconds=30)
    bidding.place_bid(lot, bidding.Offer(person, "manual", 1000), SetClock(moment))
    assert db.session.get(Auction, lot).ends_at == moment + timedelta(seconds=120)
    kinds = db.session.scalars(select(TopicEvent.kind).order_by(TopicEvent.sequence)).all()
    assert kinds == ["bid", "extended"]


def test_many_people_at_once_leave_one_serial_history_and_clean_books(app, lot):
    people = [factories.bidder(100_000) for _ in range(8)]
    db.session.rollback()

    def bids_of(index):
        def run():
            for round_ in range(6):
                try:
                    bid(lot, people[index], 1000 + 97 * index + 800 * round_, "auto" if round_ % 2 else "manual")
                except BidTooLow:
                    pass
        return run

    failures = [result for result in at_once(app, *[bids_of(index) for index in range(8)]) if result is not None]
    assert failures == []
    db.session.rollback()
    steps = db.session.scalars(select(PriceStep).order_by(PriceStep.sequence)).all()
    assert [step.sequence for step in steps] == list(range(1, len(steps) + 1))
    amounts = [step.amount_cents for step in steps]
    assert amounts == sorted(amounts)
    factories.assert_ledger_clean()


def test_one_balance_raced_over_two_auctions_is_held_once(app):
    person = factories.bidder(1000)
    lots = [factories.auction().id for _ in range(4)]
    db.session.rollback()
    results = at_once(app, *[lambda lot=lot: bid(lot, person, 1000) for lot in lots])
    assert sorted(type(result).__name__ for result in results) == ["InsufficientFunds"] * 3 + ["Placed"]
    db.session.rollback()
    assert money(person) == (0, 1000)


def test_a_bid_that_gets_the_lock_after_the_end_is_refused(app):
    """Fault 17: begun in time, but waiting for the row beyond the end."""
    lot = factories.auction(ends_at=datetime.now(UTC) + timedelta(seconds=0.4)).id
    person = factories.bidder(10_000)
    db.session.rollback()
    locked = threading.Event()

    def hold_the_row():
        with app.app_context():
            def work(session):
                session.execute(text("SELECT id FROM auctions WHERE id = :id" + (
                    " FOR UPDATE" if session.get_bind().dialect.name == "postgresql" else "")), {"id": lot})
                locked.set()
                threading.Event().wait(0.6)
            transaction.write(work)

    holder = threading.Thread(target=hold_the_row)
    holder.start()
    locked.wait()
    with pytest.raises(AuctionNotLive):
        bid(lot, person, 1000)
    holder.join()
