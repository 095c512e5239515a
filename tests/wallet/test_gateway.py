"""Deposits and withdrawals, and what the gateway says about them (R14; faults 9 to 13)."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from auctionapp import idempotency
from auctionapp.auctions.services import bidding
from auctionapp.clock import SetClock
from auctionapp.errors import Conflict, IdempotencyKeyReuse, InsufficientFunds, InvalidAmount, NotFound
from auctionapp.extensions import db
from auctionapp.wallet import gateway, jobs, queries, sandbox, services, webhook
from auctionapp.wallet.gateway import GatewayUnreachable, Report
from auctionapp.wallet.models import Account, Payment, SandboxPayment, Transfer
from tests import factories
from tests.at_once import at_once
from tests.factories import assert_ledger_clean


@pytest.fixture
def person(app):
    return factories.bidder()


def balances(person: int) -> dict[str, int]:
    db.session.rollback()
    return queries.balances(person)


def callback(reference: str, state: str = "completed", amount: str = "10.00", **more) -> bytes:
    return json.dumps({"reference": reference, "state": state, "amount": amount, "currency": "EUR"} | more).encode()


def call(client, raw: bytes, **headers):
    return client.post("/webhooks/gateway", data=raw, headers=webhook.sign(raw) | headers)


class Slow:
    """A gateway that takes the order and answers too late; later it can be asked."""

    name = "slow"
    received: dict[str, Report]

    def __init__(self, takes: bool = True):
        self.takes, self.received = takes, {}

    def start(self, order):
        if self.takes:
            self.received[order.key] = Report("completed", f"slow-{order.key}", None, order.amount_cents)
        raise GatewayUnreachable("timed out")

    def state_of(self, key):
        return self.received.get(key, Report("unknown"))


def use(app, gate) -> None:
    gateway.register(app, gate)
    app.config["GATEWAY"] = gate.name


def make_all_due() -> None:
    db.session.execute(update(Payment).where(Payment.state == "pending")
                       .values(ask_again_at=datetime.now(UTC) - timedelta(seconds=1)))
    db.session.commit()


def test_a_deposit_is_pending_with_its_reference_until_the_callback(client, person):
    answer = services.deposit(person, 1000)
    assert answer == {
        "id": answer["id"], "kind": "deposit", "amount": "10.00", "status": "pending",
        "external_reference": answer["external_reference"],
        "payment_url": f"http://127.0.0.1:8000/sandbox/payments/{answer['external_reference']}"}
    assert balances(person)["available"] == 0
    told = call(client, callback(answer["external_reference"]))
    assert (told.status_code, told.json) == (200, {"result": "completed", "repeated": False})
    assert balances(person)["available"] == 1000
    assert_ledger_clean()


def test_a_repeated_callback_has_one_effect(client, person):
    reference = services.deposit(person, 1000)["external_reference"]
    answers = [call(client, callback(reference)).json["repeated"] for _ in range(3)]
    assert answers == [False, True, True]
    assert balances(person)["available"] == 1000
    assert_ledger_clean()


@pytest.mark.parametrize(("first", "then"), [("completed", "failed"), ("failed", "completed")])
@pytest.mark.parametrize("kind", ["deposit", "withdrawal"])
def test_the_first_final_state_wins(client, person, kind, first, then):
    factories.give_money(person, 1000)
    pay = services.deposit if kind == "deposit" else services.withdraw
    reference = pay(person, 1000)["external_reference"]
    assert call(client, callback(reference, first)).status_code == 200
    stands = balances(person)
    contradiction = call(client, callback(reference, then))
    assert contradiction.status_code == 409 and "already" in contradiction.json["error"]
    assert balances(person) == stands
    assert_ledger_clean()


def test_forged_late_and_foreign_callbacks_have_no_effect(client, person):
    reference = services.deposit(person, 1000)["external_reference"]
    raw = callback(reference)
    good = webhook.sign(raw)
    stamp, signature = webhook.TIMESTAMP_HEADER, webhook.SIGNATURE_HEADER
    forged = [
        ({}, 401), ({stamp: good[stamp]}, 401), ({signature: good[signature]}, 401),
        (good | {signature: "0" * 64}, 401), (good | {signature: ""}, 401), (good | {signature: "é" * 64}, 401),
        (good | {stamp: str(int(good[stamp]) + 1)}, 401), (good | {stamp: "now"}, 401), (good | {stamp: "-1"}, 401),
        (webhook.sign(raw, int(time.time()) - 301), 401), (webhook.sign(raw, int(time.time()) + 302), 401),
        (webhook.sign(raw + b" "), 401),
    ]
    for headers, status in forged:
        assert client.post("/webhooks/gateway", data=raw, headers=headers).status_code == status, headers
    assert call(client, callback(reference, amount="10.01")).status_code == 409
    assert call(client, callback(reference, currency="USD")).status_code == 409
    assert call(client, callback("sbx_unknown")).status_code == 404
    assert balances(person)["available"] == 0
    assert client.get("/webhooks/gateway").status_code == 405


@pytest.mark.parametrize("raw", [
    b"", b"{", b"[]", b"null", b"7", b'"x"', b"{}", b"\xff\xfe", b"[" * 5000,
    callback("\0"), callback("\ud800"), callback("é"), callback("x" * 200), callback(7), callback(None), callback("r", "pending"),
    callback("r", "done"), callback("r", ["completed"]), callback("r", {}), callback("r", amount="NaN"),
    callback("r", amount=10), callback("r", amount="-10.00"), callback("r", amount=None)])
def test_signed_nonsense_is_400(client, raw):
    assert call(client, raw).status_code == 400


def test_too_large_a_callback_is_413(client):
    assert call(client, b" " * 20_000).status_code == 413


def test_an_operator_sets_the_secret_of_the_callbacks(app, client, person):
    reference = services.deposit(person, 1000)["external_reference"]
    old = webhook.sign(callback(reference))
    app.config["GATEWAY_SECRET"] = "agreed with the gateway"
    assert client.post("/webhooks/gateway", data=callback(reference), headers=old).status_code == 401
    assert call(client, callback(reference)).status_code == 200


def test_an_idempotency_key_gives_the_first_answer_again(client, person):
    def key(body: str) -> idempotency.Key:
        return idempotency.Key(person, "POST", "/api/v1/wallet/deposits", "k1", body)

    first = services.deposit(person, 1000, key("a"))
    call(client, callback(first["external_reference"]))
    assert services.deposit(person, 1000, key("a")) == first
    with pytest.raises(IdempotencyKeyReuse):
        services.deposit(person, 2000, key("b"))
    assert balances(person)["available"] == 1000


def test_a_refused_withdrawal_keeps_nothing_under_its_key(person):
    key = idempotency.Key(person, "POST", "/w", "k1", "a")
    with pytest.raises(InsufficientFunds) as refusal:
        services.withdraw(person, 500, key)
    assert (refusal.value.available_cents, refusal.value.missing_cents) == (0, 500)
    factories.give_money(person, 500)
    assert services.withdraw(person, 500, key)["status"] == "pending"
    assert_ledger_clean()


@pytest.mark.parametrize("cents", [0, -1, services.MAXIMUM_PAYMENT_CENTS + 1])
def test_amounts_outside_the_limits_are_refused(person, cents):
    for pay in (services.deposit, services.withdraw, services.deposit_by_operator):
        with pytest.raises(InvalidAmount):
            pay(person, cents)


@pytest.mark.made_up_books
def test_a_wallet_has_an_upper_limit(person):
    factories.give_money(person, 1)
    db.session.execute(update(Account).where(Account.owner_id == person, Account.kind == "held")
                       .values(balance_cents=services.MAXIMUM_WALLET_CENTS - 1))
    db.session.commit()
    for pay in (services.deposit, services.deposit_by_operator):
        with pytest.raises(InvalidAmount):
            pay(person, 1)


def test_a_time_out_leaves_the_deposit_pending_and_it_is_asked_about_by_key(app, person):
    slow = Slow()
    use(app, slow)
    answer = services.deposit(person, 1000)
    assert (answer["status"], answer["external_reference"]) == ("pending", None)
    jobs.ask_about_pending()
    assert balances(person)["available"] == 0, "it is not yet time to ask"
    make_all_due()
    jobs.ask_about_pending()
    jobs.ask_about_pending()
    assert balances(person)["available"] == 1000
    assert db.session.get(Payment, answer["id"]).external_reference == f"slow-payment-{answer['id']}"
    assert len(slow.received) == 1
    assert_ledger_clean()


def test_an_order_that_never_arrived_fails_after_a_while_and_the_money_comes_back(app, person):
    factories.give_money(person, 1000)
    use(app, Slow(takes=False))
    payment_id = services.withdraw(person, 1000)["id"]
    make_all_due()
    jobs.ask_about_pending()
    assert balances(person) == {"available": 0, "held": 0, "withdrawing": 1000}
    later = SetClock(datetime.now(UTC) + timedelta(minutes=11))
    services.ask_gateway(payment_id, later)
    assert balances(person) == {"available": 1000, "held": 0, "withdrawing": 0}
    entry = queries.entries(person).items[0]
    assert (entry.kind, entry.status, entry.amount_cents) == ("withdrawal", "failed", -1000)
    assert_ledger_clean()


def test_a_gateway_that_reports_another_amount_leaves_the_payment_pending(app, person):
    slow = Slow()
    use(app, slow)
    payment_id = services.deposit(person, 1000)["id"]
    slow.received[f"payment-{payment_id}"] = Report("completed", "slow-1", None, 999)
    services.ask_gateway(payment_id)
    assert balances(person)["available"] == 0
    assert db.session.get(Payment, payment_id).state == "pending"


def test_the_gateway_is_asked_less_and_less_often(app, person):
    use(app, Slow(takes=False))
    payment_id = services.deposit(person, 1000)["id"]
    begun = db.session.get(Payment, payment_id).created_at
    services.ask_gateway(payment_id, SetClock(begun + timedelta(minutes=5)))
    db.session.rollback()
    assert db.session.get(Payment, payment_id).ask_again_at == begun + timedelta(minutes=10)


def test_a_decision_whose_callback_was_lost_is_found_by_asking(app, person):
    answer = services.deposit(person, 1000)
    db.session.execute(update(SandboxPayment).values(state="completed"))
    db.session.commit()
    services.ask_gateway(answer["id"])
    assert balances(person)["available"] == 1000
    assert_ledger_clean()


def test_the_sandbox_gives_up_on_what_nobody_approves(app, person):
    answer = services.deposit(person, 1000)
    db.session.execute(update(SandboxPayment).values(created_at=datetime.now(UTC) - timedelta(hours=25)))
    db.session.commit()
    services.ask_gateway(answer["id"])
    assert db.session.get(Payment, answer["id"]).state == "failed"
    assert sandbox.decide(answer["external_reference"], True) == "failed"
    assert balances(person)["available"] == 0


def test_a_request_repeated_after_a_crash_goes_on_with_the_same_order(app, person):
    class Dying(sandbox.Sandbox):
        name = "dying"
        deaths = 1

        def start(self, order):
            report = super().start(order)
            if self.deaths:
                self.deaths -= 1
                raise KeyboardInterrupt
            return report

    use(app, Dying())
    key = idempotency.Key(person, "POST", "/d", "k1", "a")
    with pytest.raises(KeyboardInterrupt):
        services.deposit(person, 1000, key)
    answer = services.deposit(person, 1000, key)
    assert answer["external_reference"].startswith("sbx_")
    assert db.session.scalars(select(SandboxPayment)).one().reference == answer["external_reference"]
    assert db.session.scalars(select(Payment)).one().id == answer["id"]


def test_finish_payment_refuses_what_it_does_not_know(person):
    reference = services.deposit(person, 1000)["external_reference"]
    with pytest.raises(NotFound):
        services.finish_payment("nothing", "completed", 1000)
    with pytest.raises(Conflict):
        services.finish_payment(reference, "completed", 1001)


# -- races ----------------------------------------------------------------------------------------------------------


def test_callbacks_at_once_have_one_effect(app, person):
    reference = services.deposit(person, 1000)["external_reference"]
    raw = callback(reference)
    db.session.rollback()
    results = at_once(app, *[lambda: webhook.receive(raw, webhook.sign(raw))] * 6)
    assert sorted(answer["repeated"] for _status, answer in results) == [False] + [True] * 5
    assert balances(person)["available"] == 1000
    assert_ledger_clean()


def test_contradictory_callbacks_at_once_leave_one_state(app, person):
    factories.give_money(person, 1000)
    reference = services.withdraw(person, 1000)["external_reference"]
    db.session.rollback()
    raws = [callback(reference, state) for state in ("completed", "failed") * 3]
    results = at_once(app, *[lambda raw=raw: webhook.receive(raw, webhook.sign(raw)) for raw in raws])
    assert sorted(status for status, _answer in results) == [200] * 3 + [409] * 3
    left = {"completed": 0, "failed": 1000}[db.session.scalars(
        select(Payment).where(Payment.kind == "withdrawal")).one().state]
    assert balances(person) == {"available": left, "held": 0, "withdrawing": 0}
    assert_ledger_clean()


def test_withdrawals_at_once_never_exceed_the_balance(app, person):
    factories.give_money(person, 1000)
    db.session.rollback()
    results = at_once(app, *[lambda: services.withdraw(person, 400)] * 5)
    assert sum(isinstance(result, dict) for result in results) == 2
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 3
    assert balances(person) == {"available": 200, "held": 0, "withdrawing": 800}
    assert_ledger_clean()


def test_a_withdrawal_and_a_bid_at_once_cannot_both_have_the_money(app, person):
    factories.give_money(person, 1000)
    lot = factories.auction(starting_price_cents=700).id
    db.session.rollback()
    results = at_once(app, lambda: services.withdraw(person, 600),
                         lambda: bidding.place_bid(lot, bidding.Offer(person, "manual", 700)))
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 1, results
    assert balances(person) in ({"available": 400, "held": 0, "withdrawing": 600},
                                {"available": 300, "held": 700, "withdrawing": 0})
    assert_ledger_clean()


def test_a_double_click_on_the_very_first_deposit_is_one_payment(app, person):
    key = idempotency.Key(person, "POST", "/d", "k1", "a")
    db.session.rollback()
    results = at_once(app, *[lambda: services.deposit(person, 1000, key)] * 4)
    assert {result["external_reference"] for result in results} == {results[0]["external_reference"]}
    assert len(list(db.session.scalars(select(Payment)))) == 1


# -- whatever order ---------------------------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(
    st.sampled_from(["deposit", "withdraw", "completed", "failed", "operator", "ask"]),
    st.integers(0, 1), st.integers(1, 3000)), max_size=25)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_order_of_payments_and_callbacks_keeps_the_books(app, steps):
    people = [factories.bidder(), factories.bidder()]
    begun: list[tuple[str, int, int]] = []
    for action, who, number in steps:
        try:
            if action in ("deposit", "withdraw"):
                answer = getattr(services, action)(people[who], number)
                begun.append((answer["external_reference"], answer["id"], number))
            elif action == "operator":
                services.deposit_by_operator(people[who], number)
            elif begun:
                reference, payment_id, cents = begun[number % len(begun)]
                if action == "ask":
                    services.ask_gateway(payment_id)
                else:
                    services.finish_payment(reference, action, cents)
        except (InsufficientFunds, Conflict):
            pass
    assert_ledger_clean()
    for person in people:
        entries = queries.entries(person, per_page=100).items
        counted = sum(entry.amount_cents for entry in entries if entry.status == "completed"
                      or (entry.status == "pending" and entry.kind == "withdrawal"))
        assert counted == balances(person)["available"]
    assert {transfer.payment_id is None for transfer in db.session.scalars(select(Transfer))} <= {False}
