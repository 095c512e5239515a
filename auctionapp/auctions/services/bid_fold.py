"""Offers for one locked auction, folded through the rules in memory: who is accepted, what money moves.

Funds are checked on running balances (R12), so a constraint is never hit to find out; a person's balance runs
along over all auctions of one transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from auctionapp import idempotency
from auctionapp.auctions import rules
from auctionapp.auctions.representation import bid_json
from auctionapp.errors import IdempotencyKeyReuse, InsufficientFunds, NotAllowed, OwnAuction, TokenEnded


class Offer(NamedTuple):
    """Somebody's wish: `manual` bids this amount now, `auto` up to this maximum; amounts in cents."""

    bidder_id: int
    kind: str
    amount_cents: int
    key: idempotency.Key | None = None
    token_id: int | None = None
    """The API token that it came with; it must still be valid when the bid is decided."""


@dataclass
class Purse:
    """A person's locked accounts; without a wallet nothing is available."""

    available_cents: int = 0
    available_id: int = 0
    held_id: int = 0


@dataclass
class People:
    """Everybody concerned by one transaction, as locked and read after the auctions' locks."""

    purses: dict[int, Purse] = field(default_factory=dict)
    allowed_ids: set[int] = field(default_factory=set)
    """Who is confirmed and not blocked."""
    aliases: dict[tuple[int, int], int] = field(default_factory=dict)
    """By auction and person."""
    hold_bid_ids: dict[int, int] = field(default_factory=dict)
    """The bid that opened the active hold, by auction."""
    hold_turns: dict[int, int] = field(default_factory=dict)
    """Where that hold was taken up again after a release."""
    unwanted: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of a seller and a bidder whom that seller has blocked."""
    token_ids: set[int] = field(default_factory=set)
    """The API tokens of the offers that are still valid."""
    new_bid_ids: Iterator[int] = iter(())
    """One for each offer that may be accepted, in rising order."""

    def refuse_ended_token(self, offer: Offer) -> None:
        """Raises TokenEnded where the offer's token was revoked or has expired."""
        if offer.token_id is not None and offer.token_id not in self.token_ids:
            raise TokenEnded()

    def purse(self, person_id: int) -> Purse:
        return self.purses.get(person_id) or Purse()


@dataclass
class Lead:
    """A time of leading with its hold, opened by a bid of this fold or of an earlier one."""

    bidder_id: int
    amount_cents: int
    bid_id: int
    turn: int = 0
    active: bool = True


class Move(NamedTuple):
    """Cents to be held by a bid, or released when its lead ended (`bid_id` is None)."""

    person_id: int
    amount_cents: int
    lead: Lead
    bid_id: int | None = None


@dataclass
class Accepted:
    offer: Offer
    bid_id: int
    number: int
    alias: int
    standing: rules.Standing
    first_sequence: int
    steps: tuple[rules.Step, ...]
    extended: bool
    shown: list[dict[str, Any]] = field(default_factory=list)
    """`Fold.step_bids`, once they were asked for."""


