"""Moving money: transfers and the balances they change, in one place.

Lock order (fault 6): the auction's or payment's row first, then every account concerned in one statement in id
order, then the clock. Balances change by SQL arithmetic, never from a value that was read (fault 3).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from auctionapp import bulk
from auctionapp.wallet.models import PERSON_KINDS, Account, Transfer


class Movement(NamedTuple):
    """One transfer to be: a positive amount in cents from one account to another, under a deterministic key."""

    debit_id: int
    credit_id: int
    amount_cents: int
    kind: str
    key: str
    auction_id: int | None = None
    payment_id: int | None = None
    reason: str | None = None


@dataclass
class Accounts:
    """Locked accounts, found by owner (None for the house) and kind."""

    ids: dict[tuple[int | None, str], int] = field(default_factory=dict)
    balances: dict[tuple[int | None, str], int] = field(default_factory=dict)

    def id(self, owner_id: int | None, kind: str) -> int:
        return self.ids[owner_id, kind]

    def balance(self, owner_id: int | None, kind: str) -> int:
        """Cents at the time of the lock; 0 for a person who never had money here."""
        return self.balances.get((owner_id, kind), 0)


def ensure_accounts(session: Session, user_id: int) -> None:
    """Make a person's three accounts where they are missing; two at once do no harm."""
    rows = [{"kind": kind, "owner_id": user_id, "balance_cents": 0} for kind in PERSON_KINDS]
    session.execute(bulk.dialect_insert(session, Account).values(rows).on_conflict_do_nothing())


def lock_accounts(session: Session, owner_ids: Collection[int], house: Collection[str] = ()) -> Accounts:
    """Lock all accounts of these people, and the house's of these kinds, in id order in one statement."""
    rows = session.execute(
        select(Account.id, Account.owner_id, Account.kind, Account.balance_cents)
        .where(or_(Account.owner_id.in_(owner_ids), Account.owner_id.is_(None) & Account.kind.in_(house)))
        .order_by(Account.id).with_for_update()
    )
    accounts = Accounts()
    for row in rows:
        accounts.ids[row.owner_id, row.kind] = row.id
        accounts.balances[row.owner_id, row.kind] = row.balance_cents
    return accounts


def post(session: Session, movements: Sequence[Movement], now: datetime) -> None:
    """Write transfers and change the balances they touch, each account once.

    The accounts must be locked. Raises IntegrityError when a key exists already or a balance would go below zero.
    """
    if not movements:
        return
    changes: dict[int, int] = defaultdict(int)
    for movement in movements:
        changes[movement.debit_id] -= movement.amount_cents
        changes[movement.credit_id] += movement.amount_cents
    connection = session.connection()
    bulk.insert_rows(connection, Transfer.__table__, [
        {"debit_account_id": movement.debit_id, "credit_account_id": movement.credit_id,
         "amount_cents": movement.amount_cents, "kind": movement.kind, "key": movement.key,
         "auction_id": movement.auction_id, "payment_id": movement.payment_id, "reason": movement.reason}
        for movement in movements
    ], created_at=now)
    bulk.update_rows(connection, Account.__table__, "id", [
        {"id": account_id, "balance_cents": change} for account_id, change in sorted(changes.items()) if change
    ], add=True)


def balances(session: Session, user_id: int) -> dict[str, int]:
    """A person's balances in cents by kind; 0 where there was never money."""
    found = session.execute(select(Account.kind, Account.balance_cents).where(Account.owner_id == user_id))
    return dict.fromkeys(PERSON_KINDS, 0) | {kind: cents for kind, cents in found}
