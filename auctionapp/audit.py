"""The log of what administrators did: who, what, to whom, before and after, in the transaction of the deed itself.

Append-only, refused in the database too. A service that only the administrators' desk calls takes an `Actor` and
records what it changed; what did not commit leaves no entry, and what did cannot be without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from auctionapp.errors import DomainError
from auctionapp.extensions import BigId, UtcDateTime, db

REASON_MIN = 3
REASON_MAX = 500


class AdminAction(db.Model):
    """One deed of an administrator."""

    __tablename__ = "admin_actions"
    __table_args__ = (
        Index("ix_admin_actions_admin", "admin_id", "id"),
        Index("ix_admin_actions_subject", "subject_kind", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    """The network address it came from."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReasonMissing(DomainError):
    slug = "reason-missing"
    text = f"Give a reason of {REASON_MIN} to {REASON_MAX} characters."


@dataclass(frozen=True)
class Actor:
    """The administrator who acts, and from where."""

    admin_id: int
    address: str = ""


def clean_reason(given: str) -> str:
    """One line, trimmed. Raises ReasonMissing when it says nothing or too much."""
    reason = " ".join(given.split())
    if not REASON_MIN <= len(reason) <= REASON_MAX or not reason.isprintable():
        raise ReasonMissing()
    return reason


def record(session: Session, actor: Actor, action: str, subject_kind: str, subject_id: int | None, now: datetime,
           before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
           reason: str | None = None) -> None:
    """Append an entry in the caller's transaction. `before` and `after` hold plain facts: texts, figures, cents."""
    session.execute(insert(AdminAction).values(
        admin_id=actor.admin_id, action=action, subject_kind=subject_kind, subject_id=subject_id,
        before=dict(before or {}), after=dict(after or {}), reason=reason, address=actor.address[:45], created_at=now))
