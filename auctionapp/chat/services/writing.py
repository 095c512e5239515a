"""Writing in conversations. A message takes its number, and that of its topic's next event, under one lock.

The lock is the auction's row for its open chat, the conversation's own row for all others. Membership is read after it,
so that nobody who was removed in the meantime writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, idempotency, quotas, topics, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.chat.queries import Line, message_json
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.events import MessagePosted, UnreadChanged, announce
from auctionapp.idempotency import Key
from auctionapp.people.models import PersonBlock
from auctionapp.pictures import StoredPicture

PRIVATE = ("direct", "group", "handover")


@dataclass(frozen=True)
class Place:
    """A locked conversation."""

    id: int
    kind: str
    topic: str
    sequence: int
    """Number that the next event takes in the topic."""
    last_number: int
    auction_id: int | None = None
    seller_id: int | None = None
    low_id: int | None = None
    high_id: int | None = None

    def other(self, user_id: int) -> int | None:
        """Of a direct chat: the other person."""
        return self.high_id if self.low_id == user_id else self.low_id


def post(auction_id: int, author_id: int, text: str, key: Key | None = None,
         clock: Clock = database_clock) -> dict[str, Any]:
    """Write in an auction's open chat; returns the contract's Message.

    Raises NotFound (a draft has no chat), NotAllowed, MessageBlank, MessageTooLong, TooManyMessages,
    IdempotencyKeyReuse.
    """
    text = rules.clean(text)
    return transaction.write(lambda session: _post(
        session, lock_auction_chat(session, auction_id, clock), author_id, text, None, key, clock))


def post_in(conversation_id: int, author_id: int, text: str, key: Key | None = None,
            picture: StoredPicture | None = None, clock: Clock = database_clock) -> dict[str, Any]:
    """Write in a direct or group chat, a hand-over or the lobby, words or a picture or both; returns the Message.

    Raises NotFound for who is no member, NotAllowed for who is blocked, and as `post`.
    """
    text = rules.clean(text, picture is not None)
    return transaction.write(lambda session: post_locked(
        session, conversation_id, author_id, text, picture, key, clock))


def post_locked(session: Session, conversation_id: int, author_id: int, text: str, picture: StoredPicture | None,
                key: Key | None, clock: Clock) -> dict[str, Any]:
    """The same within a transaction, with a text that was cleaned."""
    return _post(session, lock(session, conversation_id), author_id, text, picture, key, clock)


def _post(session: Session, place: Place, author_id: int, text: str, picture: StoredPicture | None, key: Key | None,
          clock: Clock) -> dict[str, Any]:
    author = writer(session, place, author_id)
    earlier = idempotency.earlier_result(session, key)
    if earlier is not None:
        session.rollback()
        return earlier
    now = clock.now(session)
    refuse_blocked(session, place, author_id)
    refuse_flood(session, author_id, now)
    line = append(session, place, author, text, now, picture=picture)
    shown = message_json(line)
    idempotency.keep(session, key, shown, now)
    return shown


_person = (
    select(User.id, User.display_name, User.picture, User.confirmed_at, User.blocked_at,
           Member.user_id.label("member_id"), Member.is_admin)
    .outerjoin(Member, and_(Member.user_id == User.id, Member.conversation_id == bindparam("conversation_id"),
                            Member.left_at.is_(None)))
    .where(User.id == bindparam("user_id")))


def active_person(session: Session, user_id: int, conversation_id: int = 0) -> Any:
    """Name and picture of somebody who may write, and whether they administrate this chat. Raises NotAllowed."""
    person = session.connection().execute(_person, {"user_id": user_id, "conversation_id": conversation_id}).one()
    if person.confirmed_at is None or person.blocked_at is not None:
        raise NotAllowed("You may not write here.")
    return person


def writer(session: Session, place: Place, user_id: int) -> Any:
    """The same of who may write in a locked conversation. Raises NotFound for who is no member; the lobby and a lot's
    chat are everybody's."""
    person = active_person(session, user_id, place.id)
    if person.member_id is None and place.kind in PRIVATE:
        raise NotFound()
    return person


def refuse_blocked(session: Session, place: Place, author_id: int) -> None:
    """Raises NotAllowed in a direct chat of which one has blocked the other."""
    other_id = place.other(author_id) if place.kind == "direct" else None
    if other_id is None:
        return
    blocks = session.execute(
        select(PersonBlock.blocker_id, User.display_name).join(User, User.id == other_id).where(or_(
            (PersonBlock.blocker_id == other_id) & (PersonBlock.blocked_id == author_id),
            (PersonBlock.blocker_id == author_id) & (PersonBlock.blocked_id == other_id)))).all()
    for block in blocks:
        if block.blocker_id == author_id:
            raise NotAllowed(f"You have blocked {block.display_name}. Take the block back to write.")
        raise NotAllowed(f"{block.display_name} does not take messages from you.")


def refuse_flood(session: Session, author_id: int, now: datetime) -> None:
    """Raises TooManyMessages for who writes too much; what they did to groups stands in the chats and counts too."""
    seconds = quotas.used_up(session, "messages", now, Message.created_at, Message.author_id == author_id)
    if seconds is not None:
        raise rules.TooManyMessages(seconds)


