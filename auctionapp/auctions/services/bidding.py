"""Placing bids: the bids that wait in this process are decided together, each auction's in order, in one transaction.

Lock order: the auctions' rows in id order, then every account that may be concerned in id order, then the clock,
then the decision (R6, R12, fault 6). One bid is a list of one; the rules are the same pure fold.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from auctionapp import events, idempotency, transaction
from auctionapp.auctions.services import bid_rows
from auctionapp.auctions.services.bid_fold import Accepted, Fold, Offer
from auctionapp.batching import Batch, Batcher
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Busy, DatabaseAway, DomainError, NotFound

__all__ = ["Offer", "Placed", "place_bid", "place_bids"]

log = logging.getLogger(__name__)


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


def place_bid(auction_id: int, offer: Offer, clock: Clock = database_clock,
              within: Callable[[], AbstractContextManager[Any]] = nullcontext) -> Placed:
    """Place one bid, together with those that wait in this process. `within` is entered only by who decides them all.

    Raises NotFound, OwnAuction, NotAllowed, AuctionNotLive, BidTooLow, InsufficientFunds, IdempotencyKeyReuse, TokenEnded,
    Busy, DatabaseAway.
    """
    if clock is database_clock:
        outcome = _waiting_bids.do((auction_id, offer), within)
    else:
        [outcome] = place_bids(auction_id, [offer], clock)
    if isinstance(outcome, Placed):
        return outcome
    raise outcome


def place_bids(auction_id: int, offers: Sequence[Offer], clock: Clock = database_clock) -> list[Outcome]:
    """Decide offers for one auction in their order, in one transaction, and tell what happened after its commit."""
    outcomes, announced = _commit_bids(Batch((auction_id, offer) for offer in offers), clock)
    _tell(announced)
    return outcomes


UNKNOWN = "We lost touch with our records just then. Please look whether your bid stands before you bid again."

Waiting = tuple[int, Offer]
"""An auction's id and an offer for it."""


def _commit_bids(waiting: Batch[Waiting], clock: Clock) -> tuple[list[Outcome], list[object]]:
    """Decide and commit; the caller tells. If a batch fails, its bids run one by one: one never sinks another. Unless it may
    have been committed: nobody knows, so nothing is decided again, and everybody is told so."""
    try:
        return transaction.commit(lambda session: _decide(session, waiting, clock))
    except Busy as busy:
        if len(waiting) == 1:
            return [busy], []
    except DBAPIError as error:
        if error.connection_invalidated:
            log.exception("The connection was lost with the commit of %d bids", len(waiting))
            return [DatabaseAway(UNKNOWN)] * len(waiting), []
        if len(waiting) == 1:
            log.exception("A bid on auction %s could not be written", waiting[0][0])
            return [Busy()], []
    outcomes: list[Outcome] = []
    announced: list[object] = []
    for one in waiting:
        outcome, told = _commit_bids(Batch([one]), clock)
        outcomes += outcome
        announced += told
    return outcomes, announced


def _decide(session: Session, waiting: Batch[Waiting], clock: Clock) -> list[Outcome]:
    auctions = bid_rows.lock_auctions(session, {auction_id for auction_id, _ in waiting})
    waiting.let_in()
    folds = {auction_id: Fold(auction) for auction_id, auction in auctions.items() if auction.state != "draft"}
    people, now = bid_rows.lock_people(session, folds, waiting, clock)
    for fold in folds.values():
        fold.begin(people, now)
    decided: list[tuple[Fold, Accepted] | Outcome] = []
    for auction_id, offer in waiting:
        fold = folds.get(auction_id)
        try:
            people.refuse_ended_token(offer)
            if fold is None:
                raise NotFound()
            earlier = idempotency.earlier_result(session, offer.key)
            decided.append(Placed(earlier) if earlier else (fold, fold.accept(offer)))
        except DomainError as refusal:
            decided.append(refusal)
    bid_rows.write(session, list(folds.values()), now)
    return [Placed(one[0].bid_of(one[1])) if isinstance(one, tuple) else one for one in decided]


def _tell(announced: list[object]) -> None:
    for event in announced:
        events.dispatch(event)


def _work(waiting: Batch[Waiting]) -> tuple[list[Outcome], Any]:
    outcomes, announced = _commit_bids(waiting, database_clock)
    return outcomes, lambda: _tell(announced)


# While a list waits for a row that something slow has locked, other auctions go on.
_waiting_bids: Batcher[Waiting, Outcome] = Batcher(_work, key=lambda one: one[0],
                                                   rank=lambda one: one[1].amount_cents, slots=4,
                                                   gather_seconds=0.03, patience_seconds=0.1)
