"""What a payment gateway must offer (R14), and the one that is set up here.

A gateway is another house: it has its own records, it may be slow or away, and it tells us later what became of a
payment (`webhook.py`). Nothing here is called inside a transaction.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from flask import Flask, current_app

from auctionapp.errors import NotSetUp

State = Literal["unknown", "pending", "completed", "failed"]


class GatewayUnreachable(Exception):
    """No answer: whether the gateway took the order is not known (fault 12)."""


@dataclass(frozen=True)
class Order:
    """What a gateway is asked to do. It takes one order per key: the same key again is the same payment."""

    key: str
    kind: str
    """`deposit` or `withdrawal`"""
    amount_cents: int
    currency: str


@dataclass(frozen=True)
class Report:
    """What the gateway says about a payment; `unknown`: it never received an order with this key."""

    state: State
    external_reference: str | None = None
    payment_url: str | None = None
    """Where the person decides, while it is pending."""
    amount_cents: int | None = None


class Gateway(Protocol):
    name: str

    def start(self, order: Order) -> Report:
        """Begin a payment; again with the same key it gives the same one. Raises GatewayUnreachable."""

    def state_of(self, key: str) -> Report:
        """What became of the order with this key. Raises GatewayUnreachable."""


def register(app: Flask, gateway: Gateway) -> None:
    app.extensions.setdefault("gateways", {})[gateway.name] = gateway


def current() -> Gateway:
    """The gateway named by the setting GATEWAY. Raises NotSetUp where there is none or an unknown one."""
    name = current_app.config["GATEWAY"]
    if not name:
        raise NotSetUp("Deposits and withdrawals are not set up here yet.")
    gateway = current_app.extensions["gateways"].get(name)
    if gateway is None:
        raise NotSetUp("Deposits and withdrawals are not set up here: the gateway in the settings is not known.")
    return gateway


def order_for(key: str, kind: str, amount_cents: int) -> Order:
    """An order in the site's currency."""
    return Order(key, kind, amount_cents, current_app.config["CURRENCY"])
