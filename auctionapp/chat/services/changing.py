"""Editing and deleting one's own message for a quarter of an hour.

An auction's open chat stands as it was said: people bid on what the seller answers there.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import topics, transaction
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Message
from auctionapp.chat.queries import lines_by_id
from auctionapp.chat.services import writing
from auctionapp.chat.services.writing import Place
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.events import PicturesDropped, announce


def edit(message_id: int, author_id: int, text: str, clock: Clock = database_clock) -> int:
    """Put other words into an own message; returns its conversation's id.

    Raises NotFound for a message of somebody else, NotAllowed, TooLate, MessageBlank, MessageTooLong.
    """

    def work(session: Session) -> int:
        place, message, now = _own(session, message_id, author_id, clock)
        writing.refuse_blocked(session, place, author_id)
        new = rules.clean(text, message.picture is not None)
        if new != message.text:
            _change(session, place, message_id, "edited", now, text=new, search_text=new.casefold(), edited_at=now)
        return place.id

    return transaction.write(work)


def delete(message_id: int, author_id: int, clock: Clock = database_clock) -> int:
    """Take an own message back: its place stays, its words and picture are gone. Returns its conversation's id.

    Raises NotFound for a message of somebody else, NotAllowed, TooLate.
    """

    def work(session: Session) -> int:
        place, message, now = _own(session, message_id, author_id, clock)
        if message.picture:
            announce(session, PicturesDropped((message.picture,)))
        _change(session, place, message_id, "deleted", now, text="", search_text="", picture=None, picture_width=None,
                picture_height=None, deleted_at=now)
        return place.id

    return transaction.write(work)


def _own(session: Session, message_id: int, author_id: int, clock: Clock) -> tuple[Place, Any, datetime]:
    conversation = session.execute(
        select(Conversation.id, Conversation.kind).join(Message, Message.conversation_id == Conversation.id)
        .where(Message.id == message_id, Message.author_id == author_id, Message.kind == "text")).first()
    if conversation is None:
        raise NotFound()
    if conversation.kind == "auction":
        raise NotAllowed("What was said in a lot's chat stands.")
    place = writing.lock(session, conversation.id)
    writing.writer(session, place, author_id)
    message = session.execute(
        select(Message.text, Message.picture, Message.created_at)
        .where(Message.id == message_id, Message.deleted_at.is_(None))).first()
    if message is None:
        raise NotFound()
    now = clock.now(session)
    if not rules.changeable(message.created_at, now):
        raise rules.TooLate()
    return place, message, now


def _change(session: Session, place: Place, message_id: int, what: str, now: datetime, **values: Any) -> None:
    connection = session.connection()
    connection.execute(update(Message.__table__).where(Message.id == message_id).values(values))
    connection.execute(update(Conversation.__table__).where(Conversation.id == place.id).values(
        topic_sequence=place.sequence))
    topics.record(session, [writing.event_row(place, what, lines_by_id([message_id])[message_id])], now)
