"""The bid box: confirmed, once, refused beside the field with a way on (R11, R12; faults 9, 10, 44, 51, 53, 57)."""

import re

import pytest
from sqlalchemy import select

from auctionapp.auctions.models import Auction, Bid
from auctionapp.extensions import db
from tests import factories
from tests.auctions.bidding_client import (
    HTMX,
    bids_of,
    client_of,
    confirm,
    offer,
    place,
    shown_state,
    signed_in,
)


def said(page):
    """The words that are shown beside the field."""
    field = page[page.index('<label class="field-label" for="bid-amount">'):page.index('id="bid-quick"')]
    return " ".join(re.sub(r"<p [^>]* hidden>.*?</p>|<[^>]*>", " ", field).split())


@pytest.fixture
def lot(app):
    return factories.auction().id


def test_a_bid_is_confirmed_before_it_is_placed(app, lot):
    person, _ = signed_in(app, 100_000)
    asked = offer(person, lot, "15.00")
    assert asked.status_code == 200
    for words in ("Confirm your bid", "Brass telescope", "15.00", "Held from your wallet", "binding",
                  'name="confirmed" value="1"'):
        assert words in asked.text
    assert "three times" not in asked.text
    assert bids_of(lot) == []
    done = confirm(person, lot, "15.00")
    assert (done.status_code, done.location) == (303, f"/auctions/{lot}")
    assert bids_of(lot) == [1500]
    assert "You are leading with 15.00" in person.get(done.location).text


def test_an_amount_above_three_times_the_minimum_is_warned_about(app, lot):
    person, _ = signed_in(app, 100_000)
    assert "three times" in offer(person, lot, "30.01").text
    assert "three times" not in offer(person, lot, "30.00").text


def test_the_same_key_again_leads_to_the_first_result(app, lot):
    person, _ = signed_in(app, 100_000)
    for _ in range(3):
        again = confirm(person, lot, "15.00", key="k1")
        assert (again.status_code, again.location) == (303, f"/auctions/{lot}")
    assert bids_of(lot) == [1500]
    other_amount = confirm(person, lot, "99.00", key="k1")
    assert other_amount.status_code == 422
    assert "sent before with another amount" in other_amount.text
    assert 'value="k1"' not in other_amount.text
    assert bids_of(lot) == [1500]


def test_a_key_belongs_to_one_person_and_one_lot(app, lot):
    second_lot = factories.auction().id
    (first, _), (second, _) = signed_in(app, 100_000), signed_in(app, 100_000)
    assert confirm(first, lot, "15.00", key="k1").status_code == 303
    assert confirm(second, lot, "20.00", key="k1").status_code == 303
    assert confirm(first, second_lot, "15.00", key="k1").status_code == 303
    assert bids_of(lot) == [1500, 2000]
    assert bids_of(second_lot) == [1500]


def test_a_bid_too_low_is_refused_beside_the_field_and_kept(app, lot):
    person, _ = signed_in(app, 100_000)
    for send in (offer, confirm):
        refused = send(person, lot, "9.99")
        assert refused.status_code == 422
        assert said(refused.text).count("At least 10.00") == 1
        assert 'id="bid-amount-error" role="alert"' in refused.text
        assert 'value="9.99"' in refused.text
        assert 'aria-invalid="true"' in refused.text
    assert bids_of(lot) == []


def test_a_price_that_moved_meanwhile_is_asked_about_again(app, lot):
    person, _ = signed_in(app, 100_000)
    place(lot, factories.bidder(100_000), 2000)
    asked = confirm(person, lot, "15.00", seen_minimum="10.00")
    assert asked.status_code == 200
    assert "At least 20.50" in asked.text
    assert "Someone&#39;s bid beat 15.00" in asked.text
    assert 'name="amount" value="20.50"' in asked.text
    assert bids_of(lot) == [2000]
    place(lot, factories.bidder(100_000), 9000, "auto")
    asked = confirm(person, lot, "20.50", seen_minimum="20.50")
    assert "At least 21.00" in asked.text
    assert "Someone&#39;s maximum beat 20.50" in asked.text


def test_an_amount_below_the_minimum_that_was_shown_was_beaten_by_nobody(app, lot):
    person, _ = signed_in(app, 100_000)
    place(lot, factories.bidder(100_000), 2000)
    refused = offer(person, lot, "9.00", seen_minimum="10.00")
    assert refused.status_code == 422
    assert said(refused.text).count("At least 20.50") == 1
    assert "a moment ago" not in refused.text


def test_without_enough_money_the_way_to_add_it_is_shown(app, lot):
    person, _ = signed_in(app, 1200)
    refused = offer(person, lot, "15.00")
    assert refused.status_code == 422
    assert "You have 12.00" in refused.text
    assert 'href="/dashboard/wallet/deposits?amount=3.00"' in refused.text
    nothing, _ = signed_in(app)
    assert "You have 0.00" in confirm(nothing, lot, "15.00").text


