"""What the auction's page shows, to whom, and at what cost (R4, R6, R19; fault 55)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from auctionapp.auctions.models import Auction, AuctionTag, Tag
from auctionapp.auctions.services import closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests import factories
from tests.auctions.bidding_client import bids_of, client_of, confirm, offer, place, shown_state, signed_in
from tests.counting import statements


@pytest.fixture
def lot(app):
    return factories.auction().id


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


def test_a_lot_can_be_reported_from_its_page_by_anybody_but_its_seller(app, client):
    seller = factories.seller()
    lot = factories.auction(seller.id).id
    link = f'href="/auctions/{lot}/report"'
    assert client.get(f"/auctions/{lot}").text.count(link) == 1
    assert signed_in(app)[0].get(f"/auctions/{lot}").text.count(link) == 1
    assert link not in client_of(app, seller.id).get(f"/auctions/{lot}").text


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


def test_a_reserve_is_only_said_to_be_met_or_not(app, client):
    seller = factories.seller()
    lot = factories.auction(seller.id, reserve_price_cents=77_700).id
    person, person_id = signed_in(app, 1_000_000)
    place(lot, person_id, 2000)
    assert shown_state(person.get(f"/auctions/{lot}").text) == "You are leading · reserve not met"
    assert shown_state(client.get(f"/auctions/{lot}").text) == "Reserve not met"
    assert "777.00" not in client.get(f"/auctions/{lot}").text + person.get(f"/auctions/{lot}").text
    assert "777.00" in client_of(app, seller.id).get(f"/auctions/{lot}").text
    place(lot, person_id, 80_000, "auto")
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
    place(lot, first_id, 65_432, "auto")
    place(lot, second_id, 2000)
    admin, _ = signed_in(app, role="admin")
    assert "654.32" in first.get(f"/auctions/{lot}").text
    for other in (client, second, client_of(app, seller_id), admin):
        for path in (f"/auctions/{lot}", f"/auctions/{lot}/bids"):
            assert "654.32" not in other.get(path).text


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


# -- weight ------------------------------------------------------------------------------------------------------


def count_queries(work):
    with statements() as asked:
        work()
    return len(asked)


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
