"""What must hold once the trouble is over, read from the database and from the API."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable

from sqlalchemy import func, select

from auctionapp.auctions.models import Auction, Bid, HouseSettings
from auctionapp.chat.models import Conversation, Member
from auctionapp.extensions import db
from auctionapp.money import share
from auctionapp.notifications.models import Notice
from auctionapp.topics import TopicEvent, auction_topic
from auctionapp.wallet.models import Transfer
from tests.crash.house import House
from tests.crash.program import Offer, Program, Reader

CLOSED_WITHIN_SECONDS = 10.0


def eventually(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.1)


def the_books_balance(house: House) -> None:
    done = house.run.flask("ledger", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def every_bid_was_answered_and_happened_once(offers: Iterable[Offer], auction_ids: list[int]) -> None:
    """An accepted bid stands in the database once, a refused one not at all, and nothing else does."""
    db.session.rollback()
    rows = db.session.execute(
        select(Bid.bidder_id, Bid.auction_id, Bid.maximum_cents).where(Bid.auction_id.in_(auction_ids)))
    happened = Counter(tuple(row) for row in rows)
    accepted: Counter[tuple[int, int, int]] = Counter()
    for offer in offers:
        assert offer.status in (201, 409, 422), (offer.status, offer.answer, offer.lost)
        if offer.status == 422:
            assert offer.answer["type"].endswith("bid-too-low"), offer.answer
        if offer.status == 201:
            accepted[offer.bidder_id, offer.auction_id, offer.amount_cents] += 1
    assert happened == accepted


def every_accepted_bid_is_in_the_history(offers: Iterable[Offer], program: Program, auction_ids: list[int]) -> None:
    for auction_id in auction_ids:
        history = program.bids(auction_id)
        assert sorted(history) == list(range(1, len(history) + 1))
        for offer in offers:
            if offer.auction_id == auction_id and offer.status == 201 and offer.answer["sequence"]:
                shown = history[offer.answer["sequence"]]
                assert (shown["id"], shown["bidder"]) == (offer.answer["id"], offer.answer["bidder"])


def repeated_bids_change_nothing(offers: Iterable[Offer], programs: dict[int, Program]) -> None:
    """The same key gives the same answer, also after the close."""
    for offer in offers:
        assert offer.send(programs[offer.bidder_id]) == (offer.status, offer.answer)


def closed_after_seconds(auction_ids: list[int]) -> list[float]:
    """How late each was closed by the database's clock, in order."""
    db.session.rollback()
    ends = db.session.execute(select(Auction.closed_at, Auction.ends_at).where(Auction.id.in_(auction_ids)))
    return sorted(round((closed_at - ends_at).total_seconds(), 1) for closed_at, ends_at in ends if closed_at)


def closed_once(auction_ids: list[int]) -> None:
    """Sold lots are captured and paid out once, what the seller got is the hammer prices less the fees."""
    db.session.rollback()
    fee_rate = db.session.scalar(select(HouseSettings.commission_basis_points))
    for auction in db.session.scalars(select(Auction).where(Auction.id.in_(auction_ids))):
        assert auction.state == ("sold" if auction.leader_id else "unsold")
        moved = Counter({kind: cents for kind, cents in db.session.execute(
            select(Transfer.kind, func.sum(Transfer.amount_cents)).where(Transfer.auction_id == auction.id)
            .group_by(Transfer.kind))})
        times = dict(db.session.execute(
            select(Transfer.kind, func.count()).where(Transfer.auction_id == auction.id).group_by(Transfer.kind)).all())
        if auction.leader_id is None:
            assert moved == {}
            continue
        hammer = auction.hammer_price_cents
        assert (times["capture"], times["payout"]) == (1, 1)
        assert moved["capture"] == moved["payout"] == hammer == auction.price_cents
        assert moved["fee"] == share(hammer, fee_rate)
        assert moved["hold"] == moved["release"] + moved["capture"]
        told = db.session.scalar(select(func.count()).where(
            TopicEvent.topic == auction_topic(auction.id), TopicEvent.kind == "closed"))
        assert told == 1


def winner_and_seller_can_write(auction_ids: list[int]) -> bool:
    """Each sold lot has its thread with its two members."""
    db.session.rollback()
    sold = db.session.execute(
        select(Auction.id, Auction.leader_id, Auction.seller_id)
        .where(Auction.id.in_(auction_ids), Auction.state == "sold")).all()
    return all(
        set(db.session.scalars(
            select(Member.user_id).join(Conversation, Conversation.id == Member.conversation_id)
            .where(Conversation.auction_id == auction_id, Conversation.kind == "handover")))
        == {winner_id, seller_id}
        for auction_id, winner_id, seller_id in sold)


def everybody_was_told_once(auction_ids: list[int]) -> bool:
    """Winner, seller and losers have exactly one notice each of how the auction ended."""
    db.session.rollback()
    for auction in db.session.scalars(select(Auction).where(Auction.id.in_(auction_ids))):
        told = Counter(tuple(row) for row in db.session.execute(
            select(Notice.kind, Notice.user_id).where(Notice.auction_id == auction.id, Notice.kind != "outbid")))
        bidders = set(db.session.scalars(select(Bid.bidder_id).where(Bid.auction_id == auction.id)))
        wanted = Counter([(auction.state, auction.seller_id)])
        wanted += Counter(("lost", bidder) for bidder in bidders - {auction.leader_id})
        if auction.leader_id:
            wanted["won", auction.leader_id] += 1
        if told != wanted:
            return False
    return True


def the_reader_saw_everything_once(reader: Reader) -> None:
    db.session.rollback()
    log = db.session.execute(
        select(TopicEvent.sequence, TopicEvent.kind, TopicEvent.payload)
        .where(TopicEvent.topic == auction_topic(reader.auction_id)).order_by(TopicEvent.sequence)).all()
    seen = [sequence for sequence, _, _ in reader.events]
    missed = sorted({row.sequence for row in log} - set(seen))
    twice = sorted(sequence for sequence, times in Counter(seen).items() if times > 1)
    facts = f"missed {missed}, told twice {twice}; connections {reader.connections}"
    assert not missed and not twice and seen == sorted(seen), facts
    assert reader.events == [tuple(row) for row in log]
    assert reader.events[-1][1] == "closed"


