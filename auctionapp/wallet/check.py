"""Proof of the books: every invariant of the money, read in one snapshot (`flask ledger check`).

Each check is a query whose rows are what differs; no rows, the invariant holds. The wallet stands below the
auctions, so their tables are known here by name only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from auctionapp.money import format_amount


@dataclass(frozen=True)
class Check:
    """`words` are filled from the row; columns whose name ends in `_cents` are shown as amounts."""

    words: str
    sql: str


_SIDES = """WITH sides AS (
    SELECT t.*, d.kind AS from_kind, d.owner_id AS from_owner, c.kind AS to_kind, c.owner_id AS to_owner
    FROM transfers t JOIN accounts d ON d.id = t.debit_account_id JOIN accounts c ON c.id = t.credit_account_id)
"""
"""Stands before every query: the transfers with what their accounts are."""

BOOKS = [
    Check("The balances sum to {sum_cents}, not to zero.", """
        SELECT total AS sum_cents FROM (SELECT coalesce(sum(balance_cents), 0) AS total FROM accounts) sums
        WHERE total <> 0"""),
    Check("Account {id} ({kind}) is below zero: {balance_cents}.", """
        SELECT id, kind, balance_cents FROM accounts WHERE kind <> 'gateway' AND balance_cents < 0"""),
    Check("Account {id} ({kind}) has {balance_cents}; its transfers give {moved_cents}.", """
        SELECT a.id, a.kind, a.balance_cents, coalesce(sum(m.cents), 0) AS moved_cents FROM accounts a
        LEFT JOIN (SELECT credit_account_id AS account_id, amount_cents AS cents FROM transfers
                   UNION ALL SELECT debit_account_id, -amount_cents FROM transfers) m ON m.account_id = a.id
        GROUP BY a.id, a.kind, a.balance_cents HAVING a.balance_cents <> coalesce(sum(m.cents), 0)"""),
    Check("Transfer {id} ({kind}) goes from {from_kind} to {to_kind}, which its kind does not allow.", """
        SELECT s.id, s.kind, s.from_kind, s.to_kind FROM sides s WHERE NOT (
            (s.kind = 'deposit' AND s.from_kind = 'gateway' AND s.to_kind = 'available' AND s.payment_id IS NOT NULL)
            OR (s.kind = 'withdraw' AND s.from_kind = 'available' AND s.to_kind = 'withdrawing'
                AND s.from_owner = s.to_owner AND s.payment_id IS NOT NULL)
            OR (s.kind = 'withdrawn' AND s.from_kind = 'withdrawing' AND s.to_kind = 'gateway'
                AND s.payment_id IS NOT NULL)
            OR (s.kind = 'withdraw_back' AND s.from_kind = 'withdrawing' AND s.to_kind = 'available'
                AND s.from_owner = s.to_owner AND s.payment_id IS NOT NULL)
            OR (s.kind = 'hold' AND s.from_kind = 'available' AND s.to_kind = 'held'
                AND s.from_owner = s.to_owner AND s.auction_id IS NOT NULL)
            OR (s.kind = 'release' AND s.from_kind = 'held' AND s.to_kind = 'available'
                AND s.from_owner = s.to_owner AND s.auction_id IS NOT NULL)
            OR (s.kind = 'capture' AND s.from_kind = 'held' AND s.to_kind = 'escrow' AND s.auction_id IS NOT NULL)
            OR (s.kind = 'payout' AND s.from_kind = 'escrow' AND s.to_kind = 'available'
                AND s.auction_id IS NOT NULL)
            OR (s.kind = 'fee' AND s.from_kind = 'available' AND s.to_kind = 'fees' AND s.auction_id IS NOT NULL)
            OR (s.kind = 'adjustment' AND s.reason IS NOT NULL
                AND (s.from_kind = 'gateway' OR s.to_kind = 'gateway')))"""),
    Check("People, escrow and fees hold {inside_cents}; deposits less withdrawals and adjustments are {paid_cents}.", """
        SELECT inside_cents, paid_cents FROM (
            SELECT (SELECT coalesce(sum(balance_cents), 0) FROM accounts WHERE kind <> 'gateway') AS inside_cents,
                (SELECT coalesce(sum(CASE kind WHEN 'deposit' THEN amount_cents ELSE -amount_cents END), 0)
                 FROM payments WHERE state = 'completed')
              + (SELECT coalesce(sum(CASE d.kind WHEN 'gateway' THEN t.amount_cents ELSE -t.amount_cents END), 0)
                 FROM transfers t JOIN accounts d ON d.id = t.debit_account_id WHERE t.kind = 'adjustment') AS paid_cents
        ) sums WHERE inside_cents <> paid_cents"""),
]

PAYMENTS = [
    Check("Person {owner_id} has {balance_cents} being paid out; pending withdrawals are {pending_cents}.", """
        SELECT a.owner_id, a.balance_cents, coalesce(p.cents, 0) AS pending_cents FROM accounts a
        LEFT JOIN (SELECT user_id, sum(amount_cents) AS cents FROM payments
                   WHERE kind = 'withdrawal' AND state = 'pending' GROUP BY user_id) p ON p.user_id = a.owner_id
        WHERE a.kind = 'withdrawing' AND a.balance_cents <> coalesce(p.cents, 0)"""),
    Check("Payment {id} ({kind}, {state}) has {deposits} deposit, {asked} withdraw, {gone} withdrawn and {back} "
          "withdraw_back transfers, {others} others.", """
        SELECT * FROM (
            SELECT p.id, p.kind, p.state, count(t.id) FILTER (WHERE t.kind = 'deposit') AS deposits,
                count(t.id) FILTER (WHERE t.kind = 'withdraw') AS asked,
                count(t.id) FILTER (WHERE t.kind = 'withdrawn') AS gone,
                count(t.id) FILTER (WHERE t.kind = 'withdraw_back') AS back,
                count(t.id) FILTER (WHERE t.kind NOT IN ('deposit', 'withdraw', 'withdrawn', 'withdraw_back')) AS others
            FROM payments p LEFT JOIN transfers t ON t.payment_id = p.id GROUP BY p.id, p.kind, p.state) counted
        WHERE others <> 0
           OR deposits <> CASE WHEN kind = 'deposit' AND state = 'completed' THEN 1 ELSE 0 END
           OR asked <> CASE WHEN kind = 'withdrawal' THEN 1 ELSE 0 END
           OR gone <> CASE WHEN kind = 'withdrawal' AND state = 'completed' THEN 1 ELSE 0 END
           OR back <> CASE WHEN kind = 'withdrawal' AND state = 'failed' THEN 1 ELSE 0 END"""),
    Check("Transfer {id} ({kind}) of {amount_cents} is not the amount, person or key of payment {payment_id}.", """
        SELECT s.id, s.kind, s.amount_cents, s.payment_id FROM sides s JOIN payments p ON p.id = s.payment_id
        WHERE s.amount_cents <> p.amount_cents OR coalesce(s.from_owner, s.to_owner) <> p.user_id
           OR s.key <> s.kind || ':' || p.id"""),
]

AUCTIONS = [
    Check("Person {owner_id} has {balance_cents} held; active holds are {holds_cents}.", """
        SELECT a.owner_id, a.balance_cents, coalesce(h.cents, 0) AS holds_cents FROM accounts a
        LEFT JOIN (SELECT bidder_id, sum(amount_cents) AS cents FROM holds WHERE state = 'active' GROUP BY bidder_id) h
            ON h.bidder_id = a.owner_id
        WHERE a.kind = 'held' AND a.balance_cents <> coalesce(h.cents, 0)"""),
    Check("Hold {bid_id} of person {bidder_id}, who has no account for it.", """
        SELECT h.bid_id, h.bidder_id FROM holds h WHERE NOT EXISTS (
            SELECT 1 FROM accounts a WHERE a.owner_id = h.bidder_id AND a.kind = 'held')"""),
    Check("Open auction {id} is led by person {leader_id} up to {leader_maximum_cents}; held is {held_cents} of {bidder_id}.", """
        SELECT a.id, a.leader_id, a.leader_maximum_cents, h.amount_cents AS held_cents, h.bidder_id FROM auctions a
        LEFT JOIN holds h ON h.auction_id = a.id AND h.state = 'active'
        WHERE a.state = 'open' AND (coalesce(a.leader_id, 0) <> coalesce(h.bidder_id, 0)
            OR coalesce(a.leader_maximum_cents, 0) <> coalesce(h.amount_cents, 0))"""),
    Check("Auction {id} is {state} and still holds {amount_cents} of person {bidder_id}.", """
        SELECT a.id, a.state, h.amount_cents, h.bidder_id FROM auctions a
        JOIN holds h ON h.auction_id = a.id AND h.state = 'active' WHERE a.state <> 'open'"""),
    Check("Auction {auction_id}, person {person_id}: held less released, captured and the active hold leaves {left_cents}.",
          """
        SELECT auction_id, person_id, sum(cents) AS left_cents FROM (
            SELECT t.auction_id, a.owner_id AS person_id, t.amount_cents AS cents
            FROM transfers t JOIN accounts a ON a.id = t.credit_account_id AND a.kind = 'held'
            UNION ALL SELECT t.auction_id, a.owner_id, -t.amount_cents
            FROM transfers t JOIN accounts a ON a.id = t.debit_account_id AND a.kind = 'held'
            UNION ALL SELECT auction_id, bidder_id, -amount_cents FROM holds WHERE state = 'active') moved
        GROUP BY auction_id, person_id HAVING sum(cents) <> 0"""),
    Check("Auction {id} is sold for {hammer_price_cents}; captured is {captured_cents} in {captures} transfers.", """
        SELECT a.id, a.hammer_price_cents, coalesce(sum(t.amount_cents), 0) AS captured_cents, count(t.id) AS captures
        FROM auctions a LEFT JOIN transfers t ON t.auction_id = a.id AND t.kind = 'capture' WHERE a.state = 'sold'
        GROUP BY a.id, a.hammer_price_cents
        HAVING count(t.id) <> 1 OR sum(t.amount_cents) <> a.hammer_price_cents"""),
    Check("Sold auction {id} has no captured hold of its winner that covers {hammer_price_cents}.", """
        SELECT a.id, a.hammer_price_cents FROM auctions a WHERE a.state = 'sold' AND NOT EXISTS (
            SELECT 1 FROM holds h JOIN bids b ON b.id = a.winning_bid_id
            JOIN transfers t ON t.auction_id = a.id AND t.kind = 'capture'
            JOIN accounts w ON w.id = t.debit_account_id
            WHERE h.auction_id = a.id AND h.state = 'captured' AND h.bidder_id = b.bidder_id
              AND w.owner_id = b.bidder_id AND h.amount_cents >= a.hammer_price_cents)"""),
    Check("Auction {id} is {state}, not sold, and has a captured hold.", """
        SELECT a.id, a.state FROM auctions a JOIN holds h ON h.auction_id = a.id AND h.state = 'captured'
        WHERE a.state <> 'sold'"""),
    Check("Auction {id} is {state}, not sold, and has transfer {transfer_id} ({kind}).", """
        SELECT a.id, a.state, t.id AS transfer_id, t.kind FROM auctions a JOIN transfers t ON t.auction_id = a.id
        WHERE a.state <> 'sold' AND t.kind IN ('capture', 'payout', 'fee')"""),
    Check("Auction {id}: captured {captured_cents}, but {paid_cents} went to the seller in {payouts} transfers.", """
        SELECT a.id, a.hammer_price_cents AS captured_cents, coalesce(sum(s.amount_cents), 0) AS paid_cents,
            count(s.id) AS payouts
        FROM auctions a LEFT JOIN sides s ON s.auction_id = a.id AND s.kind = 'payout' AND s.to_owner = a.seller_id
        WHERE a.state = 'sold' GROUP BY a.id, a.hammer_price_cents
        HAVING count(s.id) <> 1 OR sum(s.amount_cents) <> a.hammer_price_cents"""),
    Check("Auction {id}: fees of {fee_cents} in {fees} transfers do not fit {hammer_price_cents} and its seller.", """
        SELECT a.id, a.hammer_price_cents, sum(s.amount_cents) AS fee_cents, count(s.id) AS fees
        FROM auctions a JOIN sides s ON s.auction_id = a.id AND s.kind = 'fee'
        WHERE a.state = 'sold' GROUP BY a.id, a.hammer_price_cents, a.seller_id
        HAVING count(s.id) > 1 OR sum(s.amount_cents) > a.hammer_price_cents OR min(s.from_owner) <> a.seller_id"""),
]

SHOWN_PER_CHECK = 20


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """A session that sees one moment of the whole database (SQLite does so in every transaction)."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**options) as connection, Session(connection) as session:
        yield session