class Fold:
    """Folds offers over one auction's standing, remembering what is to be written."""

    people: People
    now: datetime

    def __init__(self, auction: Any):
        self.auction = auction
        self.terms = rules.Terms.of(auction, auction.increments)
        self.standing = rules.Standing(auction.ends_at, auction.price_cents, auction.leader_id,
                                       auction.leader_maximum_cents)
        self.earlier_lead: Lead | None = None
        self.lead: Lead | None = None
        self.new_leads: list[Lead] = []
        self.moves: list[Move] = []
        self.accepted: list[Accepted] = []
        self.new_aliases: dict[int, int] = {}
        self.step_sequence: int = auction.step_sequence
        self._by_key: dict[tuple[int, str], Accepted] = {}

    def may_need_money(self, offer: Offer) -> bool:
        """Whether the offer could be accepted, so that its bidder's accounts must be locked."""
        return self.auction.state == "open" and not rules.is_hopeless(
            self.terms, self.standing, offer.bidder_id, offer.amount_cents)

    def begin(self, people: People, now: datetime) -> None:
        """Everything is locked and the clock was read: offers can be decided."""
        self.people, self.now = people, now
        auction = self.auction
        # One that is over keeps its leader, but nothing is held any more.
        if auction.leader_id is not None and auction.state == "open":
            self.earlier_lead = self.lead = Lead(auction.leader_id, auction.leader_maximum_cents,
                                                 people.hold_bid_ids[auction.id], people.hold_turns.get(auction.id, 0))

    @property
    def extended(self) -> bool:
        return self.standing.ends_at != self.auction.ends_at

    @property
    def outbid(self) -> list[Lead]:
        """Leads that ended in this fold, in order."""
        leads = [self.earlier_lead, *self.new_leads] if self.earlier_lead else self.new_leads
        return [lead for lead in leads if not lead.active]

    @property
    def lasting_moves(self) -> list[Move]:
        """What moves money. A lead that began and ended here held nothing at any moment that somebody could see."""
        return [move for move in self.moves if move.lead.active or move.lead is self.earlier_lead]

    def accept(self, offer: Offer) -> Accepted:
        """Decide one more offer and remember it. Raises the refusals of `bidding.place_bid`."""
        if offer.key and (twin := self._by_key.get((offer.bidder_id, offer.key.key))):
            if twin.offer.key != offer.key:
                raise IdempotencyKeyReuse()
            return twin
        purse = self._may_bid(offer.bidder_id)
        before = self.standing
        decision = rules.resolve(self.terms, before, offer.bidder_id, offer.kind, offer.amount_cents, self.now)
        own_hold = (before.leader_maximum_cents or 0) if before.leader_id == offer.bidder_id else 0
        missing = offer.amount_cents - own_hold - purse.available_cents
        if missing > 0:
            raise InsufficientFunds(purse.available_cents, missing)

        bid_id, number = next(self.people.new_bid_ids), self.auction.bid_number + len(self.accepted) + 1
        self.standing = decision.standing
        self._move_holds(before, offer.bidder_id, bid_id)
        accepted = Accepted(offer, bid_id, number, self._alias(offer.bidder_id), self.standing, self.step_sequence + 1,
                            decision.steps, decision.extended)
        self.step_sequence += len(decision.steps)
        self.accepted.append(accepted)
        if offer.key:
            self._by_key[offer.bidder_id, offer.key.key] = accepted
        return accepted

    def _may_bid(self, bidder_id: int) -> Purse:
        """R11, then whether the auction is open at all."""
        if bidder_id == self.auction.seller_id:
            raise OwnAuction()
        purse = self.people.purse(bidder_id)
        if bidder_id not in self.people.allowed_ids or (self.auction.seller_id, bidder_id) in self.people.unwanted:
            raise NotAllowed("You may not bid on this lot.")
        rules.refuse_unless_open(self.auction.state)
        return purse

    def _move_holds(self, before: rules.Standing, bidder_id: int, bid_id: int) -> None:
        """R12: what is held is the leader's full maximum and nobody else's; a raise needs only the difference."""
        maximum = self.standing.leader_maximum_cents
        if self.standing.leader_id != bidder_id or maximum is None:
            return
        if before.leader_id == bidder_id and self.lead is not None:
            difference = maximum - self.lead.amount_cents
            if difference:
                self.lead.amount_cents = maximum
                self._move(Move(bidder_id, difference, self.lead, bid_id))
            return
        if self.lead is not None:
            self.lead.active = False
            self._move(Move(self.lead.bidder_id, self.lead.amount_cents, self.lead))
        self.lead = Lead(bidder_id, maximum, bid_id)
        self.new_leads.append(self.lead)
        self._move(Move(bidder_id, maximum, self.lead, bid_id))

    def _move(self, move: Move) -> None:
        self.people.purses[move.person_id].available_cents += (
            move.amount_cents if move.bid_id is None else -move.amount_cents)
        self.moves.append(move)

    def _alias(self, bidder_id: int) -> int:
        place = (self.auction.id, bidder_id)
        if place not in self.people.aliases:
            alias = self.auction.alias_count + len(self.new_aliases) + 1
            self.people.aliases[place] = self.new_aliases[bidder_id] = alias
        return self.people.aliases[place]

    def bid_of(self, accepted: Accepted) -> dict[str, Any]:
        """The contract's Bid that answers an offer: its own first step."""
        offer = accepted.offer
        if not accepted.steps:
            assert accepted.standing.price_cents is not None
            return self._bid(accepted, None, accepted.alias, accepted.standing.price_cents, offer.kind,
                             offer.bidder_id)
        return self.step_bids(accepted)[0]

    def step_bids(self, accepted: Accepted) -> list[dict[str, Any]]:
        """The contract's Bid of each public step, with the standing after the whole decision."""
        if not accepted.shown:
            accepted.shown = [
                self._bid(accepted, sequence, self.people.aliases[self.auction.id, step.bidder_id], step.amount_cents,
                          step.kind, step.bidder_id)
                for sequence, step in enumerate(accepted.steps, accepted.first_sequence)]
        return accepted.shown

    def _bid(self, accepted: Accepted, sequence: int | None, alias: int, amount_cents: int, kind: str,
             bidder_id: int) -> dict[str, Any]:
        standing = accepted.standing
        assert standing.price_cents is not None
        return bid_json(self.auction.id, sequence, alias, amount_cents, kind, self.now,
                        bidder_id == standing.leader_id, standing.price_cents,
                        rules.next_minimum(self.terms, standing.price_cents), accepted.number)
