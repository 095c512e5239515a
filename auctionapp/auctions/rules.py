"""The rules of bidding as pure decisions (R1 to R6): plain data in, a decision out; time is an argument.

Amounts are integer cents, times aware UTC. The price is a fold of `resolve` over the offers in order, never a
function of the present maxima alone (R2).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from auctionapp.errors import AuctionNotLive, BidTooLow, Conflict, OwnMaximumAgain
from auctionapp.money import shown_amount

Increments = Sequence[Sequence[int | None]]
"""Pairs of (price up to, increment) in cents, rising; the last has no limit (R1)."""

OVER = ("sold", "unsold", "cancelled")
"""States of an auction that was decided."""
RESERVE_LOWERED_BEFORE = timedelta(hours=12)


@dataclass(frozen=True)
class Terms:
    """What the seller and the house set for one auction."""

    starting_price_cents: int
    increments: Increments
    starts_at: datetime
    first_ends_at: datetime
    bid_step_cents: int | None = None
    reserve_price_cents: int | None = None
    soft_close: timedelta = timedelta(0)
    soft_close_cap: timedelta = timedelta(minutes=60)

    @classmethod
    def of(cls, auction: Any, increments: Increments) -> "Terms":
        """From an auction's row, or anything with the same names."""
        return cls(
            starting_price_cents=auction.starting_price_cents, increments=increments,
            starts_at=auction.starts_at, first_ends_at=auction.first_ends_at,
            bid_step_cents=auction.bid_step_cents, reserve_price_cents=auction.reserve_price_cents,
            soft_close=timedelta(seconds=auction.soft_close_seconds),
            soft_close_cap=timedelta(seconds=auction.soft_close_cap_seconds),
        )


class Standing(NamedTuple):
    """Where the bidding stands: the visible price, who leads, up to which secret maximum, until when."""

    ends_at: datetime
    price_cents: int | None = None
    leader_id: int | None = None
    leader_maximum_cents: int | None = None


class Step(NamedTuple):
    """One public row of the history to be written: the visible price it sets, by whom and why."""

    bidder_id: int
    kind: str
    amount_cents: int
    reason: str
    is_offer: bool


class Decision(NamedTuple):
    standing: Standing
    steps: tuple[Step, ...]
    extended: bool = False


def increment(terms: Terms, price_cents: int) -> int:
    """What is added to a price for the next minimum: the seller's step, else the house table's (R1, eBay US)."""
    if terms.bid_step_cents is not None:
        return terms.bid_step_cents
    return table_increment(terms.increments, price_cents)


def table_increment(increments: Increments, price_cents: int) -> int:
    """The house table's increment at a price, in cents."""
    for up_to_cents, step_cents in increments:
        if up_to_cents is None or price_cents <= up_to_cents:
            return step_cents  # type: ignore[return-value]
    raise ValueError("the increment table has no open end")


def next_minimum(terms: Terms, price_cents: int | None) -> int:
    """The least amount that is accepted now, in cents (R1)."""
    return terms.starting_price_cents if price_cents is None else price_cents + increment(terms, price_cents)


def reserve_met(reserve_price_cents: int | None, leader_maximum_cents: int | None) -> bool | None:
    """None where there is no reserve (R4)."""
    if reserve_price_cents is None:
        return None
    return leader_maximum_cents is not None and leader_maximum_cents >= reserve_price_cents


def status(state: str, starts_at: datetime | None, now: datetime) -> str:
    """The public status: an open auction is scheduled or live by its start alone (http-contract)."""
    if state != "open":
        return state
    return "scheduled" if starts_at is not None and now < starts_at else "live"