def test_the_leader_hears_about_the_own_maximum(app, lot):
    person, _ = signed_in(app, 100_000)
    assert confirm(person, lot, "50.00", kind="auto").status_code == 303
    refused = confirm(person, lot, "50.00", kind="auto", key="two")
    assert refused.status_code == 422
    assert "Your maximum is 50.00 already" in refused.text
    raised = confirm(person, lot, "60.00", kind="auto", key="three", headers=HTMX)
    assert raised.status_code == 200
    assert "Your maximum is 60.00" in raised.text


def test_the_seller_and_those_who_are_not_wanted_are_refused(app, lot):
    seller_id = db.session.get(Auction, lot).seller_id
    seller = client_of(app, seller_id)
    factories.give_money(seller_id, 10_000)
    refused = confirm(seller, lot, "15.00")
    assert refused.status_code == 403
    assert "This is your own lot" in refused.text
    unwanted, unwanted_id = signed_in(app, 10_000)
    factories.seller_block(seller_id, unwanted_id)
    refused = confirm(unwanted, lot, "15.00")
    assert refused.status_code == 403
    assert "may not bid on this lot" in refused.text
    assert bids_of(lot) == []


def test_a_guest_is_sent_to_sign_in_and_comes_back(client, lot):
    sent = offer(client, lot, "15.00")
    assert sent.status_code == 303
    assert sent.location.startswith("/account/login?next=")
    assert f"auctions/{lot}" in sent.location


def test_a_bid_beaten_at_once_says_so(app, lot):
    place(lot, factories.bidder(100_000), 5000, "auto")
    person, _ = signed_in(app, 100_000)
    answer = confirm(person, lot, "20.00", headers=HTMX)
    assert answer.status_code == 200
    assert "beaten at once by an earlier, higher maximum" in answer.text
    assert shown_state(answer.text) == "You were outbid"


def test_htmx_gets_the_panel_alone(app, lot):
    person, _ = signed_in(app, 100_000)
    for answer in (offer(person, lot, "15.00", headers=HTMX), confirm(person, lot, "15.00", headers=HTMX),
                   confirm(person, lot, "1", key="two", headers=HTMX)):
        assert "<html" not in answer.text
        assert 'id="bid-panel"' in answer.text
        assert "HX-Request" in answer.headers["Vary"]
    assert "<html" in person.get(f"/auctions/{lot}", headers=HTMX).text


def test_a_decimal_comma_and_blanks_are_accepted(app, lot):
    person, _ = signed_in(app, 100_000)
    assert confirm(person, lot, " 15,50 ").status_code == 303
    assert bids_of(lot) == [1550]


@pytest.mark.parametrize("nonsense", [
    "", " ", "abc", "NaN", "Infinity", "1e999", "1_000", "-5", "+20", "0", "0.00", "12.345", "١٢", "99999999999",
    "<script>", "1,2,3", "0x10", "\x00", "1" * 5000, "20.", ".5", "2０",
])
def test_nonsense_in_the_amount_is_refused_and_nothing_breaks(app, lot, nonsense):
    person, _ = signed_in(app, 100_000)
    for send in (offer, confirm):
        refused = send(person, lot, nonsense)
        assert refused.status_code == 422
        assert "Write an amount such as 12.50" in refused.text
    assert bids_of(lot) == []


@pytest.mark.parametrize("field", ["kind", "key", "confirmed", "seen_minimum"])
@pytest.mark.parametrize("nonsense", ["", "\x00", "x" * 3000, "NaN", "<b>", "-1", "٣"])
def test_nonsense_in_any_other_field_never_breaks_the_page(app, lot, field, nonsense):
    person, _ = signed_in(app, 100_000)
    answer = offer(person, lot, "15.00", **{field: nonsense})
    assert answer.status_code in (200, 422)
    assert bids_of(lot) == []


def test_fields_of_others_change_nothing(app, lot):
    (person, person_id), (_, other_id) = signed_in(app, 100_000), signed_in(app, 100_000)
    assert confirm(person, lot, "15.00", bidder_id=str(other_id), available="1").status_code == 303
    assert db.session.scalars(select(Bid.bidder_id)).all() == [person_id]


def test_a_quick_amount_fills_the_field_without_script(app, lot):
    person, _ = signed_in(app, 100_000)
    page = person.get(f"/auctions/{lot}").text
    for amount in ("10.00", "10.50", "12.00"):
        assert f'href="/auctions/{lot}?amount={amount}#bid-panel"' in page
    assert 'value="10.50"' in person.get(f"/auctions/{lot}?amount=10.50").text
    assert person.get(f"/auctions/{lot}?amount=<b>").status_code == 200


def test_too_many_bids_in_a_minute_are_asked_to_slow_down(make_app, lot):
    app = make_app(RATELIMIT_ENABLED=True)
    person, _ = signed_in(app)
    answers = [offer(person, lot, "x") for _ in range(121)]
    assert [answer.status_code for answer in answers] == [422] * 120 + [429]
    assert "A little slower" in answers[-1].text
    assert bids_of(lot) == []


def test_a_form_without_its_token_is_refused_with_a_kind_page(make_app, lot):
    app = make_app(WTF_CSRF_ENABLED=True)
    person, _ = signed_in(app, 100_000)
    refused = confirm(person, lot, "15.00")
    assert refused.status_code == 400
    assert "nothing was changed" in refused.text
    assert bids_of(lot) == []
