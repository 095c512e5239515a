"""Messages as they are read: the newest first, older ones by a key and not by a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, select

from auctionapp import bulk, pictures
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Message
from auctionapp.clock import rfc3339
from auctionapp.extensions import LARGEST_ID, db
from auctionapp.people.models import PersonBlock

AT_ONCE = 10


@dataclass(frozen=True)
class Line:
    """One message as everybody in the conversation sees it."""

    id: int
    number: int
    conversation_id: int
    kind: str
    """Of its conversation."""
    auction_id: int | None
    author_id: int
    author: str
    author_picture: str | None
    seller: bool
    system: bool
    text: str
    picture: str | None
    picture_width: int | None
    picture_height: int | None
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    has_profile: bool = True
    """Whether its author's name leads anywhere: nobody whom the house has blocked has a profile."""

    @property
    def changeable_until(self) -> datetime:
        """Its author may edit or delete it so long."""
        return self.created_at + rules.CHANGEABLE

    @property
    def list_id(self) -> str:
        return list_id(self.kind, self.auction_id, self.conversation_id)


def list_id(kind: str, auction_id: int | None, conversation_id: int | None) -> str:
    """The element that a new line is appended to."""
    if kind == "auction":
        return "chat-lines"
    return f"chat-lines-handover-{auction_id}" if kind == "handover" else f"chat-lines-{conversation_id}"


def _lines() -> Any:
    return (
        select(Message.id, Message.number, Message.conversation_id, Conversation.kind, Conversation.auction_id,
               Message.author_id, User.display_name, User.picture.label("author_picture"), Auction.seller_id,
               Message.kind.label("message_kind"), Message.text, Message.picture, Message.picture_width,
               Message.picture_height, Message.created_at, Message.edited_at, Message.deleted_at, User.blocked_at)
        .join(User, User.id == Message.author_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Auction, Auction.id == Conversation.auction_id))


def _line(row: Any) -> Line:
    return Line(
        row.id, row.number, row.conversation_id, row.kind, row.auction_id, row.author_id, row.display_name,
        row.author_picture, row.author_id == row.seller_id, row.message_kind == "system", row.text, row.picture,
        row.picture_width, row.picture_height, row.created_at, row.edited_at, row.deleted_at, row.blocked_at is None)


def page(conversation_id: int | None, before: int | None = None,
         blocker_id: int | None = None) -> tuple[list[Line], int | None]:
    """Ten lines before a message's id (or the newest), newest first, and the `before` of the next older ones.

    Without those of people whom `blocker_id` has blocked.
    """
    if conversation_id is None:
        return [], None
    wanted = _lines().where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(AT_ONCE + 1)
    if before is not None:
        wanted = wanted.where(Message.id < min(before, LARGEST_ID))
    if blocker_id is not None:
        wanted = wanted.where(Message.author_id.not_in(
            select(PersonBlock.blocked_id).where(PersonBlock.blocker_id == blocker_id)))
    lines = [_line(row) for row in db.session.execute(wanted)]
    more = len(lines) > AT_ONCE
    return lines[:AT_ONCE], lines[AT_ONCE - 1].id if more else None


def before_of(conversation_id: int | None, around: int) -> int | None:
    """The `before` of a page that has this message in its middle; None when that is the newest page.

    A message that is not of this conversation is taken as the newest.
    """
    wanted = select(Message.number).where(Message.id == min(around, LARGEST_ID), Message.conversation_id == conversation_id)
    number = db.session.scalar(wanted)
    if number is None:
        return None
    return db.session.scalar(select(Message.id).where(
        Message.conversation_id == conversation_id, Message.number == number + AT_ONCE // 2))


@lru_cache
def _lines_by_id(dialect: str) -> Executable:
    return _lines().where(bulk.among(Message.id, "message_ids", dialect))


def lines_by_id(message_ids: Iterable[int]) -> dict[int, Line]:
    connection = db.session.connection()
    rows = connection.execute(_lines_by_id(connection.dialect.name), {"message_ids": list(message_ids)})
    return {row.id: _line(row) for row in rows}


def message_json(line: Line) -> dict[str, Any]:
    """The contract's Message; in a private chat or the lobby with what such a message has besides."""
    shown = {"id": line.id, "author": line.author, "seller": line.seller, "text": line.text,
             "created_at": rfc3339(line.created_at)}
    if line.kind == "auction":
        return shown
    return shown | {
        "number": line.number, "kind": "system" if line.system else "text", "author_id": line.author_id,
        "picture": pictures.address(line.picture, pictures.WIDTHS[0]) if line.picture else None,
        "edited_at": rfc3339(line.edited_at) if line.edited_at else None,
        "deleted": line.deleted_at is not None}


def page_json(conversation_id: int | None, before: int | None = None, blocker_id: int | None = None) -> dict[str, Any]:
    """The contract's page of a chat: ten, newest first; `blocker_id` as in `page`."""
    lines, next_before = page(conversation_id, before, blocker_id)
    return {"items": [message_json(line) for line in lines], "next_before": next_before}
