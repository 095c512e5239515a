"""What others wrote in the chats of a seller's own lots, in one place: chat by chat, the liveliest lately first."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat.models import Conversation, Message
from auctionapp.chat.queries.lines import LARGEST_ID
from auctionapp.extensions import db

CHATS = 20
LOOKED_AT = 20
"""The last messages of a chat that are looked at; what is older is read in the chat itself."""
SHOWN = 3


@dataclass(frozen=True)
class Question:
    """One message of somebody else; answered once the seller wrote in that chat after it."""

    id: int
    author_id: int
    author: str
    text: str
    created_at: datetime
    answered: bool


@dataclass(frozen=True)
class Asked:
    """A lot with the newest questions under it, the newest first; `more` says that there are others above them."""

    auction_id: int
    title: str
    questions: list[Question] = field(default_factory=list)
    more: bool = False


def asked(seller_id: int, open_only: bool, before: int | None = None) -> tuple[list[Asked], int | None]:
    """A page of own lots under which others wrote, and the `before` of the next: in two statements, however many."""
    last = aliased(Message)
    chats = (
        select(Conversation.id, Conversation.last_message_id, Conversation.last_number, Auction.id.label("auction_id"),
               Auction.title)
        .join(Auction, and_(Auction.id == Conversation.auction_id, Auction.seller_id == seller_id))
        .where(Conversation.kind == "auction", Conversation.last_message_id.is_not(None)))
    if open_only:
        chats = chats.join(last, last.id == Conversation.last_message_id).where(last.author_id != seller_id)
    if before is not None:
        chats = chats.where(Conversation.last_message_id < min(before, LARGEST_ID))
    rows = db.session.execute(chats.order_by(Conversation.last_message_id.desc()).limit(CHATS + 1)).all()
    found = {row.id: Asked(row.auction_id, row.title) for row in rows[:CHATS]}
    if not found:
        return [], None
    _fill(found, seller_id, open_only)
    lots = [one for one in found.values() if one.questions]
    return lots, rows[CHATS - 1].last_message_id if len(rows) > CHATS else None


def _fill(found: dict[int, Asked], seller_id: int, open_only: bool) -> None:
    messages = db.session.execute(
        select(Message.conversation_id, Message.id, Message.author_id, User.display_name, Message.text, Message.created_at,
               Message.deleted_at)
        .join(Conversation, Conversation.id == Message.conversation_id).join(User, User.id == Message.author_id)
        .where(Message.conversation_id.in_(found), Message.number > Conversation.last_number - LOOKED_AT,
               Message.kind == "text")
        .order_by(Message.conversation_id, Message.number.desc()))
    answered: set[int] = set()
    for row in messages:
        lot = found[row.conversation_id]
        if row.deleted_at is not None:
            continue
        if row.author_id == seller_id:
            answered.add(row.conversation_id)
        elif open_only and row.conversation_id in answered:
            continue
        elif len(lot.questions) < SHOWN:
            lot.questions.append(Question(row.id, row.author_id, row.display_name, row.text, row.created_at,
                                          row.conversation_id in answered))
        else:
            found[row.conversation_id] = Asked(lot.auction_id, lot.title, lot.questions, more=True)


def lot_of(auction_id: int, seller_id: int) -> int | None:
    """This lot, if it is the seller's own and has a chat; None for all others (fault 41)."""
    return db.session.scalar(
        select(Auction.id).join(Conversation, and_(Conversation.auction_id == Auction.id, Conversation.kind == "auction"))
        .where(Auction.id == auction_id, Auction.seller_id == seller_id))
