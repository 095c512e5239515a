"""Use cases of the wallet: deposit, withdraw, and what the gateway says became of it (R14).

Each contact with the gateway stands between two transactions, never inside one (fault 5): the payment is written
first, then the gateway is asked, then its reference is stored. A crash or a time-out between them leaves a pending
payment that `jobs.ask_about_pending` asks about by its key.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import events, idempotency, transaction
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, InsufficientFunds, InvalidAmount, NotFound
from auctionapp.extensions import db
from auctionapp.money import format_amount, shown_amount
from auctionapp.wallet import ledger
from auctionapp.wallet.gateway import Gateway, GatewayUnreachable, Report, current, order_for
from auctionapp.wallet.ledger import Accounts, Movement
from auctionapp.wallet.models import PERSON_KINDS, Payment

log = logging.getLogger(__name__)

MAXIMUM_PAYMENT_CENTS = 10**11
MAXIMUM_WALLET_CENTS = 10**14
"""A thousand million at once, a million million per person: 64 bits hold the sum of 90,000 such wallets."""
FIRST_QUESTION_AFTER = timedelta(seconds=60)
NEVER_RECEIVED_AFTER = timedelta(minutes=10)
"""An order that the gateway does not know after this time never reached it."""


@dataclass(frozen=True)
class Finished:
    payment_id: int
    state: str
    changed: bool
    """False when it had been finished so before."""


def deposit(user_id: int, amount_cents: int, key: idempotency.Key | None = None, clock: Clock = database_clock,
            ) -> dict[str, Any]:
    """Begin a deposit; returns the contract's answer {id, kind, amount, status, external_reference, payment_url?}.

    Raises NotSetUp without a gateway, InvalidAmount above the limits, IdempotencyKeyReuse.
    """
    return _pay("deposit", user_id, amount_cents, key, clock)


def withdraw(user_id: int, amount_cents: int, key: idempotency.Key | None = None, clock: Clock = database_clock,
             ) -> dict[str, Any]:
    """Set an amount aside (available → withdrawing) and ask the gateway to pay it out; the answer is deposit's.

    Raises InsufficientFunds, and what `deposit` raises.
    """
    return _pay("withdrawal", user_id, amount_cents, key, clock)


def deposit_by_operator(user_id: int, amount_cents: int, clock: Clock = database_clock) -> int:
    """A deposit that an operator has received by other means: complete at once. Returns the payment's id."""
    _refuse_above_maximum(amount_cents)

    def work(session: Session) -> int:
        accounts = _lock_own_accounts(session, user_id, house=("gateway",))
        now = clock.now(session)
        _refuse_too_full_wallet(accounts, user_id, amount_cents)
        payment = Payment(user_id=user_id, kind="deposit", amount_cents=amount_cents, gateway="operator",
                          external_reference=f"operator-{uuid4().hex}", created_at=now, ask_again_at=now)
        session.add(payment)
        session.flush()
        _finish(session, payment, accounts, "completed", None, now)
        return payment.id

    return transaction.write(work)


def finish_payment(external_reference: str, state: str, amount_cents: int, failure: str | None = None,
                   clock: Clock = database_clock) -> Finished:
    """Complete or fail a payment as the gateway reports it: once, the first final state wins (fault 11).

    Raises NotFound for an unknown reference, Conflict for another amount or a contradictory state.
    """
    def work(session: Session) -> Finished:
        payment = session.scalars(_locked(Payment.external_reference == external_reference)).one_or_none()
        if payment is None:
            raise NotFound("There is no payment with this reference.")
        if payment.amount_cents != amount_cents:
            raise Conflict("This payment is over another amount. Nothing was changed.")
        if payment.state == state:
            return Finished(payment.id, state, changed=False)
        if payment.state != "pending":
            raise Conflict(f"This payment is {payment.state} already. Nothing was changed.")
        _lock_and_finish(session, payment, state, failure, clock)
        return Finished(payment.id, state, changed=True)

    return transaction.write(work)


def ask_gateway(payment_id: int, clock: Clock = database_clock) -> None:
    """Ask the gateway by our key what became of a pending payment, and act on its answer (fault 12).

    Nothing is ever sent again: an order that the gateway does not know some time later has failed.
    """
    payment = db.session.get(Payment, payment_id)
    gateway = current()
    if payment is None or payment.gateway != gateway.name:
        return
    key = payment.merchant_key
    db.session.rollback()
    try:
        report = gateway.state_of(key)
    except GatewayUnreachable:
        report = Report("pending")

    def work(session: Session) -> None:
        payment = session.scalars(_locked(Payment.id == payment_id)).one()
        if payment.state != "pending":
            return
        payment.external_reference = payment.external_reference or report.external_reference
        payment.payment_url = payment.payment_url or report.payment_url
        if report.amount_cents not in (None, payment.amount_cents):
            log.error("The gateway reports another amount for payment %s; it stays pending", payment_id)
        elif report.state in ("completed", "failed"):
            _lock_and_finish(session, payment, report.state, None, clock)
            return
        now = clock.now(session)
        age = now - payment.created_at
        if report.state == "unknown" and age > NEVER_RECEIVED_AFTER:
            _lock_and_finish(session, payment, "failed", "The gateway never received it.", clock)
            return
        payment.ask_again_at = now + max(age, FIRST_QUESTION_AFTER)

    transaction.write(work)


