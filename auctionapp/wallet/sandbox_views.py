"""The sandbox gateway's page: a payment is approved or declined here, and no real money moves."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp.errors import NotFound
from auctionapp.formatting import money_with_currency
from auctionapp.wallet import queries, sandbox
from auctionapp.wallet.models import Payment

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox/payments")

WORDS = {
    ("deposit", "completed"): ("good", "{} added to your wallet."),
    ("deposit", "failed"): ("warning", "The payment of {} was declined. Your wallet is as before."),
    ("withdrawal", "completed"): ("good", "{} paid out."),
    ("withdrawal", "failed"): ("warning", "The withdrawal of {} was declined. The amount is available again."),
}


@blueprint.get("/<reference>")
@login_required
def show(reference: str) -> str:
    return render_template("wallet/sandbox.html", payment=_own(reference))


@blueprint.post("/<reference>")
@login_required
def decide(reference: str) -> Response:
    payment = _own(reference)
    kind, amount_cents = payment.kind, payment.amount_cents
    decision = request.form.get("decision")
    if decision not in ("approve", "decline"):
        abort(400)
    state = sandbox.decide(reference, decision == "approve")
    tone, words = WORDS[kind, state]
    flash(words.format(money_with_currency(amount_cents)), tone)
    return redirect(url_for("wallet.show"), 303)  # type: ignore[return-value]


def _own(reference: str) -> Payment:
    """The person's own sandbox payment. Raises NotFound for another's, and where the sandbox is not in use."""
    payment = queries.own_payment(current_user.id, reference)
    if current_app.config["GATEWAY"] != "sandbox" or payment is None or payment.gateway != "sandbox":
        raise NotFound()
    return payment