def takes_bids(state: str, starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """R6: from the start to before the effective end; exactly at the end it is over (fault 18)."""
    return state == "open" and starts_at is not None and ends_at is not None and starts_at <= now < ends_at


def refuse_unless_open(state: str) -> None:
    """Raises AuctionNotLive for anything but a published auction that has not been decided."""
    if state != "open":
        raise AuctionNotLive()


def is_hopeless(terms: Terms, standing: Standing, bidder_id: int, amount_cents: int) -> bool:
    """Whether an offer is below the minimum already: prices only rise, so nothing decided before it can help (R1)."""
    return bidder_id != standing.leader_id and amount_cents < next_minimum(terms, standing.price_cents)


def resolve(terms: Terms, standing: Standing, bidder_id: int, kind: str, amount_cents: int, now: datetime) -> Decision:
    """Decide one offer (R2, R3, R4, R5): `manual` makes its amount the price at once, `auto` names a maximum.

    Raises AuctionNotLive outside of [start, end), BidTooLow below the next minimum, OwnMaximumAgain for a
    leader's maximum that is not above the own one.
    """
    if not takes_bids("open", terms.starts_at, standing.ends_at, now):
        raise AuctionNotLive()
    if bidder_id == standing.leader_id:
        return _raise_own(terms, standing, kind, amount_cents)
    minimum = next_minimum(terms, standing.price_cents)
    if amount_cents < minimum:
        raise BidTooLow(minimum)
    ends_at = _extended_end(terms, standing.ends_at, now)
    decision = _challenge(terms, standing._replace(ends_at=ends_at), bidder_id, kind, amount_cents)
    return decision._replace(extended=ends_at != standing.ends_at)


def _challenge(terms: Terms, standing: Standing, bidder_id: int, kind: str, maximum: int) -> Decision:
    leader_maximum = standing.leader_maximum_cents
    if leader_maximum is None:
        price, reason = (maximum, "manual") if kind == "manual" else (terms.starting_price_cents, "first")
        return _take_lead(terms, standing, bidder_id, kind, maximum, price, reason)
    if maximum > leader_maximum:
        beaten = leader_maximum + increment(terms, leader_maximum)
        price, reason = (maximum, "manual") if kind == "manual" else (min(maximum, beaten), "outbid")
        return _take_lead(terms, standing, bidder_id, kind, maximum, price, reason)
    assert standing.leader_id is not None
    if maximum == leader_maximum:
        price, why_offer, why_answer = leader_maximum, "tie", "earlier"
    else:
        price, why_offer, why_answer = min(leader_maximum, maximum + increment(terms, maximum)), "beaten", "answer"
    return Decision(standing._replace(price_cents=price), (
        Step(bidder_id, kind, maximum, why_offer, is_offer=True),
        Step(standing.leader_id, "auto", price, why_answer, is_offer=False),
    ))


def _take_lead(terms: Terms, standing: Standing, bidder_id: int, kind: str, maximum: int, price: int,
               reason: str) -> Decision:
    price, reason = _at_reserve(terms.reserve_price_cents, maximum, price, reason)
    return Decision(
        standing._replace(price_cents=price, leader_id=bidder_id, leader_maximum_cents=maximum),
        (Step(bidder_id, kind, price, reason, is_offer=True),),
    )


def _raise_own(terms: Terms, standing: Standing, kind: str, amount: int) -> Decision:
    """The leader's own raise. It never extends the end, even when it moves the price (R5)."""
    price, maximum = standing.price_cents, standing.leader_maximum_cents
    assert price is not None and maximum is not None and standing.leader_id is not None
    minimum = next_minimum(terms, price)
    if kind == "manual":
        if amount < minimum:
            raise BidTooLow(minimum, f"You are leading. To raise the price, bid at least {shown_amount(minimum)}.")
        new_price, reason = amount, "raise"
    else:
        if amount <= maximum:
            raise OwnMaximumAgain(minimum, f"Your maximum is {shown_amount(maximum)} already. Name a higher one.")
        new_price, reason = _at_reserve(terms.reserve_price_cents, amount, price, "raise")
    raised = standing._replace(price_cents=new_price, leader_maximum_cents=max(maximum, amount))
    if new_price == price:
        return Decision(raised, ())
    return Decision(raised, (Step(standing.leader_id, kind, new_price, reason, is_offer=True),))


def _at_reserve(reserve: int | None, maximum: int, price: int, reason: str) -> tuple[int, str]:
    """R4: once the leader's maximum reaches the reserve, the price is at least the reserve."""
    if reserve is not None and price < reserve <= maximum:
        return reserve, "reserve"
    return price, reason


def _extended_end(terms: Terms, ends_at: datetime, now: datetime) -> datetime:
    """R5: a challenger's accepted bid inside the window moves the end, within the house's cap."""
    if not terms.soft_close or ends_at - now > terms.soft_close:
        return ends_at
    return max(ends_at, min(now + terms.soft_close, terms.first_ends_at + terms.soft_close_cap))


def lower_reserve(terms: Terms, standing: Standing, reserve_cents: int | None, lowered_before: bool,
                  now: datetime) -> Decision:
    """R4: a seller lowers the reserve (None: gives it up), once, with 12 hours or more left; nothing is extended.

    Raises Conflict when there is none, it is not lower, it was lowered before, or it is too late.
    """
    present = terms.reserve_price_cents
    if present is None or (reserve_cents is not None and reserve_cents >= present):
        raise Conflict("A reserve can only be lowered.")
    if lowered_before:
        raise Conflict("The reserve was lowered once already.")
    if standing.ends_at - now < RESERVE_LOWERED_BEFORE:
        raise Conflict("The reserve can be lowered up to 12 hours before the end.")
    price, maximum = standing.price_cents, standing.leader_maximum_cents
    if price is None or maximum is None or standing.leader_id is None:
        return Decision(standing, ())
    new_price, _ = _at_reserve(reserve_cents, maximum, price, "")
    if new_price == price:
        return Decision(standing, ())
    step = Step(standing.leader_id, "auto", new_price, "reserve_lowered", is_offer=False)
    return Decision(standing._replace(price_cents=new_price), (step,))


@dataclass(frozen=True)
class PastOffer:
    """A bid that was accepted once; `led` says whether it took or kept the lead when it was placed."""

    bid_id: int
    bidder_id: int
    kind: str
    amount_cents: int
    led: bool = True
    stopped_at_cents: int | None = None


@dataclass(frozen=True)
class Refolded:
    """What remaining bids come to: price, leader and the bid that set the leader's maximum; None without any."""

    price_cents: int | None = None
    leader_id: int | None = None
    leader_maximum_cents: int | None = None
    leading_bid_id: int | None = None


def refold(terms: Terms, offers: Sequence[PastOffer]) -> Refolded:
    """Fold what remains of an auction's bids again, in their order (R10): the price may fall, no end moves.

    A manual bid that was not leading when it was placed counts as an automatic maximum. A bid that was stopped
    (R17) counts no further than to where it was.
    """
    timeless = replace(terms, soft_close=timedelta(0))
    standing, leading_bid_id = Standing(terms.first_ends_at), None
    for offer in offers:
        amount, kind = offer.amount_cents, offer.kind if offer.led else "auto"
        if offer.stopped_at_cents is not None:
            amount = min(amount, offer.stopped_at_cents)
        before = standing
        try:
            standing = resolve(timeless, standing, offer.bidder_id, kind, amount, terms.starts_at).standing
        except BidTooLow:
            continue  # without the bids that went, it adds nothing to an earlier one of the same person
        if (standing.leader_id, standing.leader_maximum_cents) != (before.leader_id, before.leader_maximum_cents):
            leading_bid_id = offer.bid_id
    return Refolded(standing.price_cents, standing.leader_id, standing.leader_maximum_cents, leading_bid_id)
