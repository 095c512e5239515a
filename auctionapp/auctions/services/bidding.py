"""Placing bids: many bids for one auction are decided in order in one transaction; one bid is a list of one.

Lock order: the auction's row, then every account concerned in id order, then the clock, then the decision
(R6, R12, fault 6).
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from auctionapp import events, idempotency, transaction
from auctionapp.auctions.services.bid_batch import Accepted, Batch, Offer, lock_auction, lock_people
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Busy, DomainError, NotFound

__all__ = ["Offer", "Placed", "place_bid", "place_bids"]

log = logging.getLogger(__name__)

BATCH_LIMIT = 64


@dataclass(frozen=True)
class Placed:
    """An accepted offer: the contract's Bid as its bidder may see it."""

    bid: dict[str, Any]

    @property
    def leading(self) -> bool:
        return self.bid["leading"]

    @property
    def sequence(self) -> int | None:
        """None for an own raise that moved no price."""
        return self.bid["sequence"]


Outcome = Placed | DomainError


def place_bid(auction_id: int, offer: Offer, clock: Clock = database_clock) -> Placed:
    """Place one bid, together with those that wait for the same auction in this process.

    Raises NotFound, OwnAuction, NotAllowed, AuctionNotLive, BidTooLow, InsufficientFunds, IdempotencyKeyReuse, Busy.
    """
    outcome = _queue.place(auction_id, offer, clock)
    if isinstance(outcome, Placed):
        return outcome
    raise outcome


def place_bids(auction_id: int, offers: Sequence[Offer], clock: Clock = database_clock) -> list[Outcome]:
    """Decide offers for one auction in their order, in one transaction, and tell what happened after its commit."""
    outcomes, announced = _commit_bids(auction_id, offers, clock)
    for event in announced:
        events.dispatch(event)
    return outcomes


def _commit_bids(auction_id: int, offers: Sequence[Offer], clock: Clock) -> tuple[list[Outcome], list[object]]:
    """As `place_bids`, without telling. If a batch fails, its bids run one by one: one never sinks another."""
    try:
        return transaction.commit(lambda session: _decide(session, auction_id, offers, clock))
    except NotFound as missing:
        return [missing for _ in offers], []
    except (DBAPIError, Busy) as failure:
        if len(offers) == 1:
            if isinstance(failure, Busy):
                return [failure], []
            log.exception("A bid on auction %s could not be written", auction_id)
            return [Busy()], []
    outcomes: list[Outcome] = []
    announced: list[object] = []
    for offer in offers:
        one, told = _commit_bids(auction_id, [offer], clock)
        outcomes += one
        announced += told
    return outcomes, announced


def _decide(session: Session, auction_id: int, offers: Sequence[Offer], clock: Clock) -> list[Outcome]:
    auction = lock_auction(session, auction_id)
    if auction is None or auction.state == "draft":
        raise NotFound()
    people = lock_people(session, auction, {offer.bidder_id for offer in offers})
    batch = Batch(auction, people, clock.now(session))
    decided: list[Accepted | Outcome] = []
    for offer in offers:
        try:
            earlier = idempotency.earlier_result(session, offer.key)
            decided.append(Placed(earlier) if earlier else batch.accept(offer))
        except DomainError as refusal:
            decided.append(refusal)
    batch.write(session)
    return [Placed(batch.bid_of(one)) if isinstance(one, Accepted) else one for one in decided]


@dataclass
class _Waiting:
    offer: Offer
    clock: Clock
    woken: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome | None = None


class _BidQueue:
    """Bids of this process that wait for the same auction are decided together.

    Whoever finds an auction idle works for all who wait; after one batch the next in line takes over, so nobody
    works for others for long. The next batch begins before the events of the last are told.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[int, list[_Waiting]] = {}

    def place(self, auction_id: int, offer: Offer, clock: Clock) -> Outcome:
        own = _Waiting(offer, clock)
        with self._lock:
            line = self._lines.get(auction_id)
            if line is None:
                self._lines[auction_id] = []
            else:
                line.append(own)
        if line is not None:
            own.woken.wait()
            if own.outcome is not None:
                return own.outcome
        return self._work(auction_id, own)

    def _work(self, auction_id: int, own: _Waiting) -> Outcome:
        with self._lock:
            line = self._lines[auction_id]
            batch = [own, *line[: BATCH_LIMIT - 1]]
            del line[: BATCH_LIMIT - 1]
        announced: list[object] = []
        outcomes: list[Outcome] = [Busy() for _ in batch]
        try:
            outcomes, announced = _commit_bids(auction_id, [one.offer for one in batch], own.clock)
        finally:
            for one, outcome in zip(batch, outcomes, strict=True):
                one.outcome = outcome
                if one is not own:
                    one.woken.set()
            self._hand_over(auction_id)
        for event in announced:
            events.dispatch(event)
        return outcomes[0]

    def _hand_over(self, auction_id: int) -> None:
        """Wake the next in line without an outcome: it works now. With nobody waiting the line is closed."""
        with self._lock:
            line = self._lines[auction_id]
            if line:
                line.pop(0).woken.set()
            else:
                del self._lines[auction_id]


_queue = _BidQueue()
