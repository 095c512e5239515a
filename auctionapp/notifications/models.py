"""Notices to people, and what each person wants to be told. The key makes each happen once."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Notice(db.Model):
    """What is rewritten (a further like) is written anew, so that the order of the ids is the order of the list."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_user", "user_id", "id"),
        Index("ix_notices_auction", "auction_id", "user_id"),
        Index("ix_notices_unread", "user_id",
              postgresql_where=text("read_at IS NULL"), sqlite_where=text("read_at IS NULL")),
        Index("uq_notices_conversation", "conversation_id", "user_id", unique=True,
              postgresql_where=text("conversation_id IS NOT NULL"), sqlite_where=text("conversation_id IS NOT NULL")),
        Index("ix_notices_mail_at", "mail_at",
              postgresql_where=text("mail_at IS NOT NULL"), sqlite_where=text("mail_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    """Of messages: at most one a person and conversation. It is read once its `number` is read there."""
    number: Mapped[int | None] = mapped_column(BigInteger)
    """Of messages and reports: the first that it tells of (a message's number). Of likes: how many it told of."""
    text: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(200))
    shown: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False where the person wants this kind by mail alone, or not at all: it is neither listed nor counted."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it goes by mail too, if it is unread then; None when it does not, or has gone."""
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticePreference(db.Model):
    """Where a person wants to be told of a kind; without a row the kind's own default stands (`kinds.py`)."""

    __tablename__ = "notice_preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    in_site: Mapped[bool]
    by_mail: Mapped[bool]
