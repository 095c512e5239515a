"""Notices to people: outbid, won, lost, sold, unsold, reserve, payment. The key makes each happen once."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Notice(db.Model):
    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_user", "user_id", "id"),
        Index("ix_notices_auction", "auction_id", "user_id"),
        Index("ix_notices_unread", "user_id",
              postgresql_where=text("read_at IS NULL"), sqlite_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"))
    text: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was put into the mail too; None where the site alone tells it."""
