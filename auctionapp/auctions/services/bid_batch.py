"""One batch of offers for one locked auction: folded through the rules, then written in a few statements."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from auctionapp import events, idempotency, topics
from auctionapp.accounts.models import SellerBlock, User
from auctionapp.auctions import rules
from auctionapp.auctions.models import Auction, Bid, BidderAlias, IncrementTable, PriceStep
from auctionapp.auctions.representation import bid_json
from auctionapp.clock import rfc3339
from auctionapp.errors import IdempotencyKeyReuse, InsufficientFunds, NotAllowed, OwnAuction
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Account, Hold


@dataclass(frozen=True)
class Offer:
    """Somebody's wish: `manual` bids this amount now, `auto` up to this maximum; amounts in cents."""

    bidder_id: int
    kind: str
    amount_cents: int
    key: idempotency.Key | None = None


@dataclass
class Person:
    """A bidder's locked accounts and standing on this auction; `available_cents` runs along with the fold."""

    allowed: bool
    alias: int | None
    active_hold_bid_id: int | None
    available_cents: int = 0
    available_id: int = 0
    held_id: int = 0


@dataclass
class Lead:
    """A time of leading, with its hold: opened by a bid of this batch (`number`) or of an earlier one (`bid_id`)."""

    bidder_id: int
    amount_cents: int
    number: int | None = None
    bid_id: int | None = None


@dataclass
class Accepted:
    offer: Offer
    number: int
    alias: int
    standing: rules.Standing
    first_sequence: int
    steps: tuple[rules.Step, ...]
    extended: bool


_auction_columns = [
    column for column in Auction.__table__.c if column.key not in ("title", "description", "ended_reason")
]
_lock_auction = (
    select(*_auction_columns, IncrementTable.steps.label("increments"))
    .join(IncrementTable, IncrementTable.id == Auction.increment_table_id)
    .where(Auction.id == bindparam("auction_id")).with_for_update(of=Auction)
)
_lock_people = (
    select(Account.id, Account.owner_id, Account.kind, Account.balance_cents, User.confirmed_at, User.blocked_at,
           SellerBlock.bidder_id.label("blocked_by_seller"), BidderAlias.alias, Hold.bid_id)
    .join(User, User.id == Account.owner_id)
    .outerjoin(SellerBlock, and_(SellerBlock.bidder_id == User.id, SellerBlock.seller_id == bindparam("seller_id")))
    .outerjoin(BidderAlias, and_(BidderAlias.user_id == User.id, BidderAlias.auction_id == bindparam("auction_id")))
    .outerjoin(Hold, and_(Hold.bidder_id == User.id, Hold.auction_id == bindparam("auction_id"), Hold.state == "active"))
    .where(Account.owner_id.in_(bindparam("people", expanding=True)), Account.kind.in_(("available", "held")))
    .order_by(Account.id).with_for_update(of=Account)
)


def lock_auction(session: Session, auction_id: int) -> Row | None:
    return session.connection().execute(_lock_auction, {"auction_id": auction_id}).first()


def lock_people(session: Session, auction: Row, bidder_ids: set[int]) -> dict[int, Person]:
    """Lock the accounts of the bidders and the leader, in id order in one statement. Without a wallet: absent."""
    people_ids = bidder_ids | ({auction.leader_id} if auction.leader_id else set())
    people: dict[int, Person] = {}
    for row in session.connection().execute(
            _lock_people, {"auction_id": auction.id, "seller_id": auction.seller_id, "people": sorted(people_ids)}):
        person = people.get(row.owner_id)
        if person is None:
            allowed = row.confirmed_at is not None and row.blocked_at is None and row.blocked_by_seller is None
            person = people[row.owner_id] = Person(allowed, row.alias, row.bid_id)
        if row.kind == "available":
            person.available_id, person.available_cents = row.id, row.balance_cents
        else:
            person.held_id = row.id
    return people


