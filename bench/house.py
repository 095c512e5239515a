"""A house full of people and lots, for measuring: written straight into the tables, as only a benchmark may."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import flask_migrate
from sqlalchemy import insert

from auctionapp import create_app
from auctionapp.accounts.models import ApiToken, User
from auctionapp.auctions.models import Auction
from auctionapp.extensions import db
from auctionapp.wallet.models import Account, Payment, Transfer

WALLET_CENTS = 10**12


@dataclass(frozen=True)
class House:
    auction_ids: list[int]
    tokens: list[str]
    people: list[int]
    """Whose tokens these are."""


def build(database_url: str, auctions: int, bidders: int) -> House:
    """Migrate an empty database and fill it: bidders with money and an API token each, lots of one seller."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url, "RATELIMIT_ENABLED": False})
    with app.app_context():
        flask_migrate.upgrade()
        now = datetime.now(UTC)
        people = _people(bidders + 1, now)
        tokens = [f"bench-token-{person}" for person in people[1:]]
        _give_money(people[1:], now)
        db.session.execute(insert(ApiToken), [
            {"user_id": person, "token_hash": hashlib.sha256(token.encode()).hexdigest(), "created_at": now,
             "expires_at": now + timedelta(days=1)} for person, token in zip(people[1:], tokens, strict=True)])
        rows = [
            {"seller_id": people[0], "title": f"Lot {number}: brass instrument of the nineteenth century",
             "description": "In working order. " * 8, "category_id": 1 + number % 18, "state": "open",
             "starting_price_cents": 100, "bid_step_cents": 1, "increment_table_id": 1, "soft_close_seconds": 0,
             "starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=7, seconds=number),
             "first_ends_at": now + timedelta(days=7, seconds=number), "created_at": now, "published_at": now}
            for number in range(auctions)]
        auction_ids = list(db.session.scalars(insert(Auction).returning(Auction.id), rows))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return House(auction_ids, tokens, people[1:])


def _people(count: int, now: datetime) -> list[int]:
    return list(db.session.scalars(insert(User).returning(User.id), [
        {"email": f"bench{number}@example.org", "display_name": f"Person {number}", "password_hash": "!",
         "role": "seller" if number == 0 else "user", "created_at": now, "confirmed_at": now}
        for number in range(count)]))


def _give_money(people: list[int], now: datetime) -> None:
    """Deposits as the ledger would write them, so that its check holds after the measurement."""
    payments = list(db.session.scalars(insert(Payment).returning(Payment.id), [
        {"user_id": person, "kind": "deposit", "amount_cents": WALLET_CENTS, "state": "completed", "gateway": "operator",
         "external_reference": f"bench-{person}", "created_at": now, "finished_at": now} for person in people]))
    accounts = list(db.session.execute(insert(Account).returning(Account.id, Account.owner_id, Account.kind), [
        {"kind": kind, "owner_id": person, "balance_cents": WALLET_CENTS if kind == "available" else 0}
        for person in people for kind in ("available", "held", "withdrawing")]))
    available = {account.owner_id: account.id for account in accounts if account.kind == "available"}
    gateway = db.session.query(Account).filter_by(kind="gateway").one()
    gateway.balance_cents -= WALLET_CENTS * len(people)
    db.session.execute(insert(Transfer), [
        {"debit_account_id": gateway.id, "credit_account_id": available[person], "amount_cents": WALLET_CENTS,
         "kind": "deposit", "key": f"deposit:{payment}", "payment_id": payment, "created_at": now}
        for person, payment in zip(people, payments, strict=True)])
