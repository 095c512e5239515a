"""Conversations and their messages: an auction's open chat, the hand-over between winner and seller."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Conversation(db.Model):
    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("kind IN ('auction', 'handover', 'direct', 'group', 'lobby')", name="kind_known"),
        Index("uq_conversations_auction_kind", "auction_id", "kind", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Member(db.Model):
    """Who may read a private conversation, and how far it was read."""

    __tablename__ = "conversation_members"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    read_message_id: Mapped[int] = mapped_column(BigId, default=0, server_default="0")


class Message(db.Model):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_conversation", "conversation_id", "id"),
        Index("ix_messages_author", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