class Batch:
    """Folds offers over an auction's standing, remembering what is to be written."""

    def __init__(self, auction: Row, people: dict[int, Person], now: datetime):
        self.auction = auction
        self.people = people
        self.now = now
        self.terms = rules.Terms.of(auction, auction.increments)
        self.standing = rules.Standing(auction.ends_at, auction.price_cents, auction.leader_id,
                                       auction.leader_maximum_cents)
        self.lead = self._present_lead()
        self.accepted: list[Accepted] = []
        self.by_key: dict[tuple[int, str], Accepted] = {}
        self.step_sequence = auction.step_sequence
        self.leads: list[Lead] = []
        self.outbid: list[Lead] = []
        self.moves: list[tuple[str, int, int, int | None, Lead]] = []
        """(kind, person, amount in cents, number of the bid that caused it, the lead whose hold it is)"""
        self.new_aliases: dict[int, int] = {}

    def accept(self, offer: Offer) -> Accepted:
        """Decide one more offer and remember it. Raises the refusals of `bidding.place_bid`."""
        if offer.key and (twin := self.by_key.get((offer.bidder_id, offer.key.key))):
            if twin.offer.key != offer.key:
                raise IdempotencyKeyReuse()
            return twin
        if offer.bidder_id == self.auction.seller_id:
            raise OwnAuction()
        rules.refuse_unless_open(self.auction.state)
        person = self.people.get(offer.bidder_id) or Person(allowed=True, alias=None, active_hold_bid_id=None)
        if not person.allowed:
            raise NotAllowed("You may not bid on this lot.")
        before = self.standing
        decision = rules.resolve(self.terms, before, offer.bidder_id, offer.kind, offer.amount_cents, self.now)
        own_hold = before.leader_maximum_cents or 0 if before.leader_id == offer.bidder_id else 0
        missing = offer.amount_cents - own_hold - person.available_cents
        if missing > 0:
            raise InsufficientFunds(person.available_cents, missing)

        number = self.auction.bid_number + len(self.accepted) + 1
        self.standing = decision.standing
        self._move_holds(before, offer.bidder_id, number)
        accepted = Accepted(offer, number, self._alias(offer.bidder_id, person), self.standing,
                            self.step_sequence + 1, decision.steps, decision.extended)
        self.step_sequence += len(decision.steps)
        self.accepted.append(accepted)
        if offer.key:
            self.by_key[offer.bidder_id, offer.key.key] = accepted
        return accepted

    def _present_lead(self) -> Lead | None:
        if self.auction.leader_id is None:
            return None
        hold_bid_id = self.people[self.auction.leader_id].active_hold_bid_id
        return Lead(self.auction.leader_id, self.auction.leader_maximum_cents, bid_id=hold_bid_id)

    def _move_holds(self, before: rules.Standing, bidder_id: int, number: int) -> None:
        """R12: what is held is the leader's full maximum and nobody else's; a raise needs only the difference."""
        after = self.standing
        if after.leader_id != bidder_id:
            return
        assert after.leader_maximum_cents is not None
        if before.leader_id == bidder_id:
            assert self.lead is not None
            difference = after.leader_maximum_cents - self.lead.amount_cents
            if difference:
                self.lead.amount_cents = after.leader_maximum_cents
                self._move("hold", bidder_id, difference, number, self.lead)
            return
        if self.lead is not None:
            self._move("release", self.lead.bidder_id, self.lead.amount_cents, None, self.lead)
            self.outbid.append(self.lead)
        self.lead = Lead(bidder_id, after.leader_maximum_cents, number=number)
        self.leads.append(self.lead)
        self._move("hold", bidder_id, self.lead.amount_cents, number, self.lead)

    def _move(self, kind: str, person_id: int, amount_cents: int, number: int | None, lead: Lead) -> None:
        self.people[person_id].available_cents += amount_cents if kind == "release" else -amount_cents
        self.moves.append((kind, person_id, amount_cents, number, lead))

    def _alias(self, bidder_id: int, person: Person) -> int:
        if person.alias is None:
            person.alias = self.auction.alias_count + len(self.new_aliases) + 1
            self.new_aliases[bidder_id] = person.alias
        return person.alias

    # -- writing ---------------------------------------------------------------------------------------------

    def write(self, session: Session) -> None:
        """Write all that was accepted: bids, steps, holds, transfers, the auction's row, the stream's events."""
        if not self.accepted:
            return
        bid_ids = self._insert_bids(session)
        for lead in self.leads:
            assert lead.number is not None
            lead.bid_id = bid_ids[lead.number]
        self._write_holds(session)
        ledger.post(session, [self._movement(*move, bid_ids) for move in self.moves], self.now)
        if self.new_aliases:
            session.connection().execute(insert(BidderAlias.__table__), [
                {"auction_id": self.auction.id, "user_id": user_id, "alias": alias}
                for user_id, alias in self.new_aliases.items()])
        steps, told = self._steps_and_events(bid_ids)
        if steps:
            session.connection().execute(insert(PriceStep.__table__), steps)
        topics.record(session, told)
        self._update_auction(session, bid_ids, len(told))
        for accepted in self.accepted:
            idempotency.keep(session, accepted.offer.key, self.bid_of(accepted), self.now)
        events.announce(session, events.BidsPlaced(
            self.auction.id, tuple((lead.bidder_id, lead.bid_id or 0) for lead in self.outbid),
            self.standing.ends_at != self.auction.ends_at))
        if self.standing.ends_at != self.auction.ends_at:
            events.announce(session, events.AuctionScheduled(self.auction.id))
        touched = {person_id for _, person_id, *_ in self.moves}
        events.announce(session, events.WalletChanged(tuple(sorted(touched))))

    def _insert_bids(self, session: Session) -> dict[int, int]:
        """Insert the offers; return their ids by number."""
        rows = [
            {"auction_id": self.auction.id, "number": accepted.number, "bidder_id": accepted.offer.bidder_id,
             "kind": accepted.offer.kind, "maximum_cents": accepted.offer.amount_cents, "placed_at": self.now}
            for accepted in self.accepted
        ]
        table = Bid.__table__
        written = session.connection().execute(insert(table).returning(table.c.number, table.c.id), rows)
        return {number: bid_id for number, bid_id in written}

    def _write_holds(self, session: Session) -> None:
        table = Hold.__table__
        connection = session.connection()
        earlier = self._present_lead()
        if earlier is not None:
            amount = next((lead.amount_cents for lead in [*self.outbid, self.lead]
                           if lead is not None and lead.bid_id == earlier.bid_id), earlier.amount_cents)
            state = "active" if self.lead is not None and self.lead.bid_id == earlier.bid_id else "released"
            if (amount, state) != (earlier.amount_cents, "active"):
                connection.execute(update(table).where(table.c.bid_id == earlier.bid_id),
                                   {"amount_cents": amount, "state": state})
        if self.leads:
            connection.execute(insert(table), [
                {"bid_id": lead.bid_id, "auction_id": self.auction.id, "bidder_id": lead.bidder_id,
                 "amount_cents": lead.amount_cents, "state": "active" if lead is self.lead else "released",
                 "created_at": self.now}
                for lead in self.leads
            ])

    def _movement(self, kind: str, person_id: int, amount_cents: int, number: int | None, lead: Lead,
                  bid_ids: dict[int, int]) -> ledger.Movement:
        person = self.people[person_id]
        if kind == "hold":
            assert number is not None
            return ledger.Movement(person.available_id, person.held_id, amount_cents, "hold",
                                   f"hold:{bid_ids[number]}", self.auction.id)
        return ledger.Movement(person.held_id, person.available_id, amount_cents, "release",
                               f"release:{lead.bid_id}", self.auction.id)

    def _steps_and_events(self, bid_ids: dict[int, int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        steps: list[dict[str, Any]] = []
        told: list[dict[str, Any]] = []

        def tell(kind: str, payload: dict[str, Any]) -> None:
            told.append({"topic": topics.auction_topic(self.auction.id), "kind": kind, "payload": payload,
                         "sequence": self.auction.topic_sequence + len(told) + 1, "created_at": self.now})

        for accepted in self.accepted:
            for sequence, step in enumerate(accepted.steps, accepted.first_sequence):
                alias = self.people[step.bidder_id].alias
                assert alias is not None
                steps.append({
                    "auction_id": self.auction.id, "sequence": sequence, "bid_id": bid_ids[accepted.number],
                    "bidder_id": step.bidder_id, "alias": alias, "kind": step.kind,
                    "amount_cents": step.amount_cents, "reason": step.reason, "is_offer": step.is_offer,
                    "placed_at": self.now,
                })
                tell("bid", self._bid(accepted, sequence, alias, step.amount_cents, step.kind, step.bidder_id))
            if accepted.extended:
                tell("extended", {"ends_at": rfc3339(accepted.standing.ends_at)})
        return steps, told

    def _update_auction(self, session: Session, bid_ids: dict[int, int], event_count: int) -> None:
        leading_bid_id = self.auction.leading_bid_id
        maximum = self.auction.leader_maximum_cents
        leader = self.auction.leader_id
        for accepted in self.accepted:
            now_leading = accepted.standing.leader_id, accepted.standing.leader_maximum_cents
            if now_leading != (leader, maximum):
                leader, maximum = now_leading
                leading_bid_id = bid_ids[accepted.number]
        table = Auction.__table__
        session.connection().execute(
            update(table).where(table.c.id == bindparam("auction_id")), {
                "auction_id": self.auction.id,
                "price_cents": self.standing.price_cents, "leader_id": leader, "leader_maximum_cents": maximum,
                "leading_bid_id": leading_bid_id, "ends_at": self.standing.ends_at,
                "bid_number": self.auction.bid_number + len(self.accepted),
                "bid_count": self.auction.bid_count + sum(bool(accepted.steps) for accepted in self.accepted),
                "step_sequence": self.step_sequence,
                "alias_count": self.auction.alias_count + len(self.new_aliases),
                "topic_sequence": self.auction.topic_sequence + event_count,
                "version": self.auction.version + len(self.accepted),
            })

    def bid_of(self, accepted: Accepted) -> dict[str, Any]:
        """The contract's Bid that answers an offer: its own first step."""
        offer = accepted.offer
        if not accepted.steps:
            assert accepted.standing.price_cents is not None
            return self._bid(accepted, None, accepted.alias, accepted.standing.price_cents, offer.kind, offer.bidder_id)
        step = accepted.steps[0]
        return self._bid(accepted, accepted.first_sequence, accepted.alias, step.amount_cents, step.kind, offer.bidder_id)

    def _bid(self, accepted: Accepted, sequence: int | None, alias: int, amount_cents: int, kind: str,
             bidder_id: int) -> dict[str, Any]:
        standing = accepted.standing
        assert standing.price_cents is not None
        return bid_json(self.auction.id, sequence, alias, amount_cents, kind, self.now,
                        bidder_id == standing.leader_id, standing.price_cents,
                        rules.next_minimum(self.terms, standing.price_cents), accepted.number)