def _pay(kind: str, user_id: int, amount_cents: int, key: idempotency.Key | None, clock: Clock) -> dict[str, Any]:
    gateway = current()
    _refuse_above_maximum(amount_cents)

    def begin(session: Session) -> dict[str, Any]:
        accounts = _lock_own_accounts(session, user_id)
        earlier = idempotency.earlier_result(session, key)
        if earlier is not None:
            return earlier
        now = clock.now(session)
        if kind == "deposit":
            _refuse_too_full_wallet(accounts, user_id, amount_cents)
        elif (available := accounts.balance(user_id, "available")) < amount_cents:
            raise InsufficientFunds(available, amount_cents - available)
        payment = Payment(user_id=user_id, kind=kind, amount_cents=amount_cents, gateway=gateway.name,
                          created_at=now, ask_again_at=now + FIRST_QUESTION_AFTER)
        session.add(payment)
        session.flush()
        if kind == "withdrawal":
            ledger.post(session, [Movement(
                accounts.id(user_id, "available"), accounts.id(user_id, "withdrawing"), amount_cents,
                "withdraw", f"withdraw:{payment.id}", payment_id=payment.id)], now)
        events.announce(session, events.WalletChanged((user_id,)))
        begun = {"begun": payment.id}
        idempotency.keep(session, key, begun, now)
        return begun

    begun = transaction.write(begin)
    if "begun" not in begun:
        return begun
    return _order(begun["begun"], gateway, key, clock)


def _order(payment_id: int, gateway: Gateway, key: idempotency.Key | None, clock: Clock) -> dict[str, Any]:
    """Give the gateway the order and store what it answers; the same payment twice is one order there."""
    payment = db.session.get_one(Payment, payment_id)
    order = order_for(payment.merchant_key, payment.kind, payment.amount_cents)
    db.session.rollback()
    try:
        report = gateway.start(order)
    except GatewayUnreachable as error:
        log.warning("The gateway did not answer about payment %s; it will be asked: %s", payment_id, error)
        report = Report("pending")

    def work(session: Session) -> dict[str, Any]:
        payment = session.scalars(_locked(Payment.id == payment_id)).one()
        payment.external_reference = payment.external_reference or report.external_reference
        payment.payment_url = payment.payment_url or report.payment_url
        if payment.state == "pending" and report.state in ("completed", "failed"):
            _lock_and_finish(session, payment, report.state, None, clock)
        answer = payment_answer(payment)
        idempotency.complete(session, key, answer)
        return answer

    return transaction.write(work)


def payment_answer(payment: Payment) -> dict[str, Any]:
    """A payment as the contract shows it."""
    answer = {"id": payment.id, "kind": payment.kind, "amount": format_amount(payment.amount_cents),
              "status": payment.state, "external_reference": payment.external_reference}
    if payment.state == "pending" and payment.payment_url:
        answer["payment_url"] = payment.payment_url
    return answer


def _lock_and_finish(session: Session, payment: Payment, state: str, failure: str | None, clock: Clock) -> None:
    accounts = ledger.lock_accounts(session, [payment.user_id], house=("gateway",))
    _finish(session, payment, accounts, state, failure, clock.now(session))


def _finish(session: Session, payment: Payment, accounts: Accounts, state: str, failure: str | None,
            now: datetime) -> None:
    """Write the final state of a pending payment and move its money. Its row and the accounts are locked."""
    gateway = accounts.id(None, "gateway")
    available, _held, withdrawing = (accounts.id(payment.user_id, kind) for kind in PERSON_KINDS)
    moves = {
        ("deposit", "completed"): (gateway, available, "deposit"),
        ("withdrawal", "completed"): (withdrawing, gateway, "withdrawn"),
        ("withdrawal", "failed"): (withdrawing, available, "withdraw_back"),
    }
    if move := moves.get((payment.kind, state)):
        debit, credit, kind = move
        ledger.post(session, [Movement(debit, credit, payment.amount_cents, kind, f"{kind}:{payment.id}",
                                       payment_id=payment.id)], now)
    payment.state, payment.failure, payment.finished_at, payment.ask_again_at = state, failure, now, None
    session.flush()
    events.announce(session, events.WalletChanged((payment.user_id,)))
    events.announce(session, events.PaymentFinished(payment.id))


def _locked(condition: Any) -> Any:
    return select(Payment).where(condition).with_for_update().execution_options(populate_existing=True)


def _lock_own_accounts(session: Session, user_id: int, house: tuple[str, ...] = ()) -> Accounts:
    """The person's accounts, made at the first payment, and the house's of these kinds, all locked."""
    made = session.scalar(select(ledger.Account.id).where(ledger.Account.owner_id == user_id).limit(1))
    if made is None:
        ledger.ensure_accounts(session, user_id)
    return ledger.lock_accounts(session, [user_id], house)


def _refuse_above_maximum(amount_cents: int) -> None:
    if amount_cents < 1:
        raise InvalidAmount()
    if amount_cents > MAXIMUM_PAYMENT_CENTS:
        raise InvalidAmount(f"At most {shown_amount(MAXIMUM_PAYMENT_CENTS)} at once.")


def _refuse_too_full_wallet(accounts: Accounts, user_id: int, amount_cents: int) -> None:
    total = sum(accounts.balance(user_id, kind) for kind in PERSON_KINDS)
    if total + amount_cents > MAXIMUM_WALLET_CENTS:
        raise InvalidAmount(f"A wallet holds at most {shown_amount(MAXIMUM_WALLET_CENTS)}.")
