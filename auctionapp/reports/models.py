"""What people reported to the administrators."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Report(db.Model):
    """A person's report of a lot, a message, a post, a comment or a person; one a person and subject."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('auction', 'message', 'post', 'comment', 'person')", name="subject_known"),
        Index("ix_reports_subject_kind", "subject_kind", "subject_id"),
        Index("ix_reports_open", "id",
              postgresql_where=text("closed_at IS NULL"), sqlite_where=text("closed_at IS NULL")),
        Index("uq_reports_reporter_subject", "reporter_id", "subject_kind", "subject_id", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    subject_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What was reported as it stood then: its author may change or delete it."""
    reason: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str | None] = mapped_column(String(500))
    """What the administrator who closed it did or found."""
