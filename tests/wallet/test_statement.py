"""The statement of a month: it adds up to the ledger, prints, and is a table that spreadsheets can be trusted with."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from auctionapp.accounts.models import User
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.keyset import Key
from auctionapp.wallet import adjusting, queries, services, statement, statement_views
from auctionapp.wallet.models import Account, Transfer
from auctionapp.wallet.statement import Balance, Month
from tests import factories
from tests.auctions.bidding_client import client_of
from tests.counting import statements

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime.now(UTC)


@pytest.fixture
def person(app):
    """Somebody who deposited 1,000.00, leads with 60.00, was outbid elsewhere and bought for 25.00."""
    person = factories.bidder(100_000, time_zone="Europe/Kyiv", created_at=NOW - timedelta(days=400))
    rival = factories.bidder(100_000)
    held, lost, bought = (factories.auction(title=title).id for title in ("A lot that is led", "Lost", "=Bought()"))
    for lot, cents in ((held, 6000), (lost, 3000)):
        bidding.place_bid(lot, bidding.Offer(person, "auto", cents))
    bidding.place_bid(lost, bidding.Offer(rival, "auto", 9000))
    bidding.place_bid(bought, bidding.Offer(rival, "manual", 2000))
    bidding.place_bid(bought, bidding.Offer(person, "auto", 4000))
    closing.close(bought, SetClock(NOW + timedelta(hours=2)))
    db.session.rollback()
    return person


@pytest.fixture(autouse=True)
def books(app):
    yield
    factories.assert_ledger_clean()


def dated(kind, moment):
    """Put the transfers of a kind to another time, as only a test may: they are append-only."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE transfers DISABLE TRIGGER USER"))
    else:
        triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfers'")
        for name in db.session.scalars(triggers).all():
            db.session.execute(text(f'DROP TRIGGER "{name}"'))
    db.session.query(Transfer).filter_by(kind=kind).update({"created_at": moment})
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE transfers ENABLE TRIGGER USER"))
    db.session.commit()


def present(zone=KYIV):
    return Month.of(NOW, zone)


def wallet(person):
    balances = queries.balances(person)
    return Balance(balances["available"], balances["held"], balances["withdrawing"])


def table(browser, month=None):
    answer = browser.get("/dashboard/wallet/statement.csv" + (f"?month={month}" if month else ""))
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_opening_entries_and_closing_add_up_to_the_wallet(person):
    paper = statement.statement(person, present())
    assert paper.opening == Balance()
    assert sum((line.change for line in paper.lines), paper.opening) == paper.closing == wallet(person)
    assert paper.closing.held == 6000
    assert {line.kind for line in paper.lines} == {"deposit", "hold", "release", "capture"}


def test_the_closing_balance_of_a_month_opens_the_next(person):
    month = present()
    dated("deposit", month.begin - timedelta(seconds=1))
    before, this = statement.statement(person, month.before), statement.statement(person, month)
    assert [line.kind for line in before.lines] == ["deposit"]
    assert before.closing == this.opening == Balance(available=100_000) and this.closing == wallet(person)


def test_a_month_begins_at_midnight_of_the_persons_zone(person):
    month = present()
    dated("deposit", month.begin)
    paper = statement.statement(person, month)
    assert paper.opening == Balance() and paper.lines[0].kind == "deposit" and paper.closing == wallet(person)
    dated("deposit", month.begin - timedelta(microseconds=1))
    assert all(line.kind != "deposit" for line in statement.statement(person, month).lines)
    assert any(line.kind == "deposit" for line in statement.statement(person, month.before).lines)
    assert month.begin.astimezone(KYIV).hour == 0 and month.before.after == month


def test_withdrawals_sales_fees_and_adjustments_are_in_it(app):
    seller = factories.seller().id
    buyer = factories.bidder(50_000)
    lot = factories.auction(seller_id=seller).id
    bidding.place_bid(lot, bidding.Offer(buyer, "manual", 10_000))
    closing.close(lot, SetClock(NOW + timedelta(hours=2)))
    adjusting.adjust(factories.actor(), seller, 777, "A mistake of ours.", "one")
    services.withdraw(seller, 1000, None)
    paper = statement.statement(seller, present())
    assert {line.kind for line in paper.lines} >= {"payout", "fee", "adjustment", "withdraw"}
    assert paper.closing == wallet(seller) and paper.closing.total > 0
    assert "A mistake of ours." in {line.reason for line in paper.lines}


