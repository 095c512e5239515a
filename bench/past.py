"""A house with a past: 10,000 auctions of a year and a half and 100,000 bids, with the books that belong to them.

Written straight into the tables, as only a benchmark may; `flask ledger check` holds afterwards.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text, update

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid, BidderAlias, Category, HouseSettings, PriceStep, Watch
from auctionapp.extensions import db
from auctionapp.money import share
from auctionapp.wallet import check
from auctionapp.wallet.models import Account, Hold, Transfer

AUCTIONS, BIDS = 10_000, 100_000
SELLERS = 40
BUSY_BIDS, BUSY_SELLS = 0.05, 0.1
"""The shares of one busy bidder and one busy seller, whose desks are measured."""
OVER, UNSOLD = 0.7, 0.1
DAYS = 540
WATCHED = 500


@dataclass
class Rows:
    """What is to be written, by table, and what it changes in the accounts."""

    tables: dict[Any, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    balances: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def transfer(self, debit: int, credit: int, cents: int, kind: str, key: str, auction_id: int, when: datetime) -> None:
        self.tables[Transfer].append((debit, credit, cents, kind, key, auction_id, when))
        self.balances[debit] -= cents
        self.balances[credit] += cents


COLUMNS: dict[Any, str] = {
    Auction: "id, seller_id, title, description, search_text, category_id, state, starting_price_cents, bid_step_cents, "
             "reserve_price_cents, increment_table_id, starts_at, ends_at, first_ends_at, created_at, published_at, "
             "price_cents, leader_id, leader_maximum_cents, leading_bid_id, bid_count, bid_number, step_sequence, "
             "alias_count, winning_bid_id, hammer_price_cents, closed_at",
    Bid: "id, auction_id, number, bidder_id, kind, maximum_cents, placed_at",
    PriceStep: "auction_id, sequence, bid_id, bidder_id, alias, kind, amount_cents, reason, is_offer, placed_at",
    BidderAlias: "auction_id, user_id, alias",
    Hold: "bid_id, auction_id, bidder_id, amount_cents, state, created_at",
    Transfer: "debit_account_id, credit_account_id, amount_cents, kind, key, auction_id, created_at",
    Watch: "user_id, auction_id, created_at",
}


def write(people: Sequence[int]) -> tuple[int, int]:
    """Fill the house of these bidders, who have money; returns the busy bidder and the busy seller.

    In the application's context. Raises RuntimeError if the books do not hold.
    """
    chance, now = random.Random(4), datetime.now(UTC)
    sellers, bidders = list(people[:SELLERS]), list(people[SELLERS:])
    db.session.execute(update(User).where(User.id.in_(sellers)).values(role="seller"))
    db.session.execute(update(User).values(created_at=now - timedelta(days=DAYS + 10)))
    accounts = {(account.owner_id, account.kind): account.id for account in db.session.query(Account)}
    categories = [row.id for row in db.session.query(Category.id)]
    first = (db.session.scalar(text("SELECT coalesce(max(id), 0) FROM auctions")) or 0) + 1
    commission = db.session.get_one(HouseSettings, 1).commission_basis_points
    rows, bid_id = Rows(), 0
    for number in range(AUCTIONS):
        seller = sellers[0] if chance.random() < BUSY_SELLS else chance.choice(sellers)
        lot = _lot(rows, chance, now, first + number, seller, bidders, chance.choice(categories), bid_id, accounts, commission)
        bid_id += lot
    rows.tables[Watch] = [(bidders[0], auction_id, now - timedelta(days=9))
                          for auction_id in chance.sample(range(first, first + AUCTIONS), WATCHED)]
    _copy(rows)
    db.session.commit()
    if wrong := check.differences(db.session):
        raise RuntimeError(f"the books of the scratch house do not hold: {wrong[:3]}")
    return bidders[0], sellers[0]


def _lot(rows: Rows, chance: random.Random, now: datetime, auction_id: int, seller: int, bidders: list[int], category: int,
         last_bid: int, accounts: dict[tuple[int | None, str], int], commission: int) -> int:
    """One auction with its bids, each of which takes the lead; returns how many."""
    kind = chance.random()
    state = "open" if kind > OVER else "unsold" if kind < UNSOLD else "sold"
    ends_at = now + timedelta(minutes=chance.randint(30, 10_000)) if state == "open" else now - timedelta(
        minutes=chance.randint(5, DAYS * 1440))
    begun = min(ends_at, now) - timedelta(days=3)
    start, count = chance.randint(1, 400) * 100, BIDS // AUCTIONS
    price, leader, held, aliases = start, 0, 0, {}
    for step in range(1, count + 1):
        bidder = bidders[0] if chance.random() < BUSY_BIDS else chance.choice(bidders)
        if bidder == leader:
            bidder = bidders[1 + (bidders.index(bidder) + step) % (len(bidders) - 1)]
        bid, when = last_bid + step, begun + timedelta(hours=6 * step)
        price += 100 + chance.randint(0, 30) * 10 if step > 1 else 0
        alias = aliases.setdefault(bidder, len(aliases) + 1)
        rows.tables[Bid].append((bid, auction_id, step, bidder, "manual", price, when))
        rows.tables[PriceStep].append((auction_id, step, bid, bidder, alias, "manual", price, "manual", True, when))
        if leader:
            _release(rows, accounts, held, leader, bid - 1, auction_id, when)
        rows.transfer(accounts[bidder, "available"], accounts[bidder, "held"], price, "hold", f"hold:{bid}", auction_id, when)
        leader, held = bidder, price
        last = step == count
        rows.tables[Hold].append((bid, auction_id, bidder, price,
                                  {"open": "active", "sold": "captured"}.get(state, "released") if last else "released", when))
    if state == "unsold":
        _release(rows, accounts, price, leader, bid, auction_id, ends_at)
    elif state == "sold":
        escrow, own, fee = accounts[None, "escrow"], accounts[seller, "available"], share(price, commission)
        rows.transfer(accounts[leader, "held"], escrow, price, "capture", f"capture:{auction_id}", auction_id, ends_at)
        rows.transfer(escrow, own, price, "payout", f"payout:{auction_id}", auction_id, ends_at)
        if fee:
            rows.transfer(own, accounts[None, "fees"], fee, "fee", f"fee:{auction_id}", auction_id, ends_at)
    rows.tables[BidderAlias] += [(auction_id, person, alias) for person, alias in aliases.items()]
    title = f"Lot {auction_id}: brass instrument of the nineteenth century, with its case and papers"
    sold, over = state == "sold", state != "open"
    rows.tables[Auction].append((
        auction_id, seller, title, "In working order. " * 8, title.casefold(), category, state, start, None,
        price + 5000 if state == "unsold" else None, 1, begun, ends_at, ends_at, begun, begun, price, leader, price, bid,
        count, count, count, len(aliases), bid if sold else None, price if sold else None, ends_at if over else None))
    return count


def _release(rows: Rows, accounts: dict[tuple[int | None, str], int], cents: int, person: int, bid: int, auction_id: int,
             when: datetime) -> None:
    rows.transfer(accounts[person, "held"], accounts[person, "available"], cents, "release", f"release:{bid}", auction_id, when)


def _copy(rows: Rows) -> None:
    connection = db.session.connection()
    for table, columns in COLUMNS.items():
        _copy_table(connection, table.__tablename__, columns, rows.tables[table])
    for account_id, cents in sorted(rows.balances.items()):
        db.session.execute(update(Account).where(Account.id == account_id).values(
            balance_cents=Account.balance_cents + cents))
    for name in ("auctions", "bids"):
        db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))  # noqa: S608


def _copy_table(connection: Any, name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    cursor = connection.connection.driver_connection.cursor()
    with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
