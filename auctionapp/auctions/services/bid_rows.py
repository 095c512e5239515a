"""What bidding reads under lock and what it writes, for all auctions of one transaction in few statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    Executable,
    Integer,
    Row,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from auctionapp import bulk, events, idempotency, topics, transaction
from auctionapp.accounts.models import ApiToken, SellerBlock, User
from auctionapp.auctions.models import Auction, Bid, BidderAlias, IncrementTable, PriceStep
from auctionapp.auctions.services.bid_fold import Fold, Move, Offer, People, Purse
from auctionapp.clock import MICROSECONDS, Clock, database_clock, moment, rfc3339
from auctionapp.extensions import UtcDateTime
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Account, Hold, release_key

AUCTION_COLUMNS = (
    Auction.id, Auction.seller_id, Auction.state, Auction.starting_price_cents, Auction.bid_step_cents,
    Auction.reserve_price_cents, Auction.soft_close_seconds, Auction.soft_close_cap_seconds, Auction.starts_at,
    Auction.ends_at, Auction.first_ends_at, Auction.price_cents, Auction.leader_id, Auction.leader_maximum_cents,
    Auction.leading_bid_id, Auction.bid_count, Auction.bid_number, Auction.step_sequence, Auction.alias_count,
    Auction.topic_sequence, Auction.version,
)


@dataclass(frozen=True)
class _Statements:
    lock_auctions: Executable
    lock_purses: Executable
    read_part: Executable


def _new_bid_ids(dialect: str) -> tuple[Any, Any]:
    """Ids for `count` bids, and whence. SQLite has one writer at a time, and numbers rows just so itself."""
    count = bindparam("count", type_=Integer)
    if dialect == "postgresql":
        return func.nextval(literal_column("'bids_id_seq'")), func.generate_series(1, count).alias("numbers")
    numbers = select(literal_column("1").label("number")).where(count > 0).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < count))
    return select(func.coalesce(func.max(Bid.id), 0)).scalar_subquery() + numbers.c.number, numbers


@lru_cache
def _statements(dialect: str) -> _Statements:
    among = partial(bulk.among, dialect=dialect)
    zero = literal_column("0")
    nothing = [zero] * 3
    new_bid_id, numbers = _new_bid_ids(dialect)
    # Without its key: a notice or a message that names an auction or an account does not wait for its bids, nor they for it.
    return _Statements(
        select(*AUCTION_COLUMNS, IncrementTable.steps.label("increments"))
        .join(IncrementTable, IncrementTable.id == Auction.increment_table_id)
        .where(among(Auction.id, "auctions")).order_by(Auction.id).with_for_update(of=Auction, key_share=True),

        select(Account.id, Account.owner_id, Account.kind, Account.balance_cents)
        .where(among(Account.owner_id, "people"),
               Account.kind.in_([literal_column("'available'"), literal_column("'held'")]))
        .order_by(Account.id).with_for_update(of=Account, key_share=True),

        # Small reads in one statement, after the locks: (what, its id or number or time, person, number, turn).
        union_all(
            select(literal_column("'clock'"), MICROSECONDS[dialect], *nothing),
            select(literal_column("'bid'"), new_bid_id, *nothing).select_from(numbers),
            select(literal_column("'alias'"), BidderAlias.auction_id, BidderAlias.user_id, BidderAlias.alias, zero)
            .where(among(BidderAlias.auction_id, "auctions"), among(BidderAlias.user_id, "people")),
            select(literal_column("'hold'"), Hold.auction_id, Hold.bidder_id, Hold.bid_id, Hold.turn)
            .where(among(Hold.auction_id, "auctions"), Hold.state == literal_column("'active'")),
            select(literal_column("'block'"), SellerBlock.seller_id, SellerBlock.bidder_id, zero, zero)
            .where(among(SellerBlock.bidder_id, "people"), among(SellerBlock.seller_id, "sellers")),
            select(literal_column("'token'"), ApiToken.id, ApiToken.user_id, zero, zero)
            .where(among(ApiToken.id, "tokens"), ApiToken.expires_at > bindparam("now", type_=UtcDateTime)),
            # Blocking locks the accounts too, so this is as it stands now (R17).
            select(literal_column("'allowed'"), zero, User.id, zero, zero)
            .where(among(User.id, "people"), User.confirmed_at.is_not(None), User.blocked_at.is_(None))),
    )


def lock_auctions(session: Session, auction_ids: Collection[int]) -> dict[int, Row]:
    """Lock the rows in id order in one statement; ids that do not exist are absent."""
    connection = session.connection()
    rows = connection.execute(_statements(connection.dialect.name).lock_auctions, {"auctions": sorted(auction_ids)})
    return {row.id: row for row in rows}


def lock_people(session: Session, folds: Mapping[int, Fold], waiting: Iterable[tuple[int, Offer]],
                clock: Clock) -> tuple[People, datetime]:
    """Lock the accounts of the leaders, and of the bidders whose offers are not hopeless, in id order in one
    statement; then read the part of all bidders in the auctions, draw ids for bids, and look at the clock."""
    people = People()
    bidder_ids, concerned, token_ids, may_be_accepted = set(), set(), set(), 0
    for auction_id, offer in waiting:
        bidder_ids.add(offer.bidder_id)
        if offer.token_id is not None:
            token_ids.add(offer.token_id)
        fold = folds.get(auction_id)
        if fold is not None and fold.may_need_money(offer):
            may_be_accepted += 1
            concerned.update({offer.bidder_id, fold.auction.leader_id} - {None})
    connection = session.connection()
    statements = _statements(connection.dialect.name)
    accounts, part = bulk.read_each(connection, [
        (statements.lock_purses, {"people": sorted(concerned)}),
        (statements.read_part, {
            "auctions": list(folds), "people": sorted(bidder_ids | concerned),
            "sellers": sorted({fold.auction.seller_id for fold in folds.values()}), "tokens": sorted(token_ids),
            "now": datetime.now(UTC), "count": may_be_accepted})])
    for account_id, owner_id, kind, balance_cents in accounts:
        purse = people.purses.setdefault(owner_id, Purse())
        if kind == "available":
            purse.available_id, purse.available_cents = account_id, balance_cents
        else:
            purse.held_id = account_id
    new_bid_ids = []
    for what, place, person_id, number, turn in part:
        if what == "alias":
            people.aliases[place, person_id] = number
        elif what == "hold":
            people.hold_bid_ids[place] = number
            people.hold_turns[place] = turn
        elif what == "token":
            people.token_ids.add(place)
        elif what == "bid":
            new_bid_ids.append(place)
        elif what == "clock":
            now = moment(place) if clock is database_clock else clock.now(session)
        elif what == "allowed":
            people.allowed_ids.add(person_id)
        else:
            people.unwanted.add((place, person_id))
    people.new_bid_ids = iter(sorted(new_bid_ids))
    return people, now


def write(session: Session, folds: Sequence[Fold], now: datetime) -> None:
    """Write all that was accepted, and end the transaction: bids, holds, transfers, steps, the auctions' rows, the
    streams' events."""
    folds = [fold for fold in folds if fold.accepted]
    if not folds:
        return
    told = {fold.auction.id: _event_rows(fold) for fold in folds}
    with transaction.last_statements(session) as connection:
        with bulk.together(connection):
            bulk.insert_rows(connection, Bid.__table__, [
                row for fold in folds for row in _bid_rows(fold)], placed_at=now)
            bulk.insert_rows(connection, BidderAlias.__table__, [
                {"auction_id": fold.auction.id, "user_id": person_id, "alias": alias}
                for fold in folds for person_id, alias in fold.new_aliases.items()])
            bulk.insert_rows(connection, PriceStep.__table__, [
                row for fold in folds for row in _step_rows(fold)], placed_at=now)
            bulk.update_rows(connection, Auction.__table__, "id", [
                _auction_row(fold, len(told[fold.auction.id])) for fold in folds])
            bulk.update_rows(connection, Hold.__table__, "bid_id", [
                row for fold in folds for row in _changed_hold_rows(fold)])
            ledger.post(session, [_movement(fold, move) for fold in folds for move in fold.lasting_moves], now)
            topics.record(session, [row for rows in told.values() for row in rows], now)
            idempotency.keep_all(session, [
                (accepted.offer.key, fold.bid_of(accepted)) for fold in folds for accepted in fold.accepted], now)
        # After the earlier ones: there is at most one active hold an auction, and the database insists.
        bulk.insert_rows(connection, Hold.__table__, [
            row for fold in folds for row in _new_hold_rows(fold)], created_at=now)
    _announce(session, folds)


