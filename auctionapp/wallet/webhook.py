"""The gateway's callback: believed only with our signature over the raw body and a fresh time (fault 11)."""

import hashlib
import hmac
import json
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from flask import current_app

from auctionapp.errors import DomainError
from auctionapp.money import parse_amount
from auctionapp.wallet import services

log = logging.getLogger(__name__)

TIMESTAMP_HEADER = "X-Gavel-Timestamp"
SIGNATURE_HEADER = "X-Gavel-Signature"
TIMESTAMP = re.compile("[0-9]{1,12}")
REFERENCE = re.compile("[!-~]{1,80}")
TOLERANCE_SECONDS = 300
MAXIMUM_BYTES = 16 * 1024

Answer = tuple[int, dict[str, Any]]


def sign(raw: bytes, timestamp: int | None = None) -> dict[str, str]:
    """The headers that make a body believed; `timestamp` in seconds since the epoch, now by default."""
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    return {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: _signature(stamp, raw)}


def receive(raw: bytes, headers: Mapping[str, str]) -> Answer:
    """Judge a callback and finish the payment it tells of; returns the answer's status and JSON.

    Whatever is forged, late, unknown, of another amount or contradictory has no effect, and the answer says so.
    """
    stamp, given = headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
    if not TIMESTAMP.fullmatch(stamp) or not hmac.compare_digest(_signature(stamp, raw).encode(), given.encode()):
        return _refused(401, "The signature does not fit.")
    if abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        return _refused(401, "This is too old, or from the future.")
    try:
        told = json.loads(raw)
        reference, state, amount = told["reference"], told["state"], parse_amount(told["amount"])
        currency = told["currency"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return _refused(400, "The body is not as agreed.")
    if not isinstance(reference, str) or not REFERENCE.fullmatch(reference):
        return _refused(400, "The body is not as agreed.")
    if state not in ("completed", "failed") or amount is None:
        return _refused(400, "The body is not as agreed.", reference)
    if currency != current_app.config["CURRENCY"]:
        return _refused(409, "This payment is in another currency.", reference)
    try:
        finished = services.finish_payment(reference, state, amount)
    except DomainError as error:
        return _refused(error.status, error.text, reference)
    return 200, {"result": finished.state, "repeated": not finished.changed}


def _signature(stamp: str, raw: bytes) -> str:
    return hmac.new(_secret(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def _secret() -> bytes:
    """GATEWAY_SECRET; without it a secret of its own is derived from SECRET_KEY."""
    config = current_app.config
    return (config["GATEWAY_SECRET"].encode()
            or hmac.new(config["SECRET_KEY"].encode(), b"gavel gateway callbacks", hashlib.sha256).digest())


def _refused(status: int, words: str, reference: str | None = None) -> Answer:
    log.warning("A callback of the gateway had no effect (%s, reference %.60r): %s", status, reference, words)
    return status, {"error": words}
