"""The wallet's pages, and the address that the gateway calls."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, jsonify, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx, idempotency
from auctionapp.errors import IdempotencyKeyReuse, InsufficientFunds, InvalidAmount
from auctionapp.extensions import csrf, limiter
from auctionapp.formatting import money_with_currency
from auctionapp.wallet import gateway, queries, services, webhook
from auctionapp.wallet.forms import AmountForm

blueprint = Blueprint("wallet", __name__)

ENTRIES_PER_PAGE = 20
payment_limit = limiter.shared_limit("60 per minute", "payments", methods=["POST"],
                                     key_func=lambda: f"person-{getattr(current_user, 'id', 0)}")


@blueprint.get("/dashboard/wallet")
@login_required
def show() -> str:
    """Figures, what is held for which lot, and the entries, newest first."""
    page = max(1, min(request.args.get("page", 1, type=int), 10**6))
    entries = queries.entries(current_user.id, page, ENTRIES_PER_PAGE)
    if page > entries.pages:
        entries = queries.entries(current_user.id, entries.pages, ENTRIES_PER_PAGE)
    figures = queries.figures([current_user.id])[0]
    return render_template("wallet/show.html", figures=figures, held_lots=queries.held_lots(current_user.id),
                           entries=entries)


@blueprint.route("/dashboard/wallet/deposits", methods=["GET", "POST"])
@login_required
@payment_limit
def deposit() -> Response:
    return _payment_form("wallet/deposit.html", services.deposit, "{} added to your wallet.")


@blueprint.route("/dashboard/wallet/withdrawals", methods=["GET", "POST"])
@login_required
@payment_limit
def withdraw() -> Response:
    return _payment_form("wallet/withdraw.html", services.withdraw, "{} paid out.")


@blueprint.post("/webhooks/gateway")
@csrf.exempt
def gateway_callback() -> Response:
    gateway.current()
    request.max_content_length = webhook.MAXIMUM_BYTES
    status, answer = webhook.receive(request.get_data(cache=False), dict(request.headers))
    response = jsonify(answer)
    response.status_code = status
    return response


def _payment_form(template: str, pay: Callable[..., dict[str, Any]], words: str) -> Response:
    gateway.current()
    form = AmountForm()
    if request.method == "GET":
        form.amount.data = request.args.get("amount", "")[:20]
    if form.validate_on_submit():
        try:
            answer = pay(current_user.id, form.amount_cents, _key(form))
        except (InsufficientFunds, InvalidAmount) as error:
            form.amount.errors = [error.text]
        except IdempotencyKeyReuse:
            form.renew_key()
            form.amount.errors = ["This form was sent before, with another amount. Look at your wallet before you "
                                  "send it once more."]
        else:
            if answer["status"] == "completed":
                flash(words.format(money_with_currency(form.amount_cents)), "good")
            return htmx.see_other(own_address(answer.get("payment_url")) or url_for("wallet.show"))
    if not form.is_submitted():
        form.renew_key()
    page = render_template(template, form=form, figures=queries.figures([current_user.id])[0])
    return Response(page, 422 if form.is_submitted() else 200)


def _key(form: AmountForm) -> idempotency.Key | None:
    if not form.key.data:
        return None
    return idempotency.Key(current_user.id, "POST", request.path, form.key.data, str(form.amount_cents))


@blueprint.app_template_filter()
def own_address(payment_url: str | None) -> str | None:
    """A payment's address; one of our own without the host, so that the reader stays where the session is."""
    own = current_app.config["PUBLIC_URL"]
    if payment_url and own and payment_url.startswith(own + "/"):
        return payment_url[len(own):]
    return payment_url
