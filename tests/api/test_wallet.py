
import pytest

from auctionapp.extensions import db
from auctionapp.wallet.models import Payment
from tests import factories
from tests.api.conftest import posts_at_once, refused

PAYMENT = {"id", "kind", "amount", "status", "external_reference"}
ENTRY = {"id", "kind", "amount", "status", "created_at"}


def test_the_wallet_shows_what_is_available_held_and_withdrawing(bidder, lot):
    assert bidder.get("/wallet").json == {
        "currency": "EUR", "available": "1000.00", "held": "0.00", "withdrawing": "0.00", "total": "1000.00"}
    bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"})
    bidder.post("/wallet/withdrawals", {"amount": "100.00"})
    assert bidder.get("/wallet").json == {
        "currency": "EUR", "available": "887.50", "held": "12.50", "withdrawing": "100.00", "total": "900.00"}


def test_a_new_person_has_an_empty_wallet(program_of):
    person = program_of()
    assert person.get("/wallet").json["total"] == "0.00"
    assert person.get("/wallet/entries").json == {"items": [], "page": 1, "per_page": 20, "total": 0}


def test_a_deposit_waits_for_the_gateway(bidder):
    answer = bidder.post("/wallet/deposits", {"amount": "25.5"})
    assert answer.status_code == 201
    payment = answer.json
    assert set(payment) == PAYMENT | {"payment_url"}
    assert (payment["kind"], payment["amount"], payment["status"]) == ("deposit", "25.50", "pending")
    assert bidder.get("/wallet").json["available"] == "1000.00"


def test_where_payments_are_approved_at_once_a_deposit_is_complete(app, bidder):
    app.config["SANDBOX_AUTO_APPROVE"] = True
    payment = bidder.post("/wallet/deposits", {"amount": "25.50"}).json
    assert payment["status"] == "completed" and set(payment) == PAYMENT
    assert bidder.get("/wallet").json["available"] == "1025.50"


def test_the_entries_are_the_changes_of_what_is_available_newest_first(bidder, lot):
    bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"})
    bidder.post("/wallet/withdrawals", {"amount": "100.00"})
    listed = bidder.get("/wallet/entries")
    assert set(listed.json) == {"items", "page", "per_page", "total"}
    withdrawal, hold, deposit = listed.json["items"]
    assert set(hold) == ENTRY | {"auction_id"} and hold["auction_id"] == lot
    assert set(withdrawal) == ENTRY | {"external_reference"}
    assert [(one["kind"], one["amount"], one["status"]) for one in (withdrawal, hold, deposit)] == [
        ("withdrawal", "-100.00", "pending"), ("hold", "-12.50", "completed"), ("deposit", "1000.00", "completed")]
    assert [one["kind"] for one in bidder.get("/wallet/entries?page=2&per_page=2").json["items"]] == ["deposit"]


def test_nobody_sees_another_wallet(bidder, program_of):
    other = program_of()
    bidder.post("/wallet/deposits", {"amount": "25.50"})
    assert other.get("/wallet/entries").json["total"] == 0


def test_more_than_is_available_cannot_be_withdrawn(bidder):
    problem = refused(bidder.post("/wallet/withdrawals", {"amount": "1000.01"}), 422, "insufficient-funds")
    assert problem["available"] == "1000.00"


@pytest.mark.parametrize("path", ["/wallet/deposits", "/wallet/withdrawals"])
@pytest.mark.parametrize("body", [{}, {"amount": 5}, {"amount": 5.0}, {"amount": "5,00"}, {"amount": "0"},
                                  {"amount": None}, {"amount": "9999999999.99"}, {"amount": ["5.00"]}])
def test_only_plain_decimal_strings_are_paid(bidder, path, body):
    if path.endswith("withdrawals") and body == {"amount": "9999999999.99"}:
        body = {"amount": "-1"}
    refused(bidder.post(path, body), 422, "invalid-amount")
    assert db.session.query(Payment).count() == 1


@pytest.mark.parametrize("path", ["/wallet/deposits", "/wallet/withdrawals"])
def test_the_same_key_pays_once(bidder, path):
    headers = {"Idempotency-Key": "one"}
    first, again = (bidder.post(path, {"amount": "25.50"}, headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (again.status_code, again.json)
    refused(bidder.post(path, {"amount": "25.51"}, headers=headers), 422, "idempotency-key-reuse")
    assert db.session.query(Payment).count() == 2


@pytest.mark.parametrize("path", ["/wallet/deposits", "/wallet/withdrawals"])
def test_one_key_sent_by_many_at_once_pays_once(app, bidder, path):
    answers = posts_at_once(app, bidder, 5, path, {"amount": "25.50"}, {"Idempotency-Key": "k"})
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    db.session.rollback()
    assert db.session.query(Payment).count() == 2


def test_a_blocked_person_has_no_wallet_here(program_of):
    program = program_of(factories.user(blocked_at=factories.datetime.now(factories.UTC)))
    refused(program.get("/wallet"), 401, "unauthorized")
