"""Reads of the wallet. Every page of it takes the same number of queries however much there is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, case, column, func, literal, null, select, table, union_all
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.clock import rfc3339
from auctionapp.extensions import UtcDateTime, db
from auctionapp.money import format_amount
from auctionapp.wallet import ledger
from auctionapp.wallet.models import Account, Hold, Payment, Transfer

auctions = table("auctions", column("id"), column("title"), column("ends_at", UtcDateTime()))
"""The wallet stands below the auctions and imports nothing of them; it knows the names of their lots."""

TRANSFER_ENTRIES = {"hold": "hold", "release": "release", "payout": "sale", "fee": "fee", "adjustment": "adjustment"}
"""A transfer's kind and the kind of the entry that shows it (decision 0001)."""


@dataclass(frozen=True)
class Entry:
    """One change of what is available; `amount_cents` with its sign."""

    id: str
    kind: str
    amount_cents: int
    status: str
    external_reference: str | None
    payment_url: str | None
    auction_id: int | None
    auction_title: str | None
    reason: str | None
    created_at: datetime

    def answer(self) -> dict[str, Any]:
        """As the contract shows it."""
        answer: dict[str, Any] = {"id": self.id, "kind": self.kind, "amount": format_amount(self.amount_cents),
                  "status": self.status, "created_at": rfc3339(self.created_at)}
        if self.external_reference:
            answer["external_reference"] = self.external_reference
        if self.auction_id:
            answer["auction_id"] = self.auction_id
        return answer


@dataclass(frozen=True)
class Entries:
    items: list[Entry]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True)
class HeldLot:
    auction_id: int
    title: str
    amount_cents: int
    ends_at: datetime


@dataclass(frozen=True)
class Figures:
    """What a person's page and bar show of the wallet, in cents."""

    user_id: int
    available: int
    held: int
    withdrawing: int


def balances(user_id: int) -> dict[str, int]:
    """Cents by kind: available, held, withdrawing."""
    return ledger.balances(db.session(), user_id)


def figures(user_ids: Collection[int]) -> list[Figures]:
    """The figures of several people in one query."""
    kinds = [func.coalesce(func.sum(Account.balance_cents).filter(Account.kind == kind), 0)
             for kind in ("available", "held", "withdrawing")]
    rows = db.session.execute(
        select(User.id, *kinds).outerjoin(Account, Account.owner_id == User.id)
        .where(User.id.in_(user_ids)).group_by(User.id).order_by(User.id))
    return [Figures(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]


def entries(user_id: int, page: int = 1, per_page: int = 20) -> Entries:
    """A person's entries, newest first, with the titles of the lots. `page` counts from 1."""
    changes = union_all(*_entry_selects(user_id)).subquery()
    total = db.session.scalar(select(func.count()).select_from(changes))

    def newest_first(columns: Any) -> Sequence[Any]:
        return columns.created_at.desc(), columns.source, columns.number.desc(), columns.part.desc()

    # The titles of one page's lots are looked up, not those of thousands of entries.
    shown = (select(changes).order_by(*newest_first(changes.c)).limit(per_page).offset((page - 1) * per_page)).subquery()
    rows = db.session.execute(
        select(shown, auctions.c.title).outerjoin(auctions, auctions.c.id == shown.c.auction_id)
        .order_by(*newest_first(shown.c)))
    return Entries([_entry(row) for row in rows], page, per_page, total or 0)


def held_lots(user_id: int) -> list[HeldLot]:
    """For which lots how much is held, the one that ends first on top."""
    rows = db.session.execute(
        select(Hold.auction_id, auctions.c.title, Hold.amount_cents, auctions.c.ends_at)
        .join(auctions, auctions.c.id == Hold.auction_id)
        .where(Hold.bidder_id == user_id, Hold.state == "active").order_by(auctions.c.ends_at, Hold.auction_id))
    return [HeldLot(*row) for row in rows]


def own_payment(user_id: int, external_reference: str) -> Payment | None:
    return db.session.scalars(
        select(Payment).where(Payment.external_reference == external_reference, Payment.user_id == user_id)
    ).one_or_none()


def payments_to_ask_about(gateway: str, limit: int = 50) -> list[int]:
    """Pending payments of a gateway whose time to be asked about has come, longest due first."""
    return list(db.session.scalars(
        select(Payment.id).where(Payment.state == "pending", Payment.gateway == gateway,
                                 Payment.ask_again_at <= datetime.now(UTC))
        .order_by(Payment.ask_again_at).limit(limit)))


def _entry_selects(user_id: int) -> list[Select]:
    own = aliased(Account)

    def moved(side: Any, account_kind: str, kinds: Collection[str], sign: int, shown: str | None = None,
              part: int = 0) -> Select:
        return (
            select(literal("transfer").label("source"), Transfer.id.label("number"), literal(part).label("part"),
                   (literal(shown) if shown else Transfer.kind).label("kind"),
                   (Transfer.amount_cents * sign).label("amount_cents"), literal("completed").label("status"),
                   null().label("external_reference"), null().label("payment_url"), Transfer.auction_id,
                   Transfer.reason, Transfer.created_at)
            .join(own, side == own.id)
            .where(own.owner_id == user_id, own.kind == account_kind, Transfer.kind.in_(kinds)))

    payments = select(
        literal("payment"), Payment.id, literal(0), Payment.kind,
        case((Payment.kind == "deposit", Payment.amount_cents), else_=-Payment.amount_cents), Payment.state,
        Payment.external_reference, Payment.payment_url, null(), Payment.failure, Payment.created_at,
    ).where(Payment.user_id == user_id)
    return [
        moved(Transfer.debit_account_id, "available", ("hold", "fee", "adjustment"), -1),
        moved(Transfer.credit_account_id, "available", ("release", "payout", "adjustment"), 1),
        moved(Transfer.debit_account_id, "held", ("capture",), 1, shown="release", part=1),
        moved(Transfer.debit_account_id, "held", ("capture",), -1, shown="purchase", part=2),
        payments,
    ]


def _entry(row: Any) -> Entry:
    if row.source == "payment":
        id, kind = f"payment-{row.number}", row.kind
    else:
        id = f"transfer-{row.number}" + {0: "", 1: "-release", 2: "-purchase"}[row.part]
        kind = TRANSFER_ENTRIES.get(row.kind, row.kind)
    return Entry(id, kind, row.amount_cents, row.status, row.external_reference,
                 row.payment_url if row.status == "pending" else None, row.auction_id, row.title, row.reason,
                 row.created_at)
