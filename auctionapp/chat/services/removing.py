"""Taking a message away by the house: after a report, in any conversation, at any time."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import audit, topics, transaction
from auctionapp.audit import Actor
from auctionapp.chat.models import Conversation, Message
from auctionapp.chat.queries import lines_by_id
from auctionapp.chat.services import writing
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotFound
from auctionapp.events import PicturesDropped, announce
from auctionapp.topics import TopicEvent


def remove(actor: Actor, message_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Take the words and the picture of a message away; its place stays. The log does not keep them either.

    Raises NotFound for one that is not there or was deleted, ReasonMissing.
    """
    reason = audit.clean_reason(reason)

    def work(session: Session) -> None:
        place = _locked_place(session, message_id, clock)
        message = session.execute(
            select(Message.author_id, Message.picture, Message.created_at)
            .where(Message.id == message_id, Message.deleted_at.is_(None), Message.kind == "text")).first()
        if message is None:
            raise NotFound()
        now = clock.now(session)
        connection = session.connection()
        connection.execute(update(Message.__table__).where(Message.id == message_id).values(
            text="", search_text="", picture=None, picture_width=None, picture_height=None, deleted_at=now))
        if message.picture:
            announce(session, PicturesDropped((message.picture,)))
        [line] = lines_by_id([message_id]).values()
        if place.kind == "auction":
            # An open chat's words stand in its log too, which programs read again from the beginning.
            told = writing.event_row(place, "message", line)["payload"]
            connection.execute(update(TopicEvent.__table__).where(
                TopicEvent.topic == place.topic, TopicEvent.kind == "message",
                TopicEvent.created_at == message.created_at).values(payload=told))
        else:
            connection.execute(update(Conversation.__table__).where(Conversation.id == place.id)
                               .values(topic_sequence=place.sequence))
        topics.record(session, [writing.event_row(place, "deleted", line)], now)
        audit.record(session, actor, "remove_message", "message", message_id, now,
                     {"author_id": message.author_id, "deleted": False}, {"deleted": True}, reason)

    transaction.write(work)


def _locked_place(session: Session, message_id: int, clock: Clock) -> writing.Place:
    found = session.execute(
        select(Conversation.id, Conversation.kind, Conversation.auction_id)
        .join(Message, Message.conversation_id == Conversation.id).where(Message.id == message_id)).first()
    if found is None:
        raise NotFound()
    if found.kind == "auction":
        return writing.lock_auction_chat(session, found.auction_id, clock)
    return writing.lock(session, found.id)
