"""How people stand to each other: friends, followed, blocked."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db


class Friendship(db.Model):
    """One row per pair, the lower id first. Without `accepted_at` it is a request of `requester_id`.

    A request that was declined, or never reached somebody who blocks the requester, stays: to the requester it looks
    unanswered. A withdrawn one stays too, so that asking again and again is counted and told only once.
    """

    __tablename__ = "friendships"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="low_first"),
        CheckConstraint("requester_id IN (low_id, high_id)", name="requester_of_pair"),
        CheckConstraint("accepted_at IS NULL OR (declined_at IS NULL AND withdrawn_at IS NULL)", name="one_end"),
        Index("ix_friendships_requester_id", "requester_id", "created_at"),
    )

    low_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    requester_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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


class PersonPicture(db.Model):
    """A picture that a person has or had; `users.picture` names the active one."""

    __tablename__ = "person_pictures"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