def differences(session: Session) -> list[str]:
    """What does not hold, in words; empty when the books are right. Reads in the session's transaction."""
    found = []
    for check in BOOKS + PAYMENTS + AUCTIONS:
        rows = session.execute(text(_SIDES + check.sql)).mappings().all()
        found += [check.words.format(**_shown(row)) for row in rows[:SHOWN_PER_CHECK]]
        if len(rows) > SHOWN_PER_CHECK:
            found.append(f"… and {len(rows) - SHOWN_PER_CHECK} more of this kind.")
    return found


def totals(session: Session) -> str:
    """One line of what the books hold. Counts every transfer."""
    transfers, holds = session.execute(text(
        "SELECT (SELECT count(*) FROM transfers), (SELECT count(*) FROM holds WHERE state = 'active')")).one()
    return f"The ledger holds: {transfers} transfers, {holds} active holds; {sums(session)}."


def sums(session: Session) -> str:
    """What there is of each kind of money, in words."""
    cents = dict.fromkeys(("available", "held", "withdrawing", "escrow", "fees", "gateway"), 0)
    for kind, total in session.execute(text("SELECT kind, sum(balance_cents) FROM accounts GROUP BY kind")):
        cents[kind] = int(total)
    amounts = ", ".join(f"{kind} {format_amount(amount)}" for kind, amount in cents.items() if kind != "gateway")
    return f"{amounts}; paid in less paid out {format_amount(-cents['gateway'])}"


def _shown(row: Any) -> dict[str, Any]:
    return {name: format_amount(int(value)) if name.endswith("_cents") and value is not None else value
            for name, value in row.items()}
