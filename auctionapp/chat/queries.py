"""Reads of conversations: the newest lines first, older ones by a key and not by a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.clock import rfc3339
from auctionapp.errors import NotFound
from auctionapp.extensions import db

AT_ONCE = 10
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Line:
    """One message as everybody in the conversation sees it."""

    id: int
    kind: str
    """Of its conversation."""
    auction_id: int | None
    author_id: int
    author: str
    seller: bool
    text: str
    created_at: datetime


@dataclass(frozen=True)
class Chat:
    """What the chat's partial shows: the newest lines, oldest first, and how to go on."""

    kind: str
    path: str
    """Where messages are read and posted."""
    list_id: str
    lines: list[Line]
    next_before: int | None

    @property
    def title(self) -> str:
        return "Chat" if self.kind == "auction" else "Hand-over"


def list_id(kind: str, auction_id: int | None) -> str:
    """The element that a new line is appended to. A private thread's names it: its reader may be elsewhere."""
    return "chat-lines" if kind == "auction" else f"chat-lines-{kind}-{auction_id}"


def _lines() -> Any:
    return (
        select(Message.id, Conversation.kind, Conversation.auction_id, Message.author_id, User.display_name,
               Auction.seller_id, Message.text, Message.created_at)
        .join(User, User.id == Message.author_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Auction, Auction.id == Conversation.auction_id))


def _line(row: Any) -> Line:
    return Line(row.id, row.kind, row.auction_id, row.author_id, row.display_name,
                row.author_id == row.seller_id, row.text, row.created_at)


_conversation = Conversation.__table__.select().where(
    Conversation.auction_id == bindparam("auction_id"), Conversation.kind == bindparam("kind"))


def conversation(auction_id: int, kind: str) -> Row | None:
    return db.session.connection().execute(_conversation, {"auction_id": auction_id, "kind": kind}).first()


def page(conversation_id: int | None, before: int | None = None) -> tuple[list[Line], int | None]:
    """Ten lines before a message's id (or the newest), newest first, and the `before` of the next older ones."""
    if conversation_id is None:
        return [], None
    wanted = _lines().where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(AT_ONCE + 1)
    if before is not None:
        wanted = wanted.where(Message.id < min(before, LARGEST_ID))
    lines = [_line(row) for row in db.session.execute(wanted)]
    more = len(lines) > AT_ONCE
    return lines[:AT_ONCE], lines[AT_ONCE - 1].id if more else None


def lines_by_id(message_ids: Iterable[int]) -> dict[int, Line]:
    rows = db.session.execute(_lines().where(Message.id.in_(list(message_ids))))
    return {row.id: _line(row) for row in rows}


def chat_of(auction_id: int, before: int | None = None) -> Chat:
    """The open chat of an auction, for its page. Whether the auction may be seen is the page's affair."""
    found = conversation(auction_id, "auction")
    lines, next_before = page(found.id if found else None, before)
    path = f"/auctions/{auction_id}/messages"
    return Chat("auction", path, list_id("auction", auction_id), lines[::-1], next_before)


def handover_of(auction_id: int, before: int | None = None) -> Chat:
    """The private thread of winner and seller; who may read it is said by `handover_people`."""
    found = conversation(auction_id, "handover")
    lines, next_before = page(found.id if found else None, before)
    path = f"/auctions/{auction_id}/handover"
    return Chat("handover", path, list_id("handover", auction_id), lines[::-1], next_before)


@dataclass(frozen=True)
class HandoverPeople:
    """Who see each other's name once a lot is sold."""

    auction: Auction
    seller: User
    winner: User


def handover_people(auction_id: int, reader_id: int | None) -> HandoverPeople:
    """Seller and winner of a sold auction, for the two of them. Raises NotFound for everybody else (fault 41)."""
    auction = db.session.get(Auction, auction_id)
    if auction is None or auction.state != "sold":
        raise NotFound()
    winner_id = db.session.scalar(select(Bid.bidder_id).where(Bid.id == auction.winning_bid_id))
    if reader_id is None or reader_id not in (auction.seller_id, winner_id):
        raise NotFound()
    return HandoverPeople(auction, db.session.get_one(User, auction.seller_id), db.session.get_one(User, winner_id))


def members(conversation_id: int) -> Sequence[int]:
    """Ids of the people of a private conversation, in order."""
    return db.session.scalars(
        select(Member.user_id).where(Member.conversation_id == conversation_id).order_by(Member.user_id)).all()


def public_auction(auction_id: int, reader_id: int | None = None) -> Auction:
    """An auction whose chat this reader may see. Raises NotFound; a draft is its seller's alone."""
    found = db.session.get(Auction, auction_id)
    if found is None or (found.state == "draft" and found.seller_id != reader_id):
        raise NotFound()
    return found


def message_json(line: Line) -> dict[str, Any]:
    """The contract's Message."""
    return {"id": line.id, "author": line.author, "seller": line.seller, "text": line.text,
            "created_at": rfc3339(line.created_at)}


def messages_json(auction_id: int, before: int | None = None) -> dict[str, Any]:
    """The contract's page of an auction's chat: ten, newest first."""
    found = conversation(auction_id, "auction")
    lines, next_before = page(found.id if found else None, before)
    return {"items": [message_json(line) for line in lines], "next_before": next_before}