def _bid_rows(fold: Fold) -> list[dict[str, Any]]:
    return [
        {"id": accepted.bid_id, "auction_id": fold.auction.id, "number": accepted.number,
         "bidder_id": accepted.offer.bidder_id, "kind": accepted.offer.kind, "maximum_cents": accepted.offer.amount_cents}
        for accepted in fold.accepted]


def _changed_hold_rows(fold: Fold) -> list[dict[str, Any]]:
    lead = fold.earlier_lead
    if lead is None or not any(move.lead is lead for move in fold.moves):
        return []
    return [{"bid_id": lead.bid_id, "amount_cents": lead.amount_cents, "state": "active" if lead.active else "released"}]


def _new_hold_rows(fold: Fold) -> list[dict[str, Any]]:
    return [
        {"bid_id": lead.bid_id, "auction_id": fold.auction.id, "bidder_id": lead.bidder_id,
         "amount_cents": lead.amount_cents, "state": "active"}
        for lead in fold.new_leads if lead.active]


def _movement(fold: Fold, move: Move) -> ledger.Movement:
    purse = fold.people.purses[move.person_id]
    if move.bid_id is not None:
        key = f"hold:{move.bid_id}"
        return ledger.Movement(purse.available_id, purse.held_id, move.amount_cents, "hold", key, fold.auction.id)
    key = release_key(move.lead.bid_id, move.lead.turn)
    return ledger.Movement(purse.held_id, purse.available_id, move.amount_cents, "release", key, fold.auction.id)


