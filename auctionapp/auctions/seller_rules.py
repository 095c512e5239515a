"""What a seller may still do with an own lot, as pure decisions (R4, R9): pages ask what they offer, services what they do.

Amounts are integer cents, times aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from auctionapp.auctions import rules
from auctionapp.errors import Conflict
from auctionapp.money import shown_amount

VOIDED_BEFORE = timedelta(hours=12)
"""R9: with this or more left a seller may end a lot with a reason, its bids void; with less, only sell to the leader."""
OFFER_STANDS = timedelta(hours=48)
"""So long the bidder may answer a second-chance offer."""
OFFERED_WITHIN = timedelta(days=30)
"""So long after the end a second chance may be offered."""
MOST_OFFERS = 3
"""Of one lot, one after another: nobody is pressed without end."""
VOID, SELL = "void", "sell"


@dataclass(frozen=True)
class Offers:
    """What became of a lot after its end, besides its own row."""

    made: int = 0
    """Second-chance offers so far."""
    standing: bool = False
    """One of them is open."""
    relisted_as: int | None = None


def way_to_end(lot: Any, now: datetime) -> str:
    """VOID or SELL: how its seller may end this lot before its time (R9). Raises Conflict with the reason against it."""
    if not rules.takes_bids(lot.state, lot.starts_at, lot.ends_at, now):
        raise Conflict("Only a lot that is live can be ended early.")
    if not lot.bid_number:
        raise Conflict("Nobody has bid yet, so the lot can simply be deleted.")
    if lot.ends_at - now >= VOIDED_BEFORE:
        return VOID
    if lot.leader_id is None:
        raise Conflict("With less than 12 hours left a lot can only be ended by selling it to who leads, and nobody leads.")
    return SELL


def refuse_other_reserve(lot: Any, now: datetime) -> None:
    """Raises Conflict when the reserve of a lot with bids can no longer be lowered (R4)."""
    if lot.state != "open" or lot.ends_at <= now:
        raise Conflict("This lot is not on sale.")
    if lot.reserve_price_cents is None:
        raise Conflict("This lot has no reserve.")
    if lot.reserve_lowered_at is not None and lot.bid_number:
        raise Conflict("The reserve was lowered once already.")
    if lot.bid_number and lot.ends_at - now < rules.RESERVE_LOWERED_BEFORE:
        raise Conflict("The reserve can be lowered up to 12 hours before the end.")


def refuse_second_chance(lot: Any, offers: Offers, now: datetime) -> None:
    """Raises Conflict unless this lot may be offered to its highest bidder now (R4)."""
    unmet = lot.leader_id is not None and rules.reserve_met(lot.reserve_price_cents, lot.leader_maximum_cents) is False
    if lot.state != "unsold" or not unmet:
        raise Conflict("A second chance can be offered for a lot that ended below its reserve.")
    if offers.relisted_as is not None:
        raise Conflict("This lot is relisted, so it cannot be offered to its last bidder too.")
    if offers.standing:
        raise Conflict("An offer stands already. Withdraw it before you make another.")
    if offers.made >= MOST_OFFERS:
        raise Conflict(f"A lot can be offered {MOST_OFFERS} times, and it was.")
    if now - lot.closed_at > OFFERED_WITHIN:
        raise Conflict(f"A second chance can be offered within {OFFERED_WITHIN.days} days of the end.")


def second_chance_cents(lot: Any, asked_cents: int | None) -> int:
    """The amount of an offer: the highest bidder's maximum (None), or one up to the last price.

    What lies between the two is not for choosing: a refusal would tell the seller where the maximum is (R19). Raises
    Conflict for more than the last price.
    """
    if asked_cents is None:
        return int(lot.leader_maximum_cents)
    if asked_cents > lot.price_cents:
        raise Conflict(f"Ask for at most the last price, {shown_amount(lot.price_cents)}, or for the bidder's maximum.")
    return asked_cents


def refuse_relisting(lot: Any, offers: Offers) -> None:
    """Raises Conflict unless this lot may be put on sale once more under its own history."""
    if lot.state != "unsold":
        raise Conflict("Only a lot that was not sold can be relisted. Sell a similar one instead.")
    if offers.relisted_as is not None:
        raise Conflict("This lot is relisted already.")
    if offers.standing:
        raise Conflict("A second-chance offer for this lot stands. Withdraw it first, or wait for the answer.")


ACTIONS = ("publish", "edit", "add", "reserve", "end", "sell_now", "delete", "offer", "withdraw_offer", "handover", "relist",
           "similar")


def actions(lot: Any, offers: Offers, now: datetime) -> list[str]:
    """Names out of ACTIONS that its seller may take now."""
    on_sale = lot.state == "open" and lot.ends_at > now
    may = {
        "publish": lot.state == "draft",
        "edit": not lot.bid_number and (lot.state == "draft" or on_sale),
        "add": bool(lot.bid_number) and on_sale,
        "reserve": bool(lot.bid_number) and not _refused(refuse_other_reserve, lot, now),
        "end": _way(lot, now) == VOID,
        "sell_now": _way(lot, now) == SELL,
        "delete": not lot.bid_number and (lot.state == "draft" or on_sale),
        "offer": not _refused(refuse_second_chance, lot, offers, now),
        "withdraw_offer": offers.standing,
        "handover": lot.state == "sold",
        "relist": not _refused(refuse_relisting, lot, offers),
        "similar": lot.state != "draft",
    }
    return [name for name in ACTIONS if may[name]]


def _way(lot: Any, now: datetime) -> str | None:
    try:
        return way_to_end(lot, now)
    except Conflict:
        return None


def _refused(judge: Any, *facts: Any) -> bool:
    try:
        judge(*facts)
    except Conflict:
        return True
    return False
