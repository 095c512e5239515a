"""`flask ledger check` sees each way in which the books could be wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.transaction import WRITING
from auctionapp.wallet import check, services
from tests import factories

END = datetime.now(UTC) + timedelta(hours=1)
SEND = "INSERT INTO transfers (debit_account_id, credit_account_id, amount_cents, kind, key, created_at, {0}) " \
       "VALUES ({1}, {2}, 1, '{3}', 'x', '2026-01-01', {4})"


def account(kind: str, owner: str = "NULL") -> str:
    return f"(SELECT id FROM accounts WHERE kind = '{kind}' AND coalesce(owner_id, 0) = coalesce({owner}, 0))"


@pytest.fixture
def busy_house(app) -> dict[str, int]:
    """A sold lot, a live one with a leader, one nobody bid on, and payments in every state."""
    sold, live = factories.auction(ends_at=END, bid_step_cents=1), factories.auction(ends_at=END + timedelta(days=1))
    unsold = factories.auction(ends_at=END)
    winner, other = factories.bidder(20_000), factories.bidder(20_000)
    ids = {"sold": sold.id, "live": live.id, "poor": unsold.seller_id,
           "winner": winner, "other": other}
    bidding.place_bid(ids["sold"], bidding.Offer(winner, "auto", 5000))
    bidding.place_bid(ids["sold"], bidding.Offer(other, "auto", 3000))
    bidding.place_bid(ids["live"], bidding.Offer(winner, "auto", 2000))
    bidding.place_bid(ids["live"], bidding.Offer(other, "auto", 4000))
    closing.close_due(SetClock(END))
    for pay in (services.deposit, services.withdraw):
        for state in ("pending", "completed", "failed"):
            answer = pay(other, 100)
            ids[f"{answer['kind']}_{state}"] = answer["id"]
            if state != "pending":
                services.finish_payment(answer["external_reference"], state, 100)
    db.session.rollback()
    return ids


def corruptions(ids: dict[str, int]) -> list[tuple[str, str]]:
    """(SQL that breaks one thing, what the check must say)."""
    sold, live, winner, other = ids["sold"], ids["live"], ids["winner"], ids["other"]
    paid, finished = "state = 'completed', ask_again_at = NULL", "finished_at = '2026-01-01'"
    return [
        ("UPDATE accounts SET balance_cents = balance_cents + 1 WHERE kind = 'fees'", "The balances sum to 0.01"),
        ("UPDATE accounts SET balance_cents = -1 WHERE kind = 'escrow'", "is below zero: -0.01"),
        ("UPDATE accounts SET balance_cents = balance_cents + 1 WHERE kind = 'gateway'", "(gateway) has -"),
        ("DELETE FROM transfers WHERE kind = 'fee'", "(fees) has 1.50; its transfers give 0.00"),
        (SEND.format("auction_id", account("gateway"), account("available", winner), "hold", live),
         "(hold) goes from gateway to available"),
        (SEND.format("auction_id", account("held", winner), account("available", other), "release", live),
         "(release) goes from held to available"),
        (SEND.format("reason", account("gateway"), account("available", winner), "adjustment", "NULL"),
         "(adjustment) goes from gateway to available"),
        (f"UPDATE payments SET {paid}, {finished} WHERE id = {ids['deposit_pending']}",
         "deposits less withdrawals and adjustments are"),
        (f"UPDATE payments SET {paid}, {finished} WHERE id = {ids['deposit_pending']}",
         "(deposit, completed) has 0 deposit"),
        (f"UPDATE payments SET state = 'failed' WHERE id = {ids['deposit_completed']}",
         "(deposit, failed) has 1 deposit"),
        (f"UPDATE payments SET state = 'failed' WHERE id = {ids['withdrawal_completed']}",
         "(withdrawal, failed) has 0 deposit, 1 withdraw, 1 withdrawn and 0 withdraw_back"),
        (f"UPDATE payments SET {paid}, {finished} WHERE id = {ids['withdrawal_pending']}",
         "being paid out; pending withdrawals are 0.00"),
        (f"UPDATE payments SET amount_cents = 101 WHERE id = {ids['deposit_completed']}",
         "(deposit) of 1.00 is not the amount, person or key"),
        (f"UPDATE payments SET user_id = {winner} WHERE id = {ids['withdrawal_failed']}",
         "(withdraw_back) of 1.00 is not the amount, person or key"),
        ("UPDATE transfers SET key = key || '0' WHERE kind = 'deposit'", "is not the amount, person or key"),
        ("UPDATE holds SET amount_cents = amount_cents - 1 WHERE state = 'active'", "active holds are 39.99"),
        ("UPDATE holds SET state = 'released' WHERE state = 'active'", "held is None of None"),
        (f"UPDATE auctions SET leader_maximum_cents = 4001 WHERE id = {live}", "up to 40.01; held is 40.00"),
        (f"UPDATE auctions SET leader_id = {winner} WHERE id = {live}", f"led by person {winner}"),
        (f"UPDATE holds SET bidder_id = {ids['poor']} WHERE state = 'active'",
         f"of person {ids['poor']}, who has no account for it"),
        (f"UPDATE auctions SET state = 'unsold', closed_at = '2026-01-01' WHERE id = {live}",
         "is unsold and still holds 40.00"),
        (f"UPDATE transfers SET auction_id = {live} WHERE kind = 'hold' AND auction_id = {sold}", "hold leaves 50.00"),
        (f"UPDATE auctions SET hammer_price_cents = 3000 WHERE id = {sold}", "is sold for 30.00; captured is 30.01"),
        ("DELETE FROM transfers WHERE kind = 'capture'", "captured is 0.00 in 0 transfers"),
        (f"UPDATE holds SET state = 'released' WHERE auction_id = {sold}", "has no captured hold of its winner"),
        (f"UPDATE holds SET bidder_id = {other} WHERE auction_id = {sold}", "has no captured hold of its winner"),
        (f"UPDATE auctions SET state = 'unsold', hammer_price_cents = NULL, winning_bid_id = NULL WHERE id = {sold}",
         "is unsold, not sold, and has a captured hold"),
        (f"UPDATE auctions SET state = 'cancelled', hammer_price_cents = NULL, winning_bid_id = NULL WHERE id = {sold}",
         "(payout)"),
        (f"UPDATE transfers SET credit_account_id = {account('available', other)} WHERE kind = 'payout'",
         "0.00 went to the seller in 0 transfers"),
        ("UPDATE transfers SET amount_cents = 3002 WHERE kind = 'fee'", "fees of 30.02 in 1 transfers"),
        (f"UPDATE transfers SET debit_account_id = {account('available', other)} WHERE kind = 'fee'",
         "do not fit 30.01 and its seller"),
    ]


def allow_anything(session) -> None:
    """What guards the tables in the database is taken away, in this transaction only."""
    if session.get_bind().dialect.name == "sqlite":
        for statement in ("PRAGMA ignore_check_constraints = ON", "DROP TRIGGER transfers_no_update",
                          "DROP TRIGGER transfers_no_delete"):
            session.execute(text(statement))
    else:
        session.execute(text("DROP TRIGGER transfers_append_only ON transfers"))
        session.execute(text("ALTER TABLE accounts DROP CONSTRAINT accounts_balance_not_negative"))


def test_a_busy_house_has_clean_books(busy_house):
    with check.snapshot(db.engine) as session:
        assert check.differences(session) == []
        assert check.totals(session) == (
            "The ledger holds: 16 transfers, 1 active holds; available 357.50, held 40.00, withdrawing 1.00, "
            "escrow 0.00, fees 1.50; paid in less paid out 400.00.")


def test_each_corruption_is_seen_and_each_check_sees_one(busy_house):
    seen = []
    for sql, words in corruptions(busy_house):
        session = db.session()
        session.connection(execution_options=WRITING[db.engine.dialect.name])
        allow_anything(session)
        assert session.execute(text(sql)).rowcount > 0, sql
        found = check.differences(session)
        session.rollback()
        assert any(words in difference for difference in found), (sql, found)
        seen += found
    assert check.differences(db.session()) == []
    for one in check.BOOKS + check.PAYMENTS + check.AUCTIONS:
        start, end = one.words.split("{")[0], one.words.rsplit("}")[-1]
        assert any(difference.startswith(start) and difference.endswith(end) for difference in seen), one.words


@pytest.mark.made_up_books
def test_the_command_prints_one_line_of_totals_or_what_differs(app, busy_house):
    runner = app.test_cli_runner()
    clean = runner.invoke(args=["ledger", "check"])
    assert clean.exit_code == 0 and clean.output.startswith("The ledger holds: ") and clean.output.count("\n") == 1
    db.session.execute(text("UPDATE accounts SET balance_cents = balance_cents + 5 WHERE kind = 'fees'"))
    db.session.commit()
    wrong = runner.invoke(args=["ledger", "check"])
    assert wrong.exit_code == 1
    assert "The balances sum to 0.05, not to zero." in wrong.output and "The ledger holds" not in wrong.output


def test_the_check_sees_one_moment_while_money_moves(app, busy_house):
    with check.snapshot(db.engine) as session:
        session.execute(text("SELECT count(*) FROM payments"))
        factories.give_money(busy_house["winner"], 500)
        assert check.differences(session) == []
        assert "paid in less paid out 400.00" in check.totals(session)


def test_an_operators_deposit_is_there_at_once_also_without_redis(app, redis_server):
    person = factories.bidder(email="ada@example.org")
    db.session.rollback()
    runner = app.test_cli_runner()
    redis_server.kill()
    try:
        done = runner.invoke(args=["wallets", "deposit", "--email", "Ada@Example.org", "--amount", "100.00"])
    finally:
        redis_server.start()
    assert done.exit_code == 0, done.output
    db.session.rollback()
    assert services.ledger.balances(db.session, person)["available"] == 10_000
    factories.assert_ledger_clean()


@pytest.mark.parametrize(("email", "amount"), [
    ("nobody@example.org", "1.00"), ("ada@example.org", "0"), ("ada@example.org", "1e3"), ("ada@example.org", "-5"),
    ("ada@example.org", "12.345"), ("ada@example.org", "1,50"), ("ada@example.org", "9999999999.99")])
def test_an_operators_mistake_changes_nothing_and_is_said(app, email, amount):
    person = factories.bidder(email="ada@example.org")
    db.session.rollback()
    failed = app.test_cli_runner().invoke(args=["wallets", "deposit", "--email", email, "--amount", amount])
    assert failed.exit_code != 0 and "Error: " in failed.output
    db.session.rollback()
    assert services.ledger.balances(db.session, person)["available"] == 0
