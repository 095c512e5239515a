"""Writing in conversations: an auction's open chat, and the private thread of winner and seller.

A message takes its number in every topic that carries it, under that topic's lock: the auction's row for the open
chat, the rows of the members for a private thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from auctionapp import idempotency, topics, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.clock import Clock, database_clock, rfc3339
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.extensions import limiter
from auctionapp.idempotency import Key


@dataclass(frozen=True)
class Audience:
    """The topics that tell of a message, with the number that it takes in each."""

    conversation_id: int
    seller_id: int | None
    sequences: dict[str, int]


def post(auction_id: int, author_id: int, text: str, key: Key | None = None,
         clock: Clock = database_clock) -> dict[str, Any]:
    """Write in an auction's open chat; returns the contract's Message.

    Raises NotFound (a draft has no chat), NotAllowed, MessageBlank, MessageTooLong, TooManyMessages,
    IdempotencyKeyReuse.
    """
    text = rules.clean(text)
    return transaction.write(lambda session: _write(
        session, author_id, text, key, clock, lambda: _auction_audience(session, auction_id, clock)))


def post_handover(auction_id: int, author_id: int, text: str, key: Key | None = None,
                  clock: Clock = database_clock) -> dict[str, Any]:
    """Write in the thread of winner and seller. Raises NotFound for everybody else, and as `post`."""
    text = rules.clean(text)
    return transaction.write(lambda session: _write(
        session, author_id, text, key, clock, lambda: _handover_audience(session, auction_id, author_id, clock)))


def _write(session: Session, author_id: int, text: str, key: Key | None, clock: Clock,
           audience_of: Callable[[], Audience]) -> dict[str, Any]:
    audience = audience_of()
    earlier = idempotency.earlier_result(session, key)
    if earlier is not None:
        session.rollback()
        return earlier
    author = session.get_one(User, author_id, populate_existing=True)
    now = clock.now(session)
    _refuse(session, author, now)
    message = Message(conversation_id=audience.conversation_id, author_id=author_id, text=text, created_at=now)
    session.add(message)
    session.flush()
    shown = {"id": message.id, "author": author.display_name, "seller": author_id == audience.seller_id,
             "text": text, "created_at": rfc3339(now)}
    topics.record(session, [
        {"topic": topic, "sequence": sequence, "kind": "message", "payload": shown}
        for topic, sequence in audience.sequences.items()], now)
    idempotency.keep(session, key, shown, now)
    return shown


def _refuse(session: Session, author: User, now: datetime) -> None:
    if not author.is_active:
        raise NotAllowed("You may not write here.")
    if not limiter.enabled:
        return
    for seconds, most in rules.QUOTA:
        written = session.scalar(select(func.count()).select_from(Message).where(
            Message.author_id == author.id, Message.created_at > now - timedelta(seconds=seconds)))
        if (written or 0) >= most:
            raise rules.TooManyMessages()


def _auction_audience(session: Session, auction_id: int, clock: Clock) -> Audience:
    """Lock the auction's row by taking its next number; its conversation begins with the first message."""
    taken = session.execute(
        update(Auction).where(Auction.id == auction_id, Auction.state != "draft")
        .values(topic_sequence=Auction.topic_sequence + 1)
        .returning(Auction.topic_sequence, Auction.seller_id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise NotFound()
    return Audience(_conversation_id(session, auction_id, "auction", clock.now(session)), taken.seller_id,
                    {topics.auction_topic(auction_id): taken.topic_sequence})


def _handover_audience(session: Session, auction_id: int, author_id: int, clock: Clock) -> Audience:
    """Lock the members' rows in id order by taking the next number of each person's topic."""
    thread_id = _open_handover(session, auction_id, clock)
    people = _member_ids(session, thread_id) if thread_id else []
    if thread_id is None or author_id not in people:
        raise NotFound()
    seller_id = session.scalar(select(Auction.seller_id).where(Auction.id == auction_id))
    return Audience(thread_id, seller_id,
                    {topics.person_topic(person): _next_of_person(session, person) for person in people})


def _next_of_person(session: Session, user_id: int) -> int:
    return session.execute(
        update(User).where(User.id == user_id).values(topic_sequence=User.topic_sequence + 1)
        .returning(User.topic_sequence).execution_options(synchronize_session=False)
    ).scalar_one()


def _member_ids(session: Session, conversation_id: int) -> Sequence[int]:
    return session.scalars(select(Member.user_id).where(Member.conversation_id == conversation_id)
                           .order_by(Member.user_id)).all()


def _conversation_id(session: Session, auction_id: int, kind: str, now: datetime) -> int:
    """The auction's conversation of this kind, made if it is the first time. The auction's row is locked."""
    found = session.scalar(select(Conversation.id).where(
        Conversation.auction_id == auction_id, Conversation.kind == kind))
    if found is not None:
        return found
    conversation = Conversation(kind=kind, auction_id=auction_id, created_at=now)
    session.add(conversation)
    session.flush()
    return conversation.id


def open_handover(auction_id: int, clock: Clock = database_clock) -> int | None:
    """Give winner and seller of a sold auction a thread of their own, once; its id, or None when nothing was sold."""
    return transaction.write(lambda session: _open_handover(session, auction_id, clock))


def _open_handover(session: Session, auction_id: int, clock: Clock) -> int | None:
    auction = session.scalars(
        select(Auction).where(Auction.id == auction_id, Auction.state == "sold").with_for_update(of=Auction)
        .execution_options(populate_existing=True)).first()
    if auction is None:
        return None
    winner_id = session.scalar(select(Bid.bidder_id).where(Bid.id == auction.winning_bid_id))
    thread_id = _conversation_id(session, auction_id, "handover", clock.now(session))
    present = set(_member_ids(session, thread_id))
    missing = {auction.seller_id, winner_id} - present - {None}
    if missing:
        session.execute(insert(Member), [
            {"conversation_id": thread_id, "user_id": user_id} for user_id in sorted(missing)])
    return thread_id
