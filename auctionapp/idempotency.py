"""Idempotency keys: the same request gives the same answer and happens once (faults 9, 10).

A key belongs to a caller, a method and a path, and is kept 24 hours. It is written in the transaction of what it
guards, after that transaction's lock. Only accepted results are kept; a refusal may be tried again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from auctionapp import bulk, transaction
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import IdempotencyKeyReuse
from auctionapp.extensions import BigId, UtcDateTime, db

KEPT = timedelta(hours=24)


class IdempotencyKey(db.Model):
    __tablename__ = "idempotency_keys"
    __table_args__ = (
        Index("uq_idempotency_keys_caller", "user_id", "method", "path", "key", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    method: Mapped[str] = mapped_column(String(8))
    path: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(255))
    body_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True)
class Key:
    """One caller's key for one request; `body` is what must be the same each time."""

    user_id: int
    method: str
    path: str
    key: str
    body: str

    @property
    def body_hash(self) -> str:
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def row(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "method": self.method, "path": self.path, "key": self.key,
                "body_hash": self.body_hash}


def earlier_result(session: Session, key: Key | None) -> dict[str, Any] | None:
    """The kept result of the same request, if there is one. Raises IdempotencyKeyReuse for another body."""
    if key is None:
        return None
    found = session.execute(
        select(IdempotencyKey.body_hash, IdempotencyKey.result).where(
            IdempotencyKey.user_id == key.user_id, IdempotencyKey.method == key.method,
            IdempotencyKey.path == key.path, IdempotencyKey.key == key.key)
    ).first()
    if found is None:
        return None
    if found.body_hash != key.body_hash:
        raise IdempotencyKeyReuse()
    return found.result


def keep(session: Session, key: Key | None, result: dict[str, Any], now: datetime) -> None:
    """Keep an accepted result under its key."""
    keep_all(session, [(key, result)], now)


def keep_all(session: Session, results: Sequence[tuple[Key | None, dict[str, Any]]], now: datetime) -> None:
    """The same for several."""
    bulk.insert_rows(session.connection(), IdempotencyKey.__table__, [
        key.row | {"result": result} for key, result in results if key is not None], created_at=now)


def complete(session: Session, key: Key | None, result: dict[str, Any]) -> None:
    """Put the whole answer in the place of what was kept when the request began (a gateway was asked meanwhile)."""
    if key is not None:
        session.execute(
            update(IdempotencyKey).values(result=result).where(
                IdempotencyKey.user_id == key.user_id, IdempotencyKey.method == key.method,
                IdempotencyKey.path == key.path, IdempotencyKey.key == key.key))


def forget_old(clock: Clock = database_clock) -> None:
    """Remove the keys that were kept long enough (`schedule.py`)."""
    transaction.write(lambda session: session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now(session) - KEPT)
    ) and None)
