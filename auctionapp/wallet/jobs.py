"""Periodic work of the wallet (`schedule.py`)."""

import logging

from auctionapp.errors import NotSetUp
from auctionapp.wallet import gateway, queries, services

log = logging.getLogger(__name__)


def ask_about_pending() -> None:
    """Ask the gateway about the pending payments that are due; one that fails stops no other."""
    try:
        name = gateway.current().name
    except NotSetUp:
        return
    for payment_id in queries.payments_to_ask_about(name):
        try:
            services.ask_gateway(payment_id)
        except Exception:
            log.exception("Asking about payment %s failed", payment_id)