# Made once: to make them for each message takes as long as the database needs for them.
_new_message = insert(Message.__table__).returning(Message.id)
_go_on = (
    update(Conversation.__table__).where(Conversation.id == bindparam("of_conversation"))
    .values(last_number=bindparam("new_number"), last_message_id=bindparam("new_message_id"),
            last_message_at=bindparam("new_moment")))
_go_on_with_topic = _go_on.values(topic_sequence=bindparam("new_sequence"))
_read_own = (
    update(Member.__table__).values(read_number=bindparam("new_number"))
    .where(Member.conversation_id == bindparam("of_conversation"), Member.user_id == bindparam("author")))


def append(session: Session, place: Place, author: Any, text: str, now: datetime, *,
           picture: StoredPicture | None = None, system: bool = False) -> Line:
    """Add a message to a locked conversation and have it told; its author has read up to it.

    `system` says what happened to the chat, in words about its author.
    """
    number = place.last_number + 1
    connection = session.connection()
    shown = (picture.name, picture.width, picture.height) if picture else (None, None, None)
    message_id = connection.execute(_new_message, {
        "conversation_id": place.id, "number": number, "author_id": author.id, "kind": "system" if system else "text",
        "text": text, "search_text": text.casefold(), "created_at": now,
        "picture": shown[0], "picture_width": shown[1], "picture_height": shown[2]}).scalar_one()
    line = Line(
        message_id, number, place.id, place.kind, place.auction_id, author.id, author.display_name, author.picture,
        author.id == place.seller_id, system, text, *shown, now, None, None)
    with bulk.unanswered(connection):
        new = {"of_conversation": place.id, "new_number": number, "new_message_id": message_id, "new_moment": now}
        if place.kind == "auction":  # whose topic is the auction's
            connection.execute(_go_on, new)
        else:
            connection.execute(_go_on_with_topic, new | {"new_sequence": place.sequence})
        if place.kind in PRIVATE:
            connection.execute(_read_own, {"of_conversation": place.id, "new_number": number, "author": author.id})
        topics.record(session, [event_row(place, "message", line)], now)
    if place.kind in PRIVATE:
        announce(session, UnreadChanged((place.id,)))
        if not system:
            announce(session, MessagePosted(place.id, message_id, author.id))
    return line


def event_row(place: Place, kind: str, line: Line) -> dict[str, Any]:
    """What the topic's log keeps: of a private message only which it is, so that what is deleted is gone everywhere."""
    payload = message_json(line) if place.kind == "auction" else {"id": line.id}
    return {"topic": place.topic, "sequence": place.sequence, "kind": kind, "payload": payload}


_locked = (
    select(Conversation.id, Conversation.kind, Conversation.topic_sequence, Conversation.last_number,
           Conversation.auction_id, Conversation.low_id, Conversation.high_id)
    .where(Conversation.id == bindparam("conversation_id"), Conversation.kind != "auction").with_for_update())


def lock(session: Session, conversation_id: int) -> Place:
    """Lock a conversation that is no auction's chat. Raises NotFound."""
    found = session.connection().execute(_locked, {"conversation_id": conversation_id}).first()
    if found is None:
        raise NotFound()
    seller_id = session.scalar(
        select(Auction.seller_id).where(Auction.id == found.auction_id)) if found.auction_id else None
    return Place(found.id, found.kind, topics.conversation_topic(found.id), found.topic_sequence + 1, found.last_number,
                 found.auction_id, seller_id, found.low_id, found.high_id)


def lock_auction_chat(session: Session, auction_id: int, clock: Clock) -> Place:
    """Lock the auction's row by taking its next number; its conversation begins with the first message."""
    taken = session.execute(
        update(Auction).where(Auction.id == auction_id, Auction.state != "draft")
        .values(topic_sequence=Auction.topic_sequence + 1)
        .returning(Auction.topic_sequence, Auction.seller_id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise NotFound()
    conversation = of_auction(session, auction_id, "auction", clock)
    return Place(conversation.id, "auction", topics.auction_topic(auction_id), taken.topic_sequence,
                 conversation.last_number, auction_id, taken.seller_id)


def of_auction(session: Session, auction_id: int, kind: str, clock: Clock) -> Any:
    """The auction's conversation of this kind, made if it is the first time. The auction's row is locked."""
    wanted = select(Conversation.id, Conversation.last_number).where(
        Conversation.auction_id == auction_id, Conversation.kind == kind)
    found = session.execute(wanted).first()
    if found is None:
        now = clock.now(session)
        session.execute(insert(Conversation).values(
            kind=kind, auction_id=auction_id, created_at=now, last_message_at=now))
        found = session.execute(wanted).one()
    return found


def member_ids(session: Session, conversation_id: int) -> Sequence[int]:
    """Who is in it now, in order."""
    return session.scalars(
        select(Member.user_id).where(Member.conversation_id == conversation_id, Member.left_at.is_(None))
        .order_by(Member.user_id)).all()
