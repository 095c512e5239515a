"""The embedded gateway for trying things out: no real money moves.

It behaves as another house would: it keeps its own record, decides there first (its page, `sandbox_views.py`), and
then tells us with a signed callback. The callback is handed to `webhook.receive` as signed raw bytes instead of
being sent over HTTP: a request to ourselves would wait for ever where one worker serves (decision 0002).
"""

import json
import secrets
from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.clock import database_clock
from auctionapp.money import format_amount
from auctionapp.wallet import webhook
from auctionapp.wallet.gateway import Order, Report
from auctionapp.wallet.models import SandboxPayment

EXPIRES_AFTER = timedelta(hours=24)
"""What nobody approved in this time has failed."""


class Sandbox:
    name = "sandbox"

    def start(self, order: Order) -> Report:
        """Take the order once per key; with SANDBOX_AUTO_APPROVE it is approved at once."""
        state = "completed" if current_app.config["SANDBOX_AUTO_APPROVE"] else "pending"

        def work(session: Session) -> Report:
            session.execute(bulk.dialect_insert(session, SandboxPayment).values(
                reference=f"sbx_{secrets.token_hex(10)}", merchant_key=order.key, kind=order.kind,
                amount_cents=order.amount_cents, state=state, created_at=database_clock.now(session),
            ).on_conflict_do_nothing(index_elements=["merchant_key"]))
            return _report(session.scalars(_by_key(order.key)).one())

        return transaction.write(work)

    def state_of(self, key: str) -> Report:
        """The state in the sandbox's own record."""
        def work(session: Session) -> Report:
            too_old = database_clock.now(session) - EXPIRES_AFTER
            session.execute(
                update(SandboxPayment).values(state="failed")
                .where(SandboxPayment.merchant_key == key, SandboxPayment.state == "pending",
                       SandboxPayment.created_at < too_old)
                .execution_options(synchronize_session=False))
            payment = session.scalars(_by_key(key)).one_or_none()
            return _report(payment) if payment else Report("unknown")

        return transaction.write(work)


def decide(reference: str, approve: bool) -> str:
    """Approve or decline a payment in the sandbox's record, then tell the house; returns the state that stands.

    The first decision stands: another one only repeats the callback.
    """
    def work(session: Session) -> dict[str, str]:
        session.execute(
            update(SandboxPayment).values(state="completed" if approve else "failed")
            .where(SandboxPayment.reference == reference, SandboxPayment.state == "pending")
            .execution_options(synchronize_session=False))
        payment = session.get_one(SandboxPayment, reference, populate_existing=True)
        return {"reference": reference, "state": payment.state, "amount": format_amount(payment.amount_cents),
                "currency": current_app.config["CURRENCY"]}

    decision = transaction.write(work)
    raw = json.dumps(decision).encode()
    webhook.receive(raw, webhook.sign(raw))
    return decision["state"]


def _by_key(key: str):
    return select(SandboxPayment).where(SandboxPayment.merchant_key == key).execution_options(populate_existing=True)


def _report(payment: SandboxPayment) -> Report:
    url = f"{current_app.config['PUBLIC_URL']}/sandbox/payments/{payment.reference}"
    return Report(payment.state, payment.reference, url if payment.state == "pending" else None,  # type: ignore[arg-type]
                  payment.amount_cents)
