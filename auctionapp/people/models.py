"""How people stand to each other: friends, followed, blocked."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import UtcDateTime, db


class Friendship(db.Model):
    """One row per pair, the lower id first. Without `accepted_at` it is a request of `requester_id`."""

    __tablename__ = "friendships"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="low_first"),
        CheckConstraint("requester_id IN (low_id, high_id)", name="requester_of_pair"),
    )

    low_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Follow(db.Model):
    __tablename__ = "follows"
    __table_args__ = (CheckConstraint("follower_id <> followed_id", name="not_oneself"),)

    follower_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    followed_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonBlock(db.Model):
    """The blocker hears nothing more of the blocked: no messages, no requests, no comments."""

    __tablename__ = "person_blocks"
    __table_args__ = (CheckConstraint("blocker_id <> blocked_id", name="not_oneself"),)

    blocker_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
