"""Conversations and their messages: an auction's open chat, the lobby, hand-over, direct and group chats."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Conversation(db.Model):
    """One chat. Its row's lock orders its messages and the events of its topic (docs/decisions/0005)."""

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("kind IN ('auction', 'handover', 'direct', 'group', 'lobby')", name="kind_known"),
        Index("uq_conversations_auction_kind", "auction_id", "kind", unique=True),
        Index("uq_conversations_pair", "low_id", "high_id", unique=True),
        Index("uq_conversations_lobby", "kind", unique=True,
              sqlite_where=text("kind = 'lobby'"), postgresql_where=text("kind = 'lobby'")),
        Index("ix_conversations_creator", "creator_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"))
    low_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Of a direct chat alone: its two people, the lower id first, so that a pair has one chat."""
    high_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    creator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str | None] = mapped_column(String(80))
    """Of a group alone."""
    picture: Mapped[str | None] = mapped_column(String(60))
    """Of a group alone: a name of `pictures.py`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    topic_sequence: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    """Last number of the chat's own topic; an auction's chat is told on the auction's topic and leaves this at 0."""
    last_number: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    """Number of the newest message: its messages are numbered from 1 without a gap."""
    last_message_id: Mapped[int | None] = mapped_column(BigId)
    last_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When something was last said, or else when it began: the order of the inbox."""


class Member(db.Model):
    """Who may read a private conversation, and how far it was read: unread is `last_number - read_number`."""

    __tablename__ = "conversation_members"
    __table_args__ = (Index("ix_conversation_members_adder", "added_by_id", "joined_at"),)

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    read_number: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None in threads that are older than this column."""
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_admin: Mapped[bool] = mapped_column(default=False, server_default=false())
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Left or removed: no member until added again."""


class Message(db.Model):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_conversation", "conversation_id", "id"),
        Index("uq_messages_number", "conversation_id", "number", unique=True),
        Index("ix_messages_author", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    number: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    """Within its conversation, from 1, in the order of the ids."""
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(10), default="text", server_default="text")
    """'text', or 'system' for what happened to the chat itself: who came and went."""
    text: Mapped[str] = mapped_column(Text)
    """Empty beside a picture without words, and once deleted."""
    search_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The text as the search reads it: in one case."""
    picture: Mapped[str | None] = mapped_column(String(60))
    picture_width: Mapped[int | None]
    picture_height: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
