"""The wallet's pages and the sandbox's (R14, R15; faults 10, 41, 44)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from auctionapp.accounts.models import User
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db, limiter
from auctionapp.wallet import queries
from auctionapp.wallet.models import Payment
from tests import factories
from tests.counting import statements
from tests.factories import assert_ledger_clean


@pytest.fixture
def person(app):
    return factories.user()


@pytest.fixture
def signed_in(app, client, person):
    factories.sign_in(client, person)
    return client


def payments() -> list[Payment]:
    db.session.rollback()
    return list(db.session.scalars(select(Payment).order_by(Payment.id)))


def test_a_deposit_leads_to_the_sandbox_and_an_approval_adds_the_money(signed_in, person):
    answer = signed_in.post("/dashboard/wallet/deposits", data={"amount": "50,5"})
    assert answer.status_code == 303
    assert re.fullmatch(r"/sandbox/payments/sbx_[0-9a-f]{20}", answer.location)
    page = signed_in.get(answer.location).text
    assert "50.50" in page and "No real money moves" in page and person.display_name in page
    assert queries.balances(person.id)["available"] == 0

    approved = signed_in.post(answer.location, data={"decision": "approve"})
    assert (approved.status_code, approved.location) == (303, "/dashboard/wallet")
    page = signed_in.get("/dashboard/wallet").text
    assert "added to your wallet" in page and "Completed" in page
    db.session.rollback()
    assert queries.balances(person.id)["available"] == 5050
    assert_ledger_clean()


def test_a_declined_deposit_changes_nothing_and_says_failed(signed_in, person):
    url = signed_in.post("/dashboard/wallet/deposits", data={"amount": "20"}).location
    signed_in.post(url, data={"decision": "decline"})
    assert queries.balances(person.id)["available"] == 0
    assert "Failed" in signed_in.get("/dashboard/wallet").text
    assert_ledger_clean()


def test_a_withdrawal_leaves_at_once_and_comes_back_when_declined(signed_in, person):
    factories.give_money(person.id, 10_000)
    url = signed_in.post("/dashboard/wallet/withdrawals", data={"amount": "40"}).location
    assert queries.balances(person.id) == {"available": 6000, "held": 0, "withdrawing": 4000}
    page = signed_in.get("/dashboard/wallet").text
    assert "Being paid out" in page and f'href="{url}"' in page
    signed_in.post(url, data={"decision": "decline"})
    db.session.rollback()
    assert queries.balances(person.id) == {"available": 10_000, "held": 0, "withdrawing": 0}
    url = signed_in.post("/dashboard/wallet/withdrawals", data={"amount": "40"}).location
    signed_in.post(url, data={"decision": "approve"})
    db.session.rollback()
    assert queries.balances(person.id) == {"available": 6000, "held": 0, "withdrawing": 0}
    assert_ledger_clean()


def test_more_than_available_is_refused_beside_the_field_and_the_input_is_kept(signed_in, person):
    factories.give_money(person.id, 1000)
    answer = signed_in.post("/dashboard/wallet/withdrawals", data={"amount": "10.01"})
    assert answer.status_code == 422
    assert "You have 10.00 available" in answer.text and 'value="10.01"' in answer.text
    assert 'aria-describedby="amount-hint amount-error"' in answer.text
    assert payments()[1:] == []


@pytest.mark.parametrize("amount", ["NaN", "1e999", "١٢", "12.345", "", "0", "0.00", "-1", "1_000", "Infinity",
                                    "+5", "1.", ".5", "007", "10000000000", "9999999999.99", "12,5,0", "a", "1 000"])
@pytest.mark.parametrize("path", ["/dashboard/wallet/deposits", "/dashboard/wallet/withdrawals"])
def test_nonsense_amounts_are_refused(signed_in, person, path, amount):
    answer = signed_in.post(path, data={"amount": amount})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert payments() == []


def test_a_missing_amount_is_refused(signed_in):
    assert signed_in.post("/dashboard/wallet/deposits", data={}).status_code == 422


def test_a_form_sent_twice_is_one_payment_and_leads_to_the_same_place(signed_in, person):
    key = re.search(r'name="key"[^>]*value="([^"]+)"', signed_in.get("/dashboard/wallet/deposits").text)[1]
    first = signed_in.post("/dashboard/wallet/deposits", data={"amount": "5", "key": key})
    again = signed_in.post("/dashboard/wallet/deposits", data={"amount": "5", "key": key})
    assert first.location == again.location
    other = signed_in.post("/dashboard/wallet/deposits", data={"amount": "6", "key": key})
    assert other.status_code == 422 and key not in other.text
    assert len(payments()) == 1


def test_a_key_that_is_not_ours_is_refused(signed_in):
    assert signed_in.post("/dashboard/wallet/deposits", data={"amount": "5", "key": "\0"}).status_code == 422
    assert signed_in.post("/dashboard/wallet/deposits", data={"amount": "5", "key": "x" * 300}).status_code == 422


def test_another_persons_payment_is_not_there(app, signed_in):
    url = signed_in.post("/dashboard/wallet/deposits", data={"amount": "5"}).location
    other = app.test_client()
    factories.sign_in(other, factories.user())
    assert other.get(url).status_code == 404
    assert other.post(url, data={"decision": "approve"}).status_code == 404
    assert payments()[0].state == "pending"


def test_the_sandbox_wants_a_decision_it_knows(signed_in):
    url = signed_in.post("/dashboard/wallet/deposits", data={"amount": "5"}).location
    assert signed_in.post(url, data={"decision": "maybe"}).status_code == 400
    assert signed_in.get("/sandbox/payments/sbx_unknown").status_code == 404


def test_the_first_decision_in_the_sandbox_stands(signed_in, person):
    url = signed_in.post("/dashboard/wallet/deposits", data={"amount": "5"}).location
    signed_in.post(url, data={"decision": "approve"})
    signed_in.post(url, data={"decision": "decline"})
    signed_in.post(url, data={"decision": "approve"})
    assert queries.balances(person.id)["available"] == 500
    assert_ledger_clean()


def test_auto_approval_completes_in_the_answer(app, signed_in, person):
    app.config["SANDBOX_AUTO_APPROVE"] = True
    answer = signed_in.post("/dashboard/wallet/deposits", data={"amount": "30"})
    assert (answer.status_code, answer.location) == (303, "/dashboard/wallet")
    signed_in.post("/dashboard/wallet/withdrawals", data={"amount": "10"})
    assert queries.balances(person.id) == {"available": 2000, "held": 0, "withdrawing": 0}
    assert_ledger_clean()


@pytest.mark.parametrize("gateway", ["", "stripe"])
def test_without_a_gateway_deposits_say_that_they_are_not_set_up(app, signed_in, gateway):
    app.config["GATEWAY"] = gateway
    for path in ("/dashboard/wallet/deposits", "/dashboard/wallet/withdrawals"):
        assert signed_in.get(path).status_code == 503
        answer = signed_in.post(path, data={"amount": "5"})
        assert answer.status_code == 503 and "not set up here" in answer.text
    assert signed_in.post("/webhooks/gateway", data=b"{}").status_code == 503
    assert signed_in.get("/dashboard/wallet").status_code == 200
    assert payments() == []


def test_changing_requests_need_the_token(make_app, person):
    app = make_app(WTF_CSRF_ENABLED=True)
    client = app.test_client()
    factories.sign_in(client, person)
    for path in ("/dashboard/wallet/deposits", "/dashboard/wallet/withdrawals", "/sandbox/payments/sbx_1"):
        assert client.post(path, data={"amount": "5", "decision": "approve"}).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/dashboard/wallet/deposits").text)[1]
    url = client.post("/dashboard/wallet/deposits", data={"amount": "5", "csrf_token": token}).location
    assert client.post(url, data={"decision": "approve", "csrf_token": token}).status_code == 303
    assert client.post("/webhooks/gateway", data=b"{}").status_code == 401


def sold_lot(title: str = "Brass telescope") -> tuple[int, int, int]:
    """A lot sold for 30.00 whose winner had bid up to 50.00: ids of lot, seller and winner, who both had 200.00."""
    end = datetime.now(UTC) + timedelta(hours=1)
    lot = factories.auction(ends_at=end, bid_step_cents=100, title=title)
    lot, seller = lot.id, lot.seller_id
    winner, loser = factories.bidder(20_000), factories.bidder(20_000)
    bidding.place_bid(lot, bidding.Offer(winner, "auto", 5000))
    bidding.place_bid(lot, bidding.Offer(loser, "auto", 2900))
    closing.close(lot, SetClock(end))
    return lot, seller, winner


def test_the_entries_of_a_sale_add_up_to_what_is_available(app):
    lot, seller, winner = sold_lot()
    bought = [(entry.kind, entry.amount_cents, entry.auction_id) for entry in queries.entries(winner).items]
    assert sorted(bought[:3]) == [("purchase", -3000, lot), ("release", 2000, lot), ("release", 3000, lot)]
    assert bought[3:] == [("hold", -5000, lot), ("deposit", 20_000, None)]
    earned = [(entry.kind, entry.amount_cents, entry.auction_title) for entry in queries.entries(seller).items]
    assert earned == [("fee", -150, "Brass telescope"), ("sale", 3000, "Brass telescope")]
    for person_id in (seller, winner):
        items = queries.entries(person_id, per_page=100).items
        assert sum(entry.amount_cents for entry in items) == queries.balances(person_id)["available"]
        assert len({entry.id for entry in items}) == len(items)


def test_titles_are_inert_on_the_page(app, client):
    _lot, _seller, winner = sold_lot("<img src=x onerror=alert(1)>")
    db.session.rollback()
    factories.sign_in(client, db.session.get(User, winner))
    page = client.get("/dashboard/wallet").text
    assert "&lt;img src=x" in page and "<img src=x" not in page


def test_what_is_held_is_named_with_its_lot(app, client):
    lot, bidder = factories.auction(title="Sextant").id, factories.bidder(20_000)
    bidding.place_bid(lot, bidding.Offer(bidder, "auto", 5000))
    assert [(held.auction_id, held.title, held.amount_cents) for held in queries.held_lots(bidder)] == [
        (lot, "Sextant", 5000)]
    db.session.rollback()
    factories.sign_in(client, db.session.get(User, bidder))
    page = client.get("/dashboard/wallet").text
    assert "Sextant" in page and "50.00" in page and "150.00" in page


def test_entries_come_in_pages_that_miss_and_repeat_nothing(app, signed_in, person):
    for cents in range(1, 46):
        factories.give_money(person.id, cents)
    pages = [queries.entries(person.id, page, 20) for page in (1, 2, 3)]
    assert [entry.amount_cents for page in pages for entry in page.items] == list(range(45, 0, -1))
    assert {(page.total, page.pages) for page in pages} == {(45, 3)}
    assert "Page 3" in signed_in.get("/dashboard/wallet").text
    assert signed_in.get("/dashboard/wallet?page=99").text.count('id="entry-') == 5
    assert signed_in.get("/dashboard/wallet?page=-3").text.count('id="entry-') == 20


def test_the_page_takes_the_same_number_of_queries_however_much_there_is(app, signed_in, person):
    def queries_of_page() -> int:
        with statements() as asked:
            signed_in.get("/dashboard/wallet")
        return len(asked)

    few = queries_of_page()
    for cents in range(1, 30):
        factories.give_money(person.id, cents)
    for _ in range(3):
        bidding.place_bid(factories.auction().id, bidding.Offer(person.id, "manual", 1000)) \
            if queries.balances(person.id)["available"] >= 1000 else factories.give_money(person.id, 5000)
    assert queries_of_page() == few
    assert db.session.scalar(select(func.count()).select_from(Payment)) >= 29


def test_a_flood_of_payments_is_slowed_down_per_person(make_app, person, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", limiter.enabled)  # one object for all applications: put it back
    app = make_app(RATELIMIT_ENABLED=True)
    client, other = app.test_client(), app.test_client()
    factories.sign_in(client, person)
    factories.sign_in(other, factories.user())
    statuses = [client.post("/dashboard/wallet/withdrawals", data={"amount": "1"}).status_code for _ in range(61)]
    assert statuses == [422] * 60 + [429]
    assert other.post("/dashboard/wallet/withdrawals", data={"amount": "1"}).status_code == 422
    assert client.get("/dashboard/wallet").status_code == 200
