"""People, their sign-ins and the codes that prove an address."""

from datetime import date, datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db

ROLES = ("user", "seller", "admin")
"""Roles add up: a seller may do what a user may, an administrator what a seller may."""


class User(UserMixin, db.Model):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('user', 'seller', 'admin')", name="role_known"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10), default="user", server_default="user")
    time_zone: Mapped[str] = mapped_column(String(60), default="", server_default="")
    about: Mapped[str] = mapped_column(Text, default="", server_default="")
    picture: Mapped[str | None] = mapped_column(String(60))
    """Name of the active picture (`pictures.py`); None shows the drawn default."""
    signature: Mapped[str | None] = mapped_column(String(60))
    """Name of the picture with which the person signs posts and profile."""
    first_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    last_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The real name, for friends' eyes; everybody else sees `display_name`."""
    born_on: Mapped[date | None] = mapped_column(Date)
    shows_birthday: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Day and month on the profile; the year is never shown to others."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    topic_sequence: Mapped[int] = mapped_column(BigId, default=0, server_default="0")
    """Last number of the person's own topic (`topics.py`)."""

    __allow_unmapped__ = True
    sign_in_token: str
    sign_in_id: int
    sign_in_seen_at: datetime
    sign_in_remembered: bool
    sign_in_proved_at: datetime
    """Of the request's own sign-in; set by `identity.py`, not columns."""

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the sign-in's token, never the person's id."""
        return self.sign_in_token

    @property
    def is_active(self) -> bool:
        return self.confirmed_at is not None and self.blocked_at is None

    def has_role(self, role: str) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


class SignIn(db.Model):
    """One browser's session, kept on the server so that it ends when it should (fault 45)."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_agent: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    remembered: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Kept for a fixed time; all others end some hours after they were last seen."""
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its password was given again, for what is dangerous; before that, `created_at` counts."""


class ApiToken(db.Model):
    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EmailCode(db.Model):
    """A six-digit code sent by mail: hashed, single use, for one purpose, counted here (fault 47)."""

    __tablename__ = "email_codes"
    __table_args__ = (
        CheckConstraint("purpose IN ('register', 'reset', 'address')", name="purpose_known"),
        Index("ix_email_codes_email_purpose", "email", "purpose"),
        Index("uq_email_codes_current", "email", "purpose", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    """Whose address it will be, of purpose 'address'."""
    code_hash: Mapped[str] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    display_name: Mapped[str | None] = mapped_column(String(60))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Of a registration that waits for its code: nobody is a person here before the address is proved."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Used, replaced by a newer code, or tried too often."""


class SellerBlock(db.Model):
    """A seller does not want this bidder on the own lots (R11)."""

    __tablename__ = "seller_blocks"

    seller_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    bidder_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=text("CURRENT_TIMESTAMP"))
