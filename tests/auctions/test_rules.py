"""The rules of bidding (R1 to R6), by example and as properties over random histories."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionapp.auctions import rules
from auctionapp.errors import AuctionNotLive, BidTooLow, Conflict, DomainError, OwnMaximumAgain

HOUSE_TABLE = ((99, 5), (499, 25), (2499, 50), (9999, 100), (24999, 250), (49999, 500), (99999, 1000),
               (249999, 2500), (499999, 5000), (None, 10000))
START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=1)
NOON = START + timedelta(hours=12)


def terms(**given_terms):
    return rules.Terms(**({"starting_price_cents": 1000, "increments": HOUSE_TABLE, "starts_at": START,
                           "first_ends_at": END} | given_terms))


def play(offers, the_terms=None, now=NOON):
    """Fold offers (bidder, kind, cents); return the last decision and all steps."""
    the_terms = the_terms or terms()
    standing, steps = rules.Standing(END), []
    for bidder, kind, cents in offers:
        decision = rules.resolve(the_terms, standing, bidder, kind, cents, now)
        standing = decision.standing
        steps += decision.steps
    return standing, steps


@pytest.mark.parametrize(("price", "step"), [(1, 5), (99, 5), (100, 25), (2499, 50), (2500, 100), (24999, 250),
                                             (499999, 5000), (500000, 10000), (10**12, 10000)])
def test_the_increment_follows_the_house_table(price, step):
    assert rules.increment(terms(), price) == step


def test_a_sellers_own_step_overrides_the_table():
    assert rules.next_minimum(terms(bid_step_cents=7), 5000) == 5007


def test_the_first_automatic_bid_shows_the_starting_price_only():
    standing, steps = play([(1, "auto", 5000)])
    assert (standing.price_cents, standing.leader_id, standing.leader_maximum_cents) == (1000, 1, 5000)
    assert [(step.amount_cents, step.reason, step.is_offer) for step in steps] == [(1000, "first", True)]


def test_a_manual_bid_becomes_the_price_at_once():
    standing, _ = play([(1, "manual", 1500)])
    assert (standing.price_cents, standing.leader_maximum_cents) == (1500, 1500)


def test_a_lower_maximum_is_answered_by_one_increment_above_it():
    standing, steps = play([(1, "auto", 5000), (2, "auto", 2000)])
    assert (standing.price_cents, standing.leader_id) == (2050, 1)
    assert [(step.bidder_id, step.amount_cents, step.is_offer) for step in steps[1:]] == [(2, 2000, True), (1, 2050, False)]


def test_the_answer_never_exceeds_the_leaders_maximum():
    standing, _ = play([(1, "auto", 2010), (2, "auto", 2000)])
    assert standing.price_cents == 2010


def test_of_two_equal_maxima_the_earlier_stays():
    standing, _ = play([(1, "auto", 2000), (2, "manual", 2000)])
    assert (standing.price_cents, standing.leader_id) == (2000, 1)


def test_a_higher_automatic_maximum_leads_one_increment_above_the_old_one():
    standing, _ = play([(1, "auto", 2000), (2, "auto", 9000)])
    assert (standing.price_cents, standing.leader_id, standing.leader_maximum_cents) == (2050, 2, 9000)


def test_the_last_step_may_be_smaller_than_an_increment():
    standing, _ = play([(1, "auto", 2000), (2, "auto", 2010)])
    assert (standing.price_cents, standing.leader_id) == (2010, 2)


def test_a_bid_below_the_next_minimum_is_refused_with_the_minimum():
    with pytest.raises(BidTooLow) as refusal:
        play([(1, "manual", 1500), (2, "manual", 1549)])
    assert refusal.value.next_minimum_cents == 1550


def test_an_own_raise_moves_no_price_and_makes_no_step():
    standing, steps = play([(1, "auto", 5000), (1, "auto", 5001)])
    assert (standing.price_cents, standing.leader_maximum_cents, len(steps)) == (1000, 5001, 1)


@pytest.mark.parametrize("again", [5000, 4000])
def test_the_own_maximum_again_or_lower_is_refused(again):
    with pytest.raises(OwnMaximumAgain):
        play([(1, "auto", 5000), (1, "auto", again)])


def test_a_leaders_manual_bid_below_the_own_maximum_raises_the_price_only():
    standing, steps = play([(1, "auto", 5000), (1, "manual", 2000)])
    assert (standing.price_cents, standing.leader_maximum_cents, steps[-1].reason) == (2000, 5000, "raise")


def test_a_maximum_that_reaches_the_reserve_lifts_the_price_to_it():
    reserve = terms(reserve_price_cents=3000)
    assert play([(1, "auto", 2999)], reserve)[0].price_cents == 1000
    assert play([(1, "auto", 3000)], reserve)[0].price_cents == 3000
    assert play([(1, "auto", 2000), (2, "auto", 4000)], reserve)[0].price_cents == 3000
    assert play([(1, "auto", 2000), (1, "auto", 4000)], reserve)[0].price_cents == 3000


def test_a_bid_counts_from_the_start_until_just_before_the_end():
    just_before = END - timedelta(microseconds=1)
    assert rules.resolve(terms(), rules.Standing(END), 1, "manual", 1000, START).steps
    assert rules.resolve(terms(), rules.Standing(END), 1, "manual", 1000, just_before).steps
    for outside in (START - timedelta(microseconds=1), END):
        with pytest.raises(AuctionNotLive):
            rules.resolve(terms(), rules.Standing(END), 1, "manual", 1000, outside)


SOFT = terms(soft_close=timedelta(minutes=2), soft_close_cap=timedelta(minutes=3))


def test_a_challenger_inside_the_window_moves_the_end():
    now = END - timedelta(seconds=30)
    decision = rules.resolve(SOFT, rules.Standing(END), 1, "manual", 1000, now)
    assert decision.extended and decision.standing.ends_at == now + timedelta(minutes=2)


def test_a_bid_before_the_window_moves_no_end():
    assert not rules.resolve(SOFT, rules.Standing(END), 1, "manual", 1000, END - timedelta(seconds=121)).extended


def test_an_own_raise_never_extends_even_when_it_moves_the_price():
    standing = rules.Standing(END, 1000, 1, 1000)
    decision = rules.resolve(SOFT, standing, 1, "manual", 2000, END - timedelta(seconds=1))
    assert not decision.extended and decision.standing.price_cents == 2000


def test_a_losing_challenge_extends_too():
    standing = rules.Standing(END, 1000, 1, 9000)
    assert rules.resolve(SOFT, standing, 2, "manual", 2000, END - timedelta(seconds=1)).extended


def test_the_extension_stops_at_the_houses_cap():
    later = END + timedelta(minutes=2, seconds=50)
    decision = rules.resolve(SOFT, rules.Standing(later), 1, "manual", 1000, later - timedelta(seconds=1))
    assert decision.standing.ends_at == END + timedelta(minutes=3)


def test_a_lowered_reserve_that_is_reached_lifts_the_price_and_says_why():
    reserve = terms(reserve_price_cents=9000)
    standing, _ = play([(1, "auto", 5000)], reserve)
    decision = rules.lower_reserve(reserve, standing, 4000, lowered_before=False, now=NOON)
    assert (decision.standing.price_cents, decision.steps[0].reason, decision.extended) == (4000, "reserve_lowered", False)


@pytest.mark.parametrize(("reserve", "before", "now"), [
    (9000, False, NOON), (9500, False, NOON), (4000, True, NOON), (4000, False, NOON + timedelta(seconds=1))])
def test_a_reserve_is_lowered_once_in_time_and_never_raised(reserve, before, now):
    with pytest.raises(Conflict):
        rules.lower_reserve(terms(reserve_price_cents=9000), rules.Standing(END), reserve, before, now)


offers = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["manual", "auto"]), st.integers(1, 30_000)), max_size=40)


@given(offers, st.none() | st.integers(1000, 20_000), st.none() | st.integers(1, 500))
def test_every_history_keeps_the_promises_of_the_rules(history, reserve, step):
    the_terms = terms(reserve_price_cents=reserve, bid_step_cents=step)
    standing = rules.Standing(END)
    for bidder, kind, cents in history:
        before = standing
        try:
            decision = rules.resolve(the_terms, before, bidder, kind, cents, NOON)
        except DomainError:
            continue
        standing = decision.standing
        assert standing.price_cents <= standing.leader_maximum_cents
        assert standing.price_cents >= (before.price_cents or the_terms.starting_price_cents)
        assert standing.leader_maximum_cents >= max(before.leader_maximum_cents or 0, min(cents, standing.leader_maximum_cents))
        if standing.leader_id != before.leader_id:
            assert standing.leader_id == bidder and cents > (before.leader_maximum_cents or 0)
        if reserve is not None and standing.leader_maximum_cents >= reserve:
            assert standing.price_cents >= reserve
        assert [one.is_offer for one in decision.steps] in ([], [True], [True, False])
        if decision.steps:
            assert decision.steps[-1].amount_cents == standing.price_cents
            assert decision.steps[-1].bidder_id == standing.leader_id
        else:
            assert bidder == before.leader_id and standing.price_cents == before.price_cents


@given(offers)
def test_a_price_never_shows_a_maximum_that_nobody_challenged(history):
    """What is visible is explained by offers of others: one increment above the best losing offer at the most."""
    the_terms = terms()
    standing, best_losing, shown = rules.Standing(END), 0, 0
    for bidder, kind, cents in history:
        try:
            decision = rules.resolve(the_terms, standing, bidder, kind, cents, NOON)
        except DomainError:
            continue
        if bidder != standing.leader_id:
            best_losing = max(best_losing, min(cents, standing.leader_maximum_cents or 0))
        if kind == "manual":
            shown = max(shown, cents)
        standing = decision.standing
        limit = best_losing + rules.increment(the_terms, best_losing) if best_losing else 1000
        assert standing.price_cents <= max(limit, shown, 1000)
