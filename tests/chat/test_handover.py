"""The thread of winner and seller after a sale."""

import re

import pytest

from auctionapp import topics
from auctionapp.auctions.models import Auction
from auctionapp.chat import queries, services
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.people import services as own_people
from tests import factories


@pytest.fixture
def sold(app):
    """(lot's id, seller, winner) of a lot that was sold for 120.00."""
    seller, winner = factories.seller(display_name="Old Harbour"), factories.user(display_name="Marta Lis")
    return factories.sold_auction(seller, winner).id, seller, winner


def test_the_thread_opens_once_with_both_as_members(sold):
    lot, seller, winner = sold
    thread = services.open_handover(lot)
    assert services.open_handover(lot) == thread
    assert queries.members(thread) == sorted([seller.id, winner.id])


def test_an_unsold_lot_opens_nothing(app):
    assert services.open_handover(factories.auction().id) is None


def test_both_read_each_others_name_and_nobody_else_finds_it(sold, app):
    lot, seller, winner = sold
    for person, other in ((seller, "Marta Lis"), (winner, "Old Harbour")):
        client = app.test_client()
        factories.sign_in(client, person)
        page = client.get(f"/auctions/{lot}/handover")
        assert page.status_code == 200 and "120.00" in page.text
        assert re.search(r'<a class="plain-link" href="/people/\d+">' + other, page.text)
    stranger = app.test_client()
    factories.sign_in(stranger, factories.user())
    assert stranger.get(f"/auctions/{lot}/handover").status_code == 404
    assert stranger.post(f"/auctions/{lot}/handover", data={"text": "Hello"}).status_code == 404
    assert app.test_client().get(f"/auctions/{lot}/handover").status_code == 303


def test_a_message_travels_once_on_the_topic_of_the_thread(sold):
    lot, seller, winner = sold
    shown = services.post_handover(lot, winner.id, "When may I come?")
    thread = queries.conversation(lot, "handover").id
    rows = topics.read_after(db.session(), topics.conversation_topic(thread), 0)
    assert [(row.sequence, row.kind, row.payload) for row in rows] == [(1, "message", {"id": shown["id"]})]
    for person in (seller, winner):
        assert topics.read_after(db.session(), topics.person_topic(person.id), 0) == []
    assert topics.read_after(db.session(), topics.auction_topic(lot), 0) == []


def test_a_stranger_writes_nothing_there(sold):
    lot, _seller, _winner = sold
    with pytest.raises(NotFound):
        services.post_handover(lot, factories.user().id, "Hello")
    assert db.session.get(Auction, lot).topic_sequence == 0


def test_it_works_without_script(sold, app):
    lot, seller, _winner = sold
    client = app.test_client()
    factories.sign_in(client, seller)
    answer = client.post(f"/auctions/{lot}/handover", data={"text": "On Friday at ten."})
    assert (answer.status_code, answer.location) == (303, f"/auctions/{lot}/handover")
    assert "On Friday at ten." in client.get(f"/auctions/{lot}/handover").text
    assert "On Friday at ten." not in client.get(f"/auctions/{lot}/messages").text


def test_the_two_see_each_others_signature_and_nobody_else_does(sold, app):
    lot, seller, winner = sold
    own_people.set_signature(seller.id, "s" * 22)
    path = f"/auctions/{lot}/handover"
    for person in (seller, winner):
        client = app.test_client()
        factories.sign_in(client, person)
        page = client.get(path).text
        assert 'alt="Signature of Old Harbour"' in page and "s" * 22 in page and "Signature of Marta" not in page
    own_people.set_signature(winner.id, "w" * 22)
    assert 'alt="Signature of Marta Lis"' in client.get(path).text
    stranger = app.test_client()
    factories.sign_in(stranger, factories.user())
    assert stranger.get(path).status_code == 404
    for public in (f"/auctions/{lot}", f"/auctions/{lot}/messages", f"/auctions/{lot}/bids"):
        page = stranger.get(public).text
        assert "Signature" not in page and "w" * 22 not in page
