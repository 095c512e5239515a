"""How far somebody has read: one row of their own, never one per message."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.chat.models import Conversation, Member
from auctionapp.errors import NotFound
from auctionapp.events import ReadFurther, UnreadChanged, announce


def mark_read(conversation_id: int, user_id: int, number: int | None = None) -> int:
    """Say that a member has read up to a message's number, or everything; it never goes back. Returns the number.

    Raises NotFound for who is no member. The lobby and an auction's chat keep no count.
    """

    def work(session: Session) -> int:
        place = session.execute(
            select(Conversation.last_number, Member.read_number)
            .join(Member, Member.conversation_id == Conversation.id)
            .where(Conversation.id == conversation_id, Member.user_id == user_id, Member.left_at.is_(None))).first()
        if place is None:
            raise NotFound()
        reached = place.last_number if number is None else min(number, place.last_number)
        if reached <= place.read_number:
            return place.read_number
        moved = session.connection().execute(
            update(Member.__table__)
            .where(Member.conversation_id == conversation_id, Member.user_id == user_id, Member.left_at.is_(None),
                   Member.read_number < reached)
            .values(read_number=reached)).rowcount
        if moved:
            announce(session, ReadFurther(conversation_id))
            announce(session, UnreadChanged(user_ids=(user_id,)))
        return reached

    return transaction.write(work)
