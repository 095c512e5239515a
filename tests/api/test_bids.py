
import pytest

from auctionapp.extensions import db
from auctionapp.wallet.models import Hold
from tests import factories
from tests.api.conftest import posts_at_once, refused

BID = {"id", "auction_id", "sequence", "bidder", "amount", "kind", "placed_at", "leading", "current_price",
       "next_minimum_bid"}


def test_a_bid_is_answered_with_the_contracts_members(bidder, lot):
    answer = bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"})
    assert answer.status_code == 201
    assert answer.content_type == "application/json"
    bid = answer.json
    assert set(bid) == BID
    assert bid["placed_at"].endswith("Z")
    assert bid | {"id": 0, "placed_at": 0} == {
        "id": 0, "auction_id": lot, "sequence": 1, "bidder": "Bidder 1", "amount": "12.50", "kind": "manual",
        "placed_at": 0, "leading": True, "current_price": "12.50", "next_minimum_bid": "13.50"}


def test_an_automatic_bid_shows_only_what_is_needed(bidder, lot):
    bid = bidder.post(f"/auctions/{lot}/bids", {"amount": "50.00", "kind": "auto"}).json
    assert (bid["kind"], bid["amount"], bid["current_price"]) == ("auto", "10.00", "10.00")
    raised = bidder.post(f"/auctions/{lot}/bids", {"amount": "60.00", "kind": "auto"})
    assert raised.status_code == 201
    assert raised.json["sequence"] is None
    assert bidder.get(f"/auctions/{lot}").json["my_maximum"] == "60.00"


def test_a_bid_with_a_token_that_was_revoked_after_an_earlier_bid_is_refused_with_and_without_a_key(bidder, lot):
    key = {"Idempotency-Key": "once"}
    assert bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}, headers=key).status_code == 201
    assert bidder.delete("/tokens/current").status_code == 204
    refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "20.00"}), 401, "unauthorized")
    refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}, headers=key), 401, "unauthorized")
    refused(bidder.post("/auctions/999999/bids", {"amount": "20.00"}), 401, "unauthorized")


def test_the_list_shows_each_step_as_it_was_answered_newest_first(bidder, lot, program_of, guest):
    other = program_of(money_cents=100_000)
    answered = [
        bidder.post(f"/auctions/{lot}/bids", {"amount": "40.00", "kind": "auto"}).json,
        other.post(f"/auctions/{lot}/bids", {"amount": "20.00"}).json,
        other.post(f"/auctions/{lot}/bids", {"amount": "45.00"}).json,
    ]
    listed = guest.get(f"/auctions/{lot}/bids").json
    assert (listed["page"], listed["per_page"], listed["total"]) == (1, 20, 4)
    items = listed["items"]
    assert all(set(item) == BID for item in items)
    assert [item["sequence"] for item in items] == [4, 3, 2, 1]
    assert [items[3], items[2], items[0]] == answered
    answer = items[1]
    assert (answer["bidder"], answer["amount"], answer["leading"]) == ("Bidder 1", "21.00", True)
    assert items[2]["leading"] is False


@pytest.mark.parametrize("per_page", [1, 2, 3])
def test_a_page_shows_the_same_bids_wherever_it_is_cut(bidder, lot, program_of, guest, per_page):
    other = program_of(money_cents=100_000)
    bidder.post(f"/auctions/{lot}/bids", {"amount": "40.00", "kind": "auto"})
    for amount in ("20.00", "30.00"):
        other.post(f"/auctions/{lot}/bids", {"amount": amount})
    whole = guest.get(f"/auctions/{lot}/bids").json["items"]
    pieces = []
    for page in range(1, 6):
        pieces += guest.get(f"/auctions/{lot}/bids?per_page={per_page}&page={page}").json["items"]
    assert pieces == whole


def test_a_bid_below_the_minimum_is_told_the_minimum(bidder, lot):
    problem = refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "9.99"}), 422, "bid-too-low")
    assert problem["next_minimum_bid"] == "10.00"


def test_a_bid_beyond_the_wallet_is_told_what_is_available(bidder, lot):
    problem = refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "1000.01"}), 422, "insufficient-funds")
    assert problem["available"] == "1000.00"


def test_a_bid_on_what_is_not_live_is_refused(bidder, seller):
    over = factories.auction(seller.id, state="unsold", closed_at=factories.datetime.now(factories.UTC))
    refused(bidder.post(f"/auctions/{over.id}/bids", {"amount": "12.50"}), 409, "auction-not-live")


def test_a_bid_on_the_own_lot_is_refused(seller, lot):
    refused(seller.post(f"/auctions/{lot}/bids", {"amount": "12.50"}), 403, "own-auction")


def test_a_bid_on_nothing_or_on_a_draft_is_not_found(bidder, seller):
    draft = factories.auction(seller.id, state="draft")
    for id in (draft.id, 999_999, 2**63 - 1, 2**63, 10**30):
        refused(bidder.post(f"/auctions/{id}/bids", {"amount": "12.50"}), 404, "not-found")


@pytest.mark.parametrize("amount", [12.5, 12, "1e3", "NaN", "-1", "0.00", " 12.50", "12,50", "1_000", "١٢", "012",
                                    "12.505", "", None, [], {}, True, "12.50\n", "9" * 11, "9" * 100_000])
def test_only_plain_decimal_strings_are_amounts(bidder, lot, amount):
    refused(bidder.post(f"/auctions/{lot}/bids", {"amount": amount}), 422, "invalid-amount")
    assert bidder.get(f"/auctions/{lot}").json["bid_count"] == 0


def test_a_missing_amount_is_an_invalid_one(bidder, lot):
    problem = refused(bidder.post(f"/auctions/{lot}/bids", {}), 422, "invalid-amount")
    assert "amount" in problem["errors"]


def test_an_unknown_kind_is_refused(bidder, lot):
    problem = refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50", "kind": "sniper"}), 422, "validation")
    assert list(problem["errors"]) == ["kind"]


def test_members_that_are_not_known_change_nothing(bidder, lot):
    body = {"amount": "12.50", "bidder_id": 1, "leading": False, "placed_at": "1999-01-01T00:00:00Z"}
    bid = bidder.post(f"/auctions/{lot}/bids", body).json
    assert bid["leading"] is True and bid["placed_at"] > "2000"


def test_the_same_key_gives_the_same_answer_once(bidder, lot):
    headers = {"Idempotency-Key": "one"}
    first = bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}, headers=headers)
    again = bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert bidder.get(f"/auctions/{lot}").json["bid_count"] == 1
    refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "13.50"}, headers=headers), 422, "idempotency-key-reuse")


def test_a_key_is_the_callers_own(bidder, program_of, lot):
    other = program_of(money_cents=100_000)
    headers = {"Idempotency-Key": "one"}
    bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}, headers=headers)
    second = other.post(f"/auctions/{lot}/bids", {"amount": "13.50"}, headers=headers)
    assert second.json["bidder"] == "Bidder 2"


@pytest.mark.parametrize("key", ["k" * 256, "schlüssel"])
def test_a_key_that_cannot_be_kept_is_refused(bidder, lot, key):
    refused(bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"},
                        headers={"Idempotency-Key": key.encode().decode("latin-1")}), 422, "validation")


def test_one_key_sent_by_many_at_once_bids_once(app, bidder, lot):
    answers = posts_at_once(app, bidder, 6, f"/auctions/{lot}/bids", {"amount": "12.50"}, {"Idempotency-Key": "k"})
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert bidder.get(f"/auctions/{lot}").json["bid_count"] == 1
    db.session.rollback()
    assert db.session.query(Hold).count() == 1