def test_the_page_says_what_there_was_what_moved_and_what_there_is(app, person):
    page = client_of(app, person).get("/dashboard/wallet/statement").text.replace("\N{NO-BREAK SPACE}", " ")
    for said in ("Opening balance", "Balance now", "Bought", "A lot that is led", "Europe/Kyiv", "As a table (CSV)"):
        assert said in page
    assert f"+1{chr(0x202f)}000.00 EUR" in page and "−60.00 EUR" in page
    assert "/dashboard/wallet/statement" in client_of(app, person).get("/dashboard/wallet").text


def test_the_table_has_exact_decimals_and_both_times(app, person):
    rows = table(client_of(app, person))
    assert rows[0]["entry"] == "Opening balance" and rows[-1]["entry"] == "Closing balance"
    deposit = next(row for row in rows if row["entry"] == "Deposit")
    assert (deposit["available_change"], deposit["available"], deposit["currency"]) == ("1000.00", "1000.00", "EUR")
    assert deposit["time_utc"].endswith("Z") and deposit["time_zone"] == "Europe/Kyiv"
    assert datetime.fromisoformat(deposit["time_local"]) == datetime.fromisoformat(deposit["time_utc"])
    cents = {name: sum(round(float(row[f"{name}_change"] or 0) * 100) for row in rows) for name in ("available", "held")}
    now = wallet(person)
    assert cents == {"available": now.available, "held": now.held}
    assert (rows[-1]["available"], rows[-1]["held"]) == (f"{now.available / 100:.2f}", f"{now.held / 100:.2f}")


def test_words_of_people_are_no_formulas_in_a_spreadsheet(app, person):
    titles = {row["lot"] for row in table(client_of(app, person))}
    assert "'=Bought()" in titles and "=Bought()" not in titles


def test_a_month_that_is_none_or_to_come_is_not_there(app, person):
    browser = client_of(app, person)
    for wrong in ("2026-13", "2026-0", "x", "9999-01", "0000-01", str(present().after), "2026-11-01", "²026-11"):
        assert browser.get(f"/dashboard/wallet/statement?month={wrong}").status_code == 404, wrong
        assert browser.get(f"/dashboard/wallet/statement.csv?month={wrong}").status_code == 404, wrong


def test_a_month_without_entries_says_so_and_keeps_the_balance(app, person):
    page = client_of(app, person).get(f"/dashboard/wallet/statement?month={present().before}").text
    assert "Nothing moved in this month." in page and "Closing balance" in page


def test_somebody_without_any_money_has_an_empty_statement(app):
    stranger = factories.user()
    assert client_of(app, stranger.id).get("/dashboard/wallet/statement").status_code == 200
    db.session.query(Account).filter_by(owner_id=stranger.id).delete()
    db.session.commit()
    assert statement.statement(stranger.id, present()).closing == Balance()


def test_a_long_month_is_carried_over_from_page_to_page(app, person, monkeypatch):
    monkeypatch.setattr(statement_views, "PER_PAGE", 4)
    browser = client_of(app, person)
    whole = statement.statement(person, present())
    pages, address = [], "/dashboard/wallet/statement"
    while address:
        pages.append(browser.get(address).text)
        following = re.search(r'rel="next" href="([^"]+after=[^"]+)"', pages[-1])
        address = following and following[1].replace("&amp;", "&")
    assert len(pages) == -(-len(whole.lines) // 4) > 1
    assert "Opening balance</th>" in pages[0] and "Balance now</th>" not in pages[0] and "Carried over" in pages[0]
    assert "Carried over" in pages[-1] and "Balance now</th>" in pages[-1] and "Back to the beginning" in pages[-1]
    assert sum(page.count("<tr>") - 2 for page in pages) == len(whole.lines)  # two lines of each are the head
    for number, line in enumerate(whole.lines[:-1]):
        part = statement.statement(person, present(), Key(line.created_at, line.id), 4)
        assert part.carried == line.after and part.lines == whole.lines[number + 1:number + 5]
        assert (part.opening, part.closing) == (whole.opening, whole.closing)


def test_nobody_reads_the_statement_of_somebody_else(app, person):
    other = factories.bidder(0)
    assert "A lot that is led" not in client_of(app, other).get("/dashboard/wallet/statement").text


def test_it_takes_as_many_statements_however_much_moved(app, person):
    browser = client_of(app, person)

    def asked():
        with statements() as said:
            assert browser.get("/dashboard/wallet/statement").status_code == 200
        return len(said)

    few = asked()
    for cents in range(100, 130):
        factories.give_money(person, cents)
    assert asked() == few


def test_the_month_of_a_summer_time_change_is_whole(app):
    october = Month.read("2026-10", KYIV)
    assert (october.after.begin - october.begin) == timedelta(days=31, hours=1)
    assert str(october.before) == "2026-09" and str(Month.read("2026-01", KYIV).before) == "2025-12"
    assert db.session.get(User, 1) is None
