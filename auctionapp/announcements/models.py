"""Announcements of the house."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db

TONES = ("info", "warning")


class Announcement(db.Model):
    """One banner for everybody; it shows by its times alone."""

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("tone IN ('info', 'warning')", name="tone_known"),
        CheckConstraint("starts_at < ends_at", name="ends_after_start"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    text: Mapped[str] = mapped_column(String(300))
    tone: Mapped[str] = mapped_column(String(10), default="info")
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
