"""Who writes in the same chats: for suggesting friends. A chat shows names; bids and their aliases are never looked at."""

from sqlalchemy import Select, func, literal, or_, select, union_all

from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.extensions import db

OWN_MESSAGES = 300
CHATS = 20
MESSAGES_OF_EACH = 100
COMPANIONS = 60
"""Only what was written lately counts: a long chat is read no further than a short one."""


def shared_chats(person_id: int) -> dict[int, int]:
    """Who wrote in the chats in which this person wrote, with in how many; most of them first. Two statements."""
    own = (select(Message.id, Message.conversation_id)
           .where(Message.author_id == person_id, Message.kind == "text", Message.deleted_at.is_(None))
           .order_by(Message.created_at.desc()).limit(OWN_MESSAGES).subquery())
    # Who left a chat learns no more who writes there.
    still_in = select(Member.user_id).where(
        Member.conversation_id == Conversation.id, Member.user_id == person_id, Member.left_at.is_(None)).exists()
    chat_ids = db.session.scalars(
        select(own.c.conversation_id).join(Conversation, Conversation.id == own.c.conversation_id)
        .where(or_(Conversation.kind.in_(("auction", "lobby")), still_in))
        .group_by(own.c.conversation_id).order_by(func.max(own.c.id).desc()).limit(CHATS)
    ).all()
    if not chat_ids:
        return {}
    written = union_all(*(_authors(chat_id) for chat_id in chat_ids)).subquery()
    rows = db.session.execute(
        select(written.c.author_id, func.count(written.c.chat_id.distinct()))
        .where(written.c.author_id != person_id).group_by(written.c.author_id)
        .order_by(func.count(written.c.chat_id.distinct()).desc(), func.max(written.c.id).desc()).limit(COMPANIONS))
    return {row[0]: row[1] for row in rows}


def _authors(chat_id: int) -> Select:
    newest = (select(Message.id, Message.author_id, literal(chat_id).label("chat_id"))
              .where(Message.conversation_id == chat_id, Message.kind == "text", Message.deleted_at.is_(None))
              .order_by(Message.id.desc()).limit(MESSAGES_OF_EACH).subquery())
    return select(newest)
