"""The caller's own wallet."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app

from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer, listed, page_of
from auctionapp.api.authentication import caller
from auctionapp.api.blueprint import blueprint
from auctionapp.api.bodies import idempotency_key
from auctionapp.money import format_amount
from auctionapp.wallet import queries, services

TAGS = ["Wallet"]


@blueprint.route("/wallet", tags=TAGS)
@blueprint.operation()
@blueprint.response(200, schemas.WalletSchema)
def wallet() -> Response:
    """What is available, held and on its way out"""
    cents = queries.balances(caller().id)
    figures = {kind: format_amount(cents[kind]) for kind in ("available", "held", "withdrawing")}
    total = format_amount(cents["available"] + cents["held"])
    return answer({"currency": current_app.config["CURRENCY"]} | figures | {"total": total})


@blueprint.route("/wallet/entries", tags=TAGS)
@blueprint.operation()
@blueprint.arguments(schemas.PageQuery, location="query")
@blueprint.response(200, schemas.EntryPageSchema)
def entries(query: dict[str, Any]) -> Response:
    """Every change of what is available, newest first"""
    page, per_page = page_of(query)
    found = queries.entries(caller().id, page, per_page)
    return listed([entry.answer() for entry in found.items], page, per_page, found.total)


@blueprint.route("/wallet/deposits", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, idempotent=True)
@blueprint.arguments(schemas.PaymentBody)
@blueprint.response(201, schemas.PaymentSchema)
def deposit(body: dict[str, Any]) -> Response:
    """Begin a deposit

    It is pending until the payment at `payment_url` is completed or declined.
    """
    return _pay(services.deposit, body["amount"])


@blueprint.route("/wallet/withdrawals", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, idempotent=True)
@blueprint.arguments(schemas.PaymentBody)
@blueprint.response(201, schemas.PaymentSchema)
def withdraw(body: dict[str, Any]) -> Response:
    """Withdraw what is available

    The amount is set aside at once and paid out by the gateway. Refused with 422 `insufficient-funds`.
    """
    return _pay(services.withdraw, body["amount"])


def _pay(service: Callable[..., dict[str, Any]], amount_cents: int) -> Response:
    person_id = caller().id
    return answer(service(person_id, amount_cents, idempotency_key(person_id, str(amount_cents))), 201)
