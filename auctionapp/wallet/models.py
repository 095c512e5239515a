"""The books: accounts, transfers between them, holds of leaders, payments through the gateway.

A transfer debits one account and credits another, so the books balance by construction; balances are cached
beside it and proved by `flask ledger check`.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from auctionapp.extensions import BigId, UtcDateTime, db

PERSON_KINDS = ("available", "held", "withdrawing")


class Account(db.Model):
    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("kind = 'gateway' OR balance_cents >= 0", name="balance_not_negative"),
        CheckConstraint(
            "(kind IN ('available', 'held', 'withdrawing') AND owner_id IS NOT NULL) "
            "OR (kind IN ('gateway', 'escrow', 'fees') AND owner_id IS NULL)", name="kind_fits_owner"),
        Index("uq_accounts_owner_kind", "owner_id", "kind", unique=True),
        Index("uq_accounts_house_kind", "kind", unique=True,
              postgresql_where=text("owner_id IS NULL"), sqlite_where=text("owner_id IS NULL")),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    balance_cents: Mapped[int] = mapped_column(BigId, default=0, server_default="0")


class Transfer(db.Model):
    """Append-only, in the database too: a mistake is corrected by another transfer."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("debit_account_id <> credit_account_id", name="accounts_differ"),
        CheckConstraint(
            "kind IN ('deposit', 'withdraw', 'withdrawn', 'withdraw_back', 'hold', 'release', 'capture', "
            "'payout', 'fee', 'adjustment')", name="kind_known"),
        Index("ix_transfers_debit", "debit_account_id", "id"),
        Index("ix_transfers_credit", "credit_account_id", "id"),
        # Few have one, so bids need not write it.
        Index("ix_transfers_payment_id", "payment_id",
              postgresql_where=text("payment_id IS NOT NULL"), sqlite_where=text("payment_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    debit_account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    credit_account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    amount_cents: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(14))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    auction_id: Mapped[int | None] = mapped_column(ForeignKey("auctions.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    reason: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Hold(db.Model):
    """Money of an auction's leader set aside (R12): one row for each time somebody took the lead.

    It is known by the bid that took the lead; an own raise makes it larger.
    """

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("state IN ('active', 'released', 'captured')", name="state_known"),
        Index("uq_holds_active", "auction_id", unique=True,
              postgresql_where=text("state = 'active'"), sqlite_where=text("state = 'active'")),
        Index("uq_holds_captured", "auction_id", unique=True,
              postgresql_where=text("state = 'captured'"), sqlite_where=text("state = 'captured'")),
        Index("ix_holds_bidder_active", "bidder_id",
              postgresql_where=text("state = 'active'"), sqlite_where=text("state = 'active'")),
    )

    bid_id: Mapped[int] = mapped_column(ForeignKey("bids.id"), primary_key=True, autoincrement=False)
    auction_id: Mapped[int] = mapped_column(ForeignKey("auctions.id"))
    bidder_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    amount_cents: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(10))
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was taken up again after a release: bids above it went, and its bid leads once more (R10)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def release_key(self) -> str:
        return release_key(self.bid_id, self.turn)


def release_key(bid_id: int, turn: int) -> str:
    """The key of the transfer that releases a hold at the end of one of its turns."""
    return f"release:{bid_id}:{turn}" if turn else f"release:{bid_id}"


class Payment(db.Model):
    """A deposit or a withdrawal through the gateway (R14)."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("kind IN ('deposit', 'withdrawal')", name="kind_known"),
        CheckConstraint("state IN ('pending', 'completed', 'failed')", name="state_known"),
        CheckConstraint("(state = 'pending') = (finished_at IS NULL)", name="finished_iff_final"),
        CheckConstraint("(state = 'pending') = (ask_again_at IS NOT NULL)", name="asked_about_iff_pending"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        Index("ix_payments_user", "user_id", "id"),
        Index("ix_payments_pending", "ask_again_at",
              postgresql_where=text("state = 'pending'"), sqlite_where=text("state = 'pending'")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(10))
    amount_cents: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(10), default="pending", server_default="pending")
    gateway: Mapped[str] = mapped_column(String(20))
    external_reference: Mapped[str | None] = mapped_column(String(80), unique=True)
    payment_url: Mapped[str | None] = mapped_column(String(500))
    failure: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ask_again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the gateway is asked next what became of it, unless its callback comes before (fault 12)."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def merchant_key(self) -> str:
        """Our own name of it at the gateway, which takes a payment once per key."""
        return f"payment-{self.id}"


class SandboxPayment(db.Model):
    """The sandbox gateway's own record: it stands for another house's database, and nothing here joins it."""

    __tablename__ = "sandbox_payments"
    __table_args__ = (CheckConstraint("state IN ('pending', 'completed', 'failed')", name="state_known"),)

    reference: Mapped[str] = mapped_column(String(40), primary_key=True)
    merchant_key: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    amount_cents: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
