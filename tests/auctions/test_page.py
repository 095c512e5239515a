"""The auction's page and its bid box, as people use it (issue 5; R11, R12, R19; faults 9, 10, 53, 55, 57)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, AuctionTag, Bid, Tag
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests import factories

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def lot(app):
    return factories.auction().id


def place(lot_id, person_id, cents, kind="manual"):
    return bidding.place_bid(lot_id, bidding.Offer(person_id, kind, cents))


def signed_in(app, available_cents=0, **given):
    """A client and the id of the person signed in with it."""
    person_id = factories.bidder(available_cents, **given)
    return client_of(app, person_id), person_id


def client_of(app, person_id):
    client = app.test_client()
    factories.sign_in(client, db.session.get(User, person_id))
    return client


def offer(client, lot_id, amount, *, kind="manual", key="one", headers=None, **more):
    form = {"amount": amount, "kind": kind, "key": key} | more
    return client.post(f"/auctions/{lot_id}/bids", data=form, headers=headers)


def confirm(client, lot_id, amount, **more):
    return offer(client, lot_id, amount, confirmed="1", **more)


def bids_of(lot_id):
    db.session.rollback()
    return db.session.scalars(select(Bid.maximum_cents).where(Bid.auction_id == lot_id).order_by(Bid.number)).all()


# -- seeing ------------------------------------------------------------------------------------------------------


def test_a_guest_sees_the_lot_and_is_asked_to_sign_in(client, lot):
    page = client.get(f"/auctions/{lot}").text
    assert "Brass telescope" in page
    assert "Bidding is open: no bids yet" in page
    assert f'href="/account/login?next=/auctions/{lot}"' in page
    assert 'name="amount"' not in page


def test_what_does_not_exist_is_404(client, lot):
    for path in (f"/auctions/{lot + 1}", "/auctions/99999999999999999999", f"/auctions/{lot + 1}/bids"):
        assert client.get(path).status_code == 404


def test_a_draft_is_seen_by_its_seller_alone(app, client):
    seller = factories.seller()
    draft = factories.auction(seller.id, state="draft", starts_at=None, ends_at=None).id
    own, other = client_of(app, seller.id), signed_in(app)[0]
    assert own.get(f"/auctions/{draft}").status_code == 200
    assert other.get(f"/auctions/{draft}").status_code == client.get(f"/auctions/{draft}").status_code == 404
    assert own.post(f"/auctions/{draft}/bids", data={"amount": "10", "kind": "manual"}).status_code == 403
    assert offer(other, draft, "10").status_code == 404


def test_the_state_stands_in_words(app, client, lot):
    (first, first_id), (second, second_id) = signed_in(app, 100_000), signed_in(app, 100_000)
    place(lot, first_id, 2000)
    place(lot, second_id, 3000)
    assert shown_state(second.get(f"/auctions/{lot}").text) == "You are leading"
    assert shown_state(first.get(f"/auctions/{lot}").text) == "You were outbid"
    assert shown_state(client.get(f"/auctions/{lot}").text) == "Bidding is open"
    page = client.get(f"/auctions/{lot}").text
    assert 'data-leader="Bidder 2"' in page
    assert "2 bids" in page


def shown_state(page):
    """The words of the state that are not hidden."""
    import re

    shown = re.findall(r'<p class="bid-state[^"]*"([^>]*)>(.*?)</p>', page, re.S)
    words = [re.sub(r"<[^>]*>", "", text) for attributes, text in shown if "hidden" not in attributes]
    assert len(words) == 1, words
    return " ".join(words[0].split())


def test_a_reserve_is_only_said_to_be_met_or_not(app, client):
    seller = factories.seller()
    lot = factories.auction(seller.id, reserve_price_cents=777_700).id
    person, person_id = signed_in(app, 1_000_000)
    place(lot, person_id, 2000)
    assert shown_state(person.get(f"/auctions/{lot}").text) == "You are leading · reserve not met"
    assert shown_state(client.get(f"/auctions/{lot}").text) == "Reserve not met"
    assert "7777.00" not in client.get(f"/auctions/{lot}").text + person.get(f"/auctions/{lot}").text
    assert "7777.00" in client_of(app, seller.id).get(f"/auctions/{lot}").text
    place(lot, person_id, 800_000, "auto")
    assert shown_state(person.get(f"/auctions/{lot}").text) == "You are leading"


@pytest.mark.parametrize(("given", "words"), [
    ({"starts_at": datetime.now(UTC) + timedelta(hours=1), "ends_at": datetime.now(UTC) + timedelta(hours=2)},
     "Not started yet"),
    ({"ends_at": datetime.now(UTC) - timedelta(seconds=1)}, "Confirming the result …"),
    ({"state": "suspended", "ended_reason": "A question about its origin"}, "Suspended: A question about its origin"),
    ({"state": "cancelled", "closed_at": datetime.now(UTC), "ended_reason": "It broke"}, "Cancelled: It broke"),
    ({"state": "unsold", "closed_at": datetime.now(UTC)}, "Ended, not sold: nobody bid"),
])
def test_other_states_stand_in_words_and_take_no_bids(app, given, words):
    lot = factories.auction(**given).id
    person, _ = signed_in(app, 100_000)
    page = person.get(f"/auctions/{lot}").text
    assert shown_state(page) == words
    assert 'name="amount"' not in page
    assert offer(person, lot, "50").status_code == 422
    assert confirm(person, lot, "50").status_code == 422
    assert bids_of(lot) == []


def test_the_end_is_told_to_each_in_own_words(app, client, lot):
    (winner, winner_id), (loser, loser_id) = signed_in(app, 100_000), signed_in(app, 100_000)
    place(lot, loser_id, 2000)
    place(lot, winner_id, 3000)
    closing.close(lot, SetClock(datetime.now(UTC) + timedelta(hours=2)))
    assert "You won this lot for 30.00" in shown_state(winner.get(f"/auctions/{lot}").text)
    assert "another bidder won" in shown_state(loser.get(f"/auctions/{lot}").text)
    assert "sold for 30.00" in shown_state(client.get(f"/auctions/{lot}").text)


def test_the_page_keeps_its_own_alias_when_the_end_takes_the_form_away(app, lot):
    person, person_id = signed_in(app, 100_000)
    place(lot, person_id, 2000)
    page = person.get(f"/auctions/{lot}").text
    assert page.index('data-own-alias="Bidder 1"') < page.index('id="bid-box"')
    box = page[page.index('id="bid-box"'):page.index("</section>", page.index('id="bid-box"'))]
    assert "data-own-alias" not in box


def test_the_own_maximum_is_shown_to_its_owner_alone(app, client, lot):
    seller_id = db.session.get(Auction, lot).seller_id
    (first, first_id), (second, second_id) = signed_in(app, 1_000_000), signed_in(app, 1_000_000)
    place(lot, first_id, 654_321, "auto")
    place(lot, second_id, 2000)
    admin, _ = signed_in(app, role="admin")
    assert "6543.21" in first.get(f"/auctions/{lot}").text
    for other in (client, second, client_of(app, seller_id), admin):
        for path in (f"/auctions/{lot}", f"/auctions/{lot}/bids"):
            assert "6543.21" not in other.get(path).text


def test_names_are_shown_to_the_seller_and_administrators_alone(app, client, lot):
    seller_id = db.session.get(Auction, lot).seller_id
    person, person_id = signed_in(app, 100_000, display_name="Olena Unique")
    place(lot, person_id, 2000)
    admin, _ = signed_in(app, role="admin")
    for sees in (client_of(app, seller_id), admin):
        assert "Olena Unique" in sees.get(f"/auctions/{lot}").text
        assert "Olena Unique" in sees.get(f"/auctions/{lot}/bids").text
    other, _ = signed_in(app)
    for sees_not in (client, other):
        assert "Olena Unique" not in sees_not.get(f"/auctions/{lot}").text + sees_not.get(f"/auctions/{lot}/bids").text


def test_what_people_write_is_inert(app, client):
    evil = '<b hx-get="/x">evil</b>'
    seller = factories.seller(display_name=evil)
    lot = factories.auction(seller.id, title=evil, description=evil + "\n" + evil).id
    tag = Tag(slug="evil", name=evil)
    db.session.add(tag)
    db.session.flush()
    db.session.add(AuctionTag(auction_id=lot, tag_id=tag.id))
    db.session.commit()
    for path in (f"/auctions/{lot}", f"/auctions/{lot}/bids"):
        assert "<b hx-get" not in client.get(path).text
    person, _ = signed_in(app, 100_000)
    assert "<b hx-get" not in offer(person, lot, "10").text


def test_the_page_has_no_inline_style_or_script(app, client, lot):
    person, person_id = signed_in(app, 100_000)
    place(lot, person_id, 2000)
    for path in (f"/auctions/{lot}", f"/auctions/{lot}/bids"):
        page = person.get(path).text
        assert " style=" not in page
        assert "<script>" not in page
        assert " onclick=" not in page


# -- bidding -----------------------------------------------------------------------------------------------------


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
        assert "At least 10.00" in refused.text
        assert 'value="9.99"' in refused.text
        assert 'aria-invalid="true"' in refused.text
    assert bids_of(lot) == []


def test_a_price_that_moved_meanwhile_is_asked_about_again(app, lot):
    person, _ = signed_in(app, 100_000)
    place(lot, factories.bidder(100_000), 2000)
    asked = confirm(person, lot, "15.00", seen_minimum="10.00")
    assert asked.status_code == 200
    assert "At least 20.50" in asked.text
    assert "Someone&#39;s maximum beat 15.00" in asked.text
    assert 'name="amount" value="20.50"' in asked.text
    assert bids_of(lot) == [2000]


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


# -- weight ------------------------------------------------------------------------------------------------------


def count_queries(work):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def test_the_number_of_queries_does_not_grow_with_the_bids(app, client, lot):
    person, person_id = signed_in(app, 10_000_000)
    other_id = factories.bidder(10_000_000)
    client.get(f"/auctions/{lot}")
    before = count_queries(lambda: client.get(f"/auctions/{lot}")), count_queries(lambda: person.get(f"/auctions/{lot}"))
    for number in range(20):
        place(lot, (person_id, other_id)[number % 2], 2000 + number * 1000)
    db.session.rollback()
    after = count_queries(lambda: client.get(f"/auctions/{lot}")), count_queries(lambda: person.get(f"/auctions/{lot}"))
    assert after == before
    assert after[0] <= 5
    assert after[1] <= 9


def test_reading_changes_nothing(app, lot):
    person, person_id = signed_in(app, 100_000)
    place(lot, person_id, 2000)
    version = db.session.scalar(select(Auction.version))
    for path in (f"/auctions/{lot}", f"/auctions/{lot}/bids"):
        person.get(path)
    db.session.rollback()
    assert db.session.scalar(select(Auction.version)) == version
    transaction.write(lambda session: None)
