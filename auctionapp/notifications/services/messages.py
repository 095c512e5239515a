"""Telling people of new messages: one notice for each person and chat, until they have read it there.

Further messages write nothing: the list counts them as they stand. So 100 messages a second in groups of 20 cost a
query a second once everybody has been told.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from auctionapp import bulk, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.clock import Clock, database_clock
from auctionapp.events import NoticesCreated, announce
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services.writing import notify
from auctionapp.people.models import PersonBlock

PRIVATE = ("direct", "group", "handover")
LATELY = 2000
"""Notices that the sweep looks at."""
_other = aliased(User)


def tell_messages(message_ids: Collection[int], site: Site, clock: Clock = database_clock) -> None:
    """Tell members of messages that they have not read, unless an unread notice tells them of the chat already.

    Whoever reads along has read them by now and is told nothing, nor is anybody told of people whom they blocked.
    """
    def work(session: Session) -> None:
        found = {(row.id, row.user_id): row for row in session.execute(_untold(message_ids))}
        notify(session, [
            words.messages(conversation_id, user_id, _where(row), row.read_number + 1)
            for (conversation_id, user_id), row in found.items()], site, clock.now(session), again=True)

    if db.session.execute(_untold(message_ids).limit(1)).first() is not None:
        transaction.write(work)


def _untold(message_ids: Collection[int]) -> Any:
    """Chats and members who should be told of one of these messages."""
    other_id = case((Conversation.low_id == Member.user_id, Conversation.high_id), else_=Conversation.low_id)
    overtaken = and_(Notice.read_at.is_(None), Notice.number <= Member.read_number)
    return (
        select(Conversation.id, Conversation.kind, Conversation.name, Auction.title, _other.display_name, Member.user_id,
               Member.read_number)
        .select_from(Message).join(Conversation, Conversation.id == Message.conversation_id)
        .join(Member, and_(Member.conversation_id == Conversation.id, Member.user_id != Message.author_id,
                           Member.left_at.is_(None), Member.read_number < Message.number))
        .outerjoin(_other, _other.id == other_id).outerjoin(Auction, Auction.id == Conversation.auction_id)
        .outerjoin(Notice, and_(Notice.conversation_id == Conversation.id, Notice.user_id == Member.user_id))
        .where(Message.id.in_(message_ids), Message.kind == "text", Message.deleted_at.is_(None),
               Conversation.kind.in_(PRIVATE), or_(Notice.id.is_(None), overtaken, Notice.read_at < Message.created_at),
               ~exists().where(PersonBlock.blocker_id == Member.user_id, PersonBlock.blocked_id == Message.author_id)))


def _where(row: Any) -> str:
    if row.kind == "direct":
        return f"from {row.display_name}"
    if row.kind == "handover":
        return f"about the hand-over of {row.title}"
    return f"in {row.name or 'a group'}"


def mark_read_there(user_ids: Collection[int] | None = None, clock: Clock = database_clock) -> None:
    """What was read in its chat, or cannot be any more, is read here too: of these people, or whatever came lately."""
    wanted = (
        select(Notice.id).join(Member, and_(Member.conversation_id == Notice.conversation_id,
                                            Member.user_id == Notice.user_id))
        .where(Notice.kind == "message", Notice.read_at.is_(None),
               or_(Member.read_number >= Notice.number, Member.left_at.is_not(None))))
    if user_ids is None:
        wanted = wanted.where(Notice.id > select(func.max(Notice.id) - LATELY).scalar_subquery())
        ids = db.session.scalars(wanted).all()
    else:
        among = bulk.among(Notice.user_id, "people", db.engine.dialect.name)
        ids = db.session.scalars(wanted.where(among), {"people": sorted(user_ids)}).all()

    def work(session: Session) -> None:
        read = session.execute(
            update(Notice).where(Notice.id.in_(ids), Notice.read_at.is_(None)).values(read_at=clock.now(session))
            .returning(Notice.user_id).execution_options(synchronize_session=False)).all()
        if read:
            announce(session, NoticesCreated((), tuple(sorted({user_id for user_id, in read}))))

    if ids:
        transaction.write(work)