def _step_rows(fold: Fold) -> list[dict[str, Any]]:
    return [
        {"auction_id": fold.auction.id, "sequence": sequence, "bid_id": accepted.bid_id,
         "bidder_id": step.bidder_id, "alias": fold.people.aliases[fold.auction.id, step.bidder_id],
         "kind": step.kind, "amount_cents": step.amount_cents, "reason": step.reason, "is_offer": step.is_offer}
        for accepted in fold.accepted for sequence, step in enumerate(accepted.steps, accepted.first_sequence)]


def _event_rows(fold: Fold) -> list[dict[str, Any]]:
    told: list[tuple[str, dict[str, Any]]] = []
    for accepted in fold.accepted:
        told += [("bid", bid) for bid in fold.step_bids(accepted)]
        if accepted.extended:
            told.append(("extended", {"ends_at": rfc3339(accepted.standing.ends_at)}))
    topic = topics.auction_topic(fold.auction.id)
    return [{"topic": topic, "sequence": fold.auction.topic_sequence + place, "kind": kind, "payload": payload}
            for place, (kind, payload) in enumerate(told, 1)]


def _auction_row(fold: Fold, event_count: int) -> dict[str, Any]:
    auction, standing = fold.auction, fold.standing
    return {
        "id": auction.id,
        "price_cents": standing.price_cents, "leader_id": standing.leader_id,
        "leader_maximum_cents": standing.leader_maximum_cents,
        "leading_bid_id": _leading_bid_id(fold), "ends_at": standing.ends_at,
        "bid_number": auction.bid_number + len(fold.accepted),
        "bid_count": auction.bid_count + sum(bool(accepted.steps) for accepted in fold.accepted),
        "step_sequence": fold.step_sequence, "alias_count": auction.alias_count + len(fold.new_aliases),
        "topic_sequence": auction.topic_sequence + event_count,
        "version": _version(fold),
    }


def _version(fold: Fold) -> int:
    return fold.auction.version + len(fold.accepted)


def _leading_bid_id(fold: Fold) -> int | None:
    """The bid that set the leader's present maximum."""
    last = fold.auction.leading_bid_id
    before = fold.auction.leader_id, fold.auction.leader_maximum_cents
    for accepted in fold.accepted:
        after = accepted.standing.leader_id, accepted.standing.leader_maximum_cents
        if after != before:
            last, before = accepted.bid_id, after
    return last


def _announce(session: Session, folds: Sequence[Fold]) -> None:
    moved: set[int] = set()
    for fold in folds:
        outbid = tuple((lead.bidder_id, lead.bid_id) for lead in fold.outbid)
        events.announce(session, events.BidsPlaced(fold.auction.id, outbid, _version(fold)))
        if fold.extended:
            events.announce(session, events.AuctionScheduled(fold.auction.id))
        moved.update(move.person_id for move in fold.lasting_moves)
    events.announce(session, events.WalletChanged(tuple(sorted(moved))))
