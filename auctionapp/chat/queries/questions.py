"""What others wrote in the chats of a seller's own lots, in one place."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat.models import Conversation, Message
from auctionapp.chat.queries.lines import LARGEST_ID
from auctionapp.extensions import db

PER_PAGE = 20


@dataclass(frozen=True)
class Question:
    """One message of somebody else; answered once the seller wrote in that chat after it."""

    id: int
    auction_id: int
    title: str
    author_id: int
    author: str
    text: str
    created_at: datetime
    answered: bool


def newest(seller_id: int, open_only: bool, before: int | None = None) -> tuple[list[Question], int | None]:
    """A page of questions, newest first, and the `before` of the next older ones."""
    answer = aliased(Message)
    answered = exists().where(answer.conversation_id == Message.conversation_id, answer.number > Message.number,
                              answer.author_id == seller_id, answer.deleted_at.is_(None))
    wanted = (
        select(Message.id, Auction.id.label("auction_id"), Auction.title, Message.author_id, User.display_name, Message.text,
               Message.created_at, answered.label("answered"))
        .join(Conversation, and_(Conversation.id == Message.conversation_id, Conversation.kind == "auction"))
        .join(Auction, Auction.id == Conversation.auction_id).join(User, User.id == Message.author_id)
        .where(Auction.seller_id == seller_id, Message.author_id != seller_id, Message.deleted_at.is_(None),
               Message.kind == "text"))
    if open_only:
        wanted = wanted.where(~answered)
    if before is not None:
        wanted = wanted.where(Message.id < min(before, LARGEST_ID))
    rows = db.session.execute(wanted.order_by(Message.id.desc()).limit(PER_PAGE + 1)).all()
    found = [Question(row.id, row.auction_id, row.title, row.author_id, row.display_name, row.text, row.created_at,
                      row.answered) for row in rows[:PER_PAGE]]
    return found, found[-1].id if len(rows) > PER_PAGE else None


def lot_of(message_id: int, seller_id: int) -> int | None:
    """The own lot in whose chat somebody else wrote this message; None for all other messages (fault 41)."""
    return db.session.scalar(
        select(Conversation.auction_id).join(Message, Message.conversation_id == Conversation.id)
        .join(Auction, Auction.id == Conversation.auction_id)
        .where(Message.id == min(message_id, LARGEST_ID), Conversation.kind == "auction", Auction.seller_id == seller_id,
               Message.author_id != seller_id))
