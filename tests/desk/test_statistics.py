"""A bidder's statistics: the figures of months and categories are those of the bids and of the ledger."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from auctionapp.auctions.models import Auction, Bid, Category
from auctionapp.auctions.queries import bid_figures
from auctionapp.auctions.services import closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.wallet.models import Account, Transfer
from auctionapp.wallet.statement import Month
from tests import factories
from tests.counting import statements

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime.now(UTC)


@pytest.fixture
def person(app):
    return factories.bidder(1_000_000, time_zone="Europe/Kyiv", created_at=NOW - timedelta(days=500))


def months(last=None):
    found = [last or Month.of(NOW, KYIV)]
    while len(found) < 12:
        found.insert(0, found[0].before)
    return found


def category(place):
    return db.session.scalars(select(Category).order_by(Category.id)).all()[place]


def bid_on(person, rival, title, ends, place=0, rivals_cents=None):
    lot = factories.auction(title=title, category_id=category(place).id).id
    factories.bid(lot, person, 5000)
    if rivals_cents:
        factories.bid(lot, rival, rivals_cents)
    if ends:
        closing.close(lot, SetClock(NOW + timedelta(hours=2)))
    db.session.rollback()
    return lot


@pytest.fixture
def past(person, rival):
    """One lot led, one outbid, one won for 41.00, one lost."""
    return [bid_on(person, rival, "Led", False), bid_on(person, rival, "Outbid", False, 1, 9000),
            bid_on(person, rival, "Won", True, 1, 4000), bid_on(person, rival, "Lost", True, 2, 9000)]


def test_the_figures_are_those_of_the_bids_and_of_the_ledger(person, past):
    found = bid_figures.year(person, months())
    spent = db.session.get(Auction, past[2]).hammer_price_cents
    own = select(Account.id).where(Account.owner_id == person)
    held = db.session.scalar(select(func.sum(Transfer.amount_cents)).where(
        Transfer.debit_account_id.in_(own), Transfer.kind == "hold"))
    assert found.total == bid_figures.Figures(4, 1, 1, 20_000, held, spent)
    assert spent == 4100 and found.months[-1] == found.total
    assert {name: (one.entered, one.won, one.lost) for name, one in found.categories.items()} == {
        category(0).name: (1, 0, 0), category(1).name: (2, 1, 0), category(2).name: (1, 0, 1)}


def test_a_lot_counts_in_the_month_of_its_first_bid_in_the_persons_zone(person, past):
    begin = Month.of(NOW, KYIV).begin
    bid = db.session.scalars(select(Bid).where(Bid.auction_id == past[0], Bid.bidder_id == person)).one()
    bid.placed_at = begin - timedelta(microseconds=1)
    db.session.commit()
    found = bid_figures.year(person, months())
    assert (found.months[-2].entered, found.months[-1].entered) == (1, 3)


def test_what_lies_outside_of_the_year_is_left_out(person, past):
    assert bid_figures.year(person, months(months()[0].before)).total == bid_figures.Figures()


def test_retracted_bids_count_for_nothing(person, past):
    bid = db.session.scalars(select(Bid).where(Bid.auction_id == past[1], Bid.bidder_id == person)).one()
    bid.state = "retracted"
    db.session.commit()
    assert bid_figures.year(person, months()).total.entered == 3


def test_the_own_maximum_stands_against_the_price_and_is_marked(browser, person, past):
    led, outbid = bid_figures.compared(person)
    assert (led.own_cents, led.price_cents, led.leads, led.ahead_cents) == (5000, 1000, True, 4000)
    assert (outbid.own_cents, outbid.price_cents, outbid.leads, outbid.ahead_cents) == (5000, 5100, False, -100)
    page = browser.get("/dashboard/statistics").text
    assert re.search(r'<tr class="is-ahead"><th scope="row"><a href="/auctions/\d+" dir="auto">Led<', page)
    assert re.search(r'<tr class="is-behind"><th scope="row"><a href="/auctions/\d+" dir="auto">Outbid<', page)
    assert page.count('class="bar bar--1"') and page.count('class="bar bar--3"') == 1 and page.count('class="mark"') == 2


def test_every_plot_has_a_table_behind_it_and_no_style_of_its_own(browser, past):
    page = browser.get("/dashboard/statistics").text
    drawn = re.findall(r'<svg class="plot-drawing.*?</figure>', page, re.S)
    assert len(drawn) == 5
    for plot in drawn:
        assert 'role="img"' in plot and "<details>" in plot and "<table" in plot and "style=" not in plot


def test_a_year_of_the_calendar_can_be_chosen(browser, past):
    this = NOW.astimezone(KYIV).year
    assert f"Jan {this}" in browser.get(f"/dashboard/statistics?year={this}").text
    before = browser.get(f"/dashboard/statistics?year={this - 1}").text
    assert f"Dec {this - 1}" in before and f"Jan {this}<" not in before
    for wrong in ("1", "x", str(this + 1), "99999999999999999999"):
        assert browser.get(f"/dashboard/statistics?year={wrong}").status_code == 200


def test_without_any_bid_there_is_a_word_instead_of_empty_plots(browser):
    page = browser.get("/dashboard/statistics").text
    assert "No figures yet" in page and "<svg class=\"plot" not in page


def test_nobody_sees_the_figures_of_somebody_else(rival, past):
    found = bid_figures.year(rival, months())
    assert found.total.entered == 3 and found.total.won == 1


def test_it_takes_as_many_statements_for_many_lots_as_for_one(browser, person, rival):
    def asked():
        with statements() as said:
            assert browser.get("/dashboard/statistics").status_code == 200
        return len(said)

    bid_on(person, rival, "One", False)
    few = asked()
    for number in range(10):
        bid_on(person, rival, f"Lot {number}", number % 2, number % 5, 9000)
    assert asked() == few
