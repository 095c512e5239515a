
import pytest

from auctionapp import topics
from auctionapp.chat.models import Message
from auctionapp.extensions import db
from tests import factories
from tests.api.conftest import posts_at_once, refused

MESSAGE = {"id", "author", "seller", "text", "created_at"}


def test_a_message_is_answered_and_read_by_everybody_with_a_token(bidder, seller, lot):
    answer = bidder.post(f"/auctions/{lot}/messages", {"text": "Is the case oak?\nThank you <b>very</b> much."})
    assert answer.status_code == 201
    assert set(answer.json) == MESSAGE
    assert answer.json["author"] == bidder.name and answer.json["seller"] is False
    assert answer.json["created_at"].endswith("Z")
    assert seller.post(f"/auctions/{lot}/messages", {"text": "It is."}).json["seller"] is True
    listed = seller.get(f"/auctions/{lot}/messages").json
    assert set(listed) == {"items", "next_before"}
    assert [item["text"] for item in listed["items"]] == ["It is.", answer.json["text"]]
    assert listed["items"][1] == answer.json
    assert listed["next_before"] is None


def test_older_messages_come_ten_at_a_time(bidder, lot):
    for number in range(12):
        bidder.post(f"/auctions/{lot}/messages", {"text": str(number)})
    first = bidder.get(f"/auctions/{lot}/messages").json
    assert [item["text"] for item in first["items"]] == [str(number) for number in range(11, 1, -1)]
    second = bidder.get(f"/auctions/{lot}/messages?before={first['next_before']}").json
    assert [item["text"] for item in second["items"]] == ["1", "0"]
    assert second["next_before"] is None


@pytest.mark.parametrize("body", [{}, {"text": None}, {"text": 5}, {"text": ["x"]}, {"text": "a\0b"},
                                  {"text": "\ud800"}, {"text": "x" * 4097}])
def test_what_is_no_message_is_refused(bidder, lot, body):
    refused(bidder.post(f"/auctions/{lot}/messages", body), 422, "validation")
    assert db.session.query(Message).count() == 0


def test_blanks_are_no_message(bidder, lot):
    response = bidder.post(f"/auctions/{lot}/messages", {"text": " \n\t "})
    assert response.status_code == 422 and response.content_type == "application/problem+json"


@pytest.mark.parametrize("before", ["x", "0", "-1", "", "9" * 30])
def test_before_is_the_id_of_a_message(bidder, lot, before):
    refused(bidder.get(f"/auctions/{lot}/messages?before={before}"), 422, "validation")


def test_a_draft_and_nothing_have_no_chat(bidder, seller):
    draft = factories.auction(seller.id, state="draft")
    for id in (draft.id, 999_999):
        refused(bidder.get(f"/auctions/{id}/messages"), 404, "not-found")
        refused(bidder.post(f"/auctions/{id}/messages", {"text": "x"}), 404, "not-found")


def test_one_key_sent_by_many_at_once_says_it_once(app, bidder, lot):
    answers = posts_at_once(app, bidder, 5, f"/auctions/{lot}/messages", {"text": "Once."}, {"Idempotency-Key": "k"})
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    db.session.rollback()
    assert db.session.query(Message).count() == 1
    other = bidder.post(f"/auctions/{lot}/messages", {"text": "Twice."}, headers={"Idempotency-Key": "k"})
    refused(other, 422, "idempotency-key-reuse")


def test_events_carry_what_the_bids_and_messages_were_answered_with(bidder, guest, lot):
    bid = bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}).json
    message = bidder.post(f"/auctions/{lot}/messages", {"text": "Mine."}).json
    db.session.rollback()
    told = topics.read_after(db.session, topics.auction_topic(lot), 0)
    assert [(event.sequence, event.kind, event.payload) for event in told] == [
        (1, "bid", bid), (2, "message", message)]
    head = guest.send("HEAD", f"/auctions/{lot}/events")
    assert (head.status_code, head.mimetype) == (200, "text/event-stream")


def test_events_of_nothing_and_after_nonsense_are_refused(guest, lot):
    refused(guest.get("/auctions/999999/events"), 404, "not-found")
    response = guest.get(f"/auctions/{lot}/events", headers={"Last-Event-ID": "nonsense"})
    assert response.status_code in (400, 422) and response.content_type == "application/problem+json"
