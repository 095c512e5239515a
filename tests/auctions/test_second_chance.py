"""The second chance (R4): an unsold lot for its highest bidder, sold once and settled like any close."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from auctionapp.auctions import seller_rules
from auctionapp.auctions.models import Auction, PriceStep, SecondChance
from auctionapp.auctions.services import bidding, closing, second_chance, selling
from auctionapp.chat import queries as chats
from auctionapp.clock import SetClock
from auctionapp.errors import Conflict, InsufficientFunds, NotAllowed, NotFound
from auctionapp.extensions import db
from auctionapp.notifications import jobs as notice_jobs
from auctionapp.notifications.models import Notice
from auctionapp.wallet import ledger
from auctionapp.wallet import services as wallet
from auctionapp.wallet.models import Transfer
from tests import factories
from tests.at_once import at_once
from tests.auctions.selling_lots import described


def unsold_lot(maximum=8000, other=5000, reserve=10_000, money=20_000):
    """A lot that ended below its reserve; ids of lot, seller and highest bidder."""
    seller = factories.seller().id
    lot = factories.auction(seller, ends_at=datetime.now(UTC) + timedelta(hours=1), bid_step_cents=100,
                            reserve_price_cents=reserve).id
    bidder, loser = factories.bidder(money), factories.bidder(20_000)
    bidding.place_bid(lot, bidding.Offer(bidder, "auto", maximum))
    bidding.place_bid(lot, bidding.Offer(loser, "auto", other))
    end(lot)
    return lot, seller, bidder


def end(lot):
    ends_at = db.session.get(Auction, lot).ends_at
    assert closing.close(lot, SetClock(ends_at))
    db.session.expire_all()


def money(person):
    db.session.rollback()
    return ledger.balances(db.session, person)


def state(offer):
    db.session.expire_all()
    return db.session.get(SecondChance, offer).state


def notices(person):
    db.session.rollback()
    return [(one.kind, one.text) for one in db.session.scalars(
        select(Notice).where(Notice.user_id == person).order_by(Notice.id))]


def test_accepting_takes_the_money_once_and_settles_like_a_close(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    assert second_chance.accept(offer, bidder) == lot
    assert second_chance.accept(offer, bidder) == lot  # sent twice
    auction = db.session.get(Auction, lot)
    assert (auction.state, auction.hammer_price_cents, auction.price_cents) == ("sold", 8000, 8000)
    assert money(bidder) == {"available": 12_000, "held": 0, "withdrawing": 0}
    assert money(seller)["available"] == 8000 - 400
    keys = set(db.session.scalars(select(Transfer.key).where(Transfer.auction_id == lot)))
    assert {f"capture:{lot}", f"payout:{lot}", f"fee:{lot}"} <= keys
    factories.assert_ledger_clean()


def test_less_than_the_last_price_may_be_asked_and_the_history_says_why_the_price_is_what_it_is(app):
    lot, seller, bidder = unsold_lot()
    second_chance.accept(second_chance.offer(lot, seller, 4500), bidder)
    last = db.session.scalars(select(PriceStep).where(PriceStep.auction_id == lot)
                              .order_by(PriceStep.sequence.desc()).limit(1)).one()
    assert (last.reason, last.amount_cents, last.bidder_id) == ("second_chance", 4500, bidder)
    assert money(bidder)["available"] == 15_500
    factories.assert_ledger_clean()


def test_between_the_last_price_and_the_maximum_nothing_can_be_asked_for_so_that_the_maximum_stays_secret(app):
    lot, seller, bidder = unsold_lot()
    for asked in (5101, 7999, 8001):
        with pytest.raises(Conflict, match="at most the last price"):
            second_chance.offer(lot, seller, asked)


def test_winner_and_seller_are_told_and_get_a_thread_for_the_hand_over(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, 5100)
    assert ("second_chance", "Brass telescope was not sold, and the seller offers it to you for 51.00 EUR. "
            "You have 48 hours to answer.") in notices(bidder)
    second_chance.accept(offer, bidder)
    assert [kind for kind, _ in notices(bidder)][-1] == "won"
    assert [kind for kind, _ in notices(seller)][-1] == "sold"
    assert chats.conversation(lot, "handover") is not None


def test_a_lost_reaction_to_the_acceptance_is_made_good_by_the_sweep(app):
    lot, seller, bidder = unsold_lot()
    second_chance.accept(second_chance.offer(lot, seller, None), bidder)
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    for one in db.session.scalars(select(Notice).where(Notice.kind.in_(("won", "sold", "second_chance")))):
        db.session.delete(one)
    db.session.get(Auction, lot).closed_at = long_ago
    made = db.session.scalars(select(SecondChance)).one()
    made.offered_at, made.decided_at = long_ago, long_ago
    db.session.commit()
    notice_jobs.announce_missing()
    assert "won" in [kind for kind, _ in notices(bidder)]
    assert "sold" in [kind for kind, _ in notices(seller)]


def test_an_offer_of_which_nobody_was_told_is_told_by_the_sweep_once(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    for one in db.session.scalars(select(Notice).where(Notice.kind == "second_chance")):
        db.session.delete(one)
    db.session.get(SecondChance, offer).offered_at = datetime.now(UTC) - timedelta(minutes=1)
    db.session.commit()
    for _ in range(2):
        notice_jobs.announce_missing()
        assert [kind for kind, _ in notices(bidder)].count("second_chance") == 1


def test_too_little_money_is_refused_with_what_is_missing_and_nothing_moves(app):
    lot, seller, bidder = unsold_lot(money=8000)
    wallet.withdraw(bidder, 3000)
    offer = second_chance.offer(lot, seller, None)
    with pytest.raises(InsufficientFunds, match=r"You have 50\.00 available: add 30\.00\."):
        second_chance.accept(offer, bidder)
    assert state(offer) == "open" and db.session.get(Auction, lot).state == "unsold"
    factories.give_money(bidder, 3000)
    second_chance.accept(offer, bidder)
    factories.assert_ledger_clean()


def test_declining_is_told_to_the_seller_who_may_offer_again_but_not_without_end(app):
    lot, seller, bidder = unsold_lot()
    for _ in range(seller_rules.MOST_OFFERS):
        offer = second_chance.offer(lot, seller, None)
        second_chance.decline(offer, bidder)
        second_chance.decline(offer, bidder)
    assert notices(seller).count(("offer_over", "The highest bidder declined your offer of Brass telescope.")) == 3
    with pytest.raises(Conflict, match="3 times"):
        second_chance.offer(lot, seller, None)
    with pytest.raises(Conflict, match="You have declined"):
        second_chance.accept(offer, bidder)


def test_an_offer_lapses_at_its_time_and_both_are_told(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    lapses_at = db.session.get(SecondChance, offer).lapses_at
    assert second_chance.lapse_due(SetClock(lapses_at - timedelta(microseconds=1))) == 0
    with pytest.raises(Conflict, match="has lapsed"):
        second_chance.accept(offer, bidder, SetClock(lapses_at))
    assert second_chance.lapse_due(SetClock(lapses_at)) == 1
    assert second_chance.lapse_due(SetClock(lapses_at)) == 0
    assert state(offer) == "lapsed"
    assert "has lapsed" in notices(seller)[-1][1] and "has lapsed" in notices(bidder)[-1][1]


def test_an_offer_sent_twice_is_one_and_another_waits_for_its_end(app):
    lot, seller, bidder = unsold_lot()
    assert second_chance.offer(lot, seller, 4500) == second_chance.offer(lot, seller, 4500)
    with pytest.raises(Conflict, match="stands already"):
        second_chance.offer(lot, seller, None)
    assert len([1 for kind, _ in notices(bidder) if kind == "second_chance"]) == 1


def test_a_withdrawn_offer_is_told_and_cannot_be_accepted(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    second_chance.withdraw(lot, seller)
    assert notices(bidder)[-1] == ("second_chance", "The seller has withdrawn the offer of Brass telescope.")
    with pytest.raises(Conflict, match="withdrawn"):
        second_chance.accept(offer, bidder)
    with pytest.raises(Conflict, match="No offer"):
        second_chance.withdraw(lot, seller)


def test_only_the_highest_bidder_may_answer_and_only_the_seller_may_offer(app):
    lot, seller, bidder = unsold_lot()
    stranger = factories.seller().id
    with pytest.raises(NotAllowed):
        second_chance.offer(lot, stranger, None)
    offer = second_chance.offer(lot, seller, None)
    for answer in (second_chance.accept, second_chance.decline):
        with pytest.raises(NotFound):
            answer(offer, stranger)
        with pytest.raises(NotFound):
            answer(offer, seller)
    with pytest.raises(NotAllowed):
        second_chance.withdraw(lot, stranger)


def test_a_lot_without_bids_or_with_its_reserve_met_has_no_second_chance(app):
    seller = factories.seller().id
    without = factories.auction(seller, reserve_price_cents=5000).id
    end(without)
    sold = factories.auction(seller).id
    bidding.place_bid(sold, bidding.Offer(factories.bidder(5000), "auto", 2000))
    end(sold)
    for lot in (without, sold):
        with pytest.raises(Conflict, match="below its reserve"):
            second_chance.offer(lot, seller, None)


def test_long_after_the_end_and_to_whom_the_seller_refuses_nothing_is_offered(app):
    lot, seller, bidder = unsold_lot()
    with pytest.raises(Conflict, match="within 30 days"):
        second_chance.offer(lot, seller, None, SetClock(datetime.now(UTC) + timedelta(days=31, hours=1)))
    factories.seller_block(seller, bidder)
    with pytest.raises(Conflict, match="no bids from the highest bidder"):
        second_chance.offer(lot, seller, None)


def test_a_blocked_sellers_offer_is_not_accepted(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    factories.block_by_house(seller)
    with pytest.raises(Conflict, match="blocked"):
        second_chance.accept(offer, bidder)


def test_two_acceptances_at_once_capture_once(app):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    results = at_once(app, *[lambda: second_chance.accept(offer, bidder)] * 4)
    assert results == [lot] * 4
    captures = db.session.scalar(select(func.count()).select_from(Transfer).where(Transfer.kind == "capture"))
    assert captures == 1 and money(bidder)["available"] == 12_000
    factories.assert_ledger_clean()


@pytest.mark.parametrize("rival", ["withdraw", "lapse", "decline", "relist", "offer"])
def test_an_acceptance_and_what_contradicts_it_have_one_winner(app, rival):
    lot, seller, bidder = unsold_lot()
    offer = second_chance.offer(lot, seller, None)
    late = SetClock(db.session.get(SecondChance, offer).lapses_at)
    rivals = {
        "withdraw": lambda: second_chance.withdraw(lot, seller),
        "lapse": lambda: second_chance.lapse_due(late),
        "decline": lambda: second_chance.decline(offer, bidder),
        "relist": lambda: selling.create_draft(seller, described(), relisted_from=lot),
        "offer": lambda: second_chance.offer(lot, seller, None),
    }
    accepted, other = at_once(app, lambda: second_chance.accept(offer, bidder), rivals[rival])
    db.session.rollback()
    auction = db.session.get(Auction, lot, populate_existing=True)
    won = accepted == lot
    assert auction.state == ("sold" if won else "unsold")
    assert state(offer) == ("accepted" if won else {"withdraw": "withdrawn", "lapse": "lapsed", "decline": "declined"}[rival])
    if won:
        assert other in (0, offer) or isinstance(other, Conflict)
    assert money(bidder) == {"available": 12_000 if won else 20_000, "held": 0, "withdrawing": 0}
    assert db.session.scalar(select(func.count()).select_from(Auction).where(Auction.relisted_from_id == lot)) == 0
    factories.assert_ledger_clean()


def test_what_is_offered_is_not_relisted_and_what_is_relisted_not_offered(app):
    lot, seller, bidder = unsold_lot()
    second_chance.offer(lot, seller, None)
    with pytest.raises(Conflict, match="stands"):
        selling.create_draft(seller, described(), relisted_from=lot)
    second_chance.withdraw(lot, seller)
    relisted = selling.create_draft(seller, described(), relisted_from=lot)
    with pytest.raises(Conflict, match="relisted"):
        second_chance.offer(lot, seller, None)
    with pytest.raises(Conflict, match="relisted already"):
        selling.create_draft(seller, described(), relisted_from=lot)
    assert selling.delete(relisted, seller)
    second_chance.offer(lot, seller, None)


def test_relisting_and_offering_at_once_do_one_of_the_two(app):
    lot, seller, _ = unsold_lot()
    relisted, offered = at_once(app, lambda: selling.create_draft(seller, described(), relisted_from=lot),
                                lambda: second_chance.offer(lot, seller, None))
    assert isinstance(relisted, Conflict) != isinstance(offered, Conflict)
