"""Finding messages in one's own chats: every word must stand in it, in upper or lower case.

A search reads the messages of the person's own chats, by the index of conversations, and no others: it costs what they
could have read, not what the house holds (docs/decisions/0005).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.auctions.queries import filters
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.chat.queries.chats import title_of
from auctionapp.extensions import LARGEST_ID, db

PER_PAGE = 20
WORDS = 8
SHORTEST = 2
"""Letters that all words have together at least."""
BEFORE, LENGTH = 60, 240
"""Characters of a message that are shown: before the first word that was found, and in all."""
_other = aliased(User)


@dataclass(frozen=True)
class Hit:
    id: int
    conversation_id: int
    chat: str
    """What its conversation is called."""
    author_id: int
    author: str
    author_picture: str | None
    created_at: datetime
    pieces: list[tuple[str, bool]]
    """Of the text around what was found: each with whether it is one of the words."""

    @property
    def path(self) -> str:
        """The message in its place."""
        return f"/inbox/{self.conversation_id}?around={self.id}#message-{self.id}"


def asked_words(query: str) -> list[str]:
    """The words to look for; none when they are too short to find anything by."""
    words = query.split()[:WORDS]
    return words if sum(map(len, words)) >= SHORTEST else []


def hits(user_id: int, words: Sequence[str], before: int | None = None) -> tuple[list[Hit], int | None]:
    """Messages of this person's chats that hold all of these words, newest first; and the `before` of the next ones."""
    if not words:
        return [], None
    own = db.session.scalars(select(Member.conversation_id).where(
        Member.user_id == user_id, Member.left_at.is_(None))).all()
    found = select(Message.id).where(
        Message.conversation_id.in_(own), Message.kind == "text",
        *(Message.search_text.like(filters.pattern(word.casefold()), escape="/") for word in words))
    if before is not None:
        found = found.where(Message.id < min(before, LARGEST_ID))
    # Not in the order of an index: walking back through everybody's messages would cost what the whole house wrote.
    found = found.order_by((Message.id + 0).desc()).limit(PER_PAGE + 1)
    rows = _told(db.session.scalars(found).all(), user_id)
    return [_hit(row, words) for row in rows[:PER_PAGE]], rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None


def _told(message_ids: Sequence[int], user_id: int) -> Sequence[Any]:
    """What a hit shows of each of these messages, newest first."""
    other_id = case((Conversation.low_id == user_id, Conversation.high_id), else_=Conversation.low_id)
    return db.session.execute(
        select(Message.id, Message.conversation_id, Message.author_id, Message.text, Message.created_at,
               User.display_name, User.picture, Conversation.kind, Conversation.name, Auction.title,
               _other.display_name.label("other"))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(User, User.id == Message.author_id)
        .outerjoin(_other, _other.id == other_id)
        .outerjoin(Auction, Auction.id == Conversation.auction_id)
        .where(Message.id.in_(message_ids)).order_by(Message.id.desc())).all()


def _hit(row: Any, words: Sequence[str]) -> Hit:
    chat = f"Hand-over of {row.title}" if row.kind == "handover" else title_of(row.kind, row.name, row.other or "")
    return Hit(row.id, row.conversation_id, chat, row.author_id, row.display_name, row.picture, row.created_at,
               pieces(row.text, words))


def pieces(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """The text around the first of these words, cut where they stand."""
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    first = pattern.search(text)
    start = max(0, first.start() - BEFORE) if first else 0
    shown = ("…" if start else "") + text[start:start + LENGTH] + ("…" if len(text) > start + LENGTH else "")
    cut, end = [], 0
    for found in pattern.finditer(shown):
        cut += [(shown[end:found.start()], False), (found[0], True)]
        end = found.end()
    return [piece for piece in [*cut, (shown[end:], False)] if piece[0]]
