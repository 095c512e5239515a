"""My bids: which lots stand where, what each line says, bidding again from there, pages and statements."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.auctions.models import Auction
from auctionapp.auctions.queries import own_bids
from auctionapp.auctions.services import closing, second_chance, stopping, watching
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests import factories
from tests.auctions.bidding_client import HTMX, bids_of, signed_in
from tests.counting import statements

LATER = timedelta(hours=2)


@pytest.fixture
def person(app):
    return factories.bidder(1_000_000)


def led(person, title="A lot that is led", cents=5000, **given):
    lot = factories.auction(title=title, **given).id
    factories.bid(lot, person, cents)
    return lot


def outbid(person, rival, title="A lot that was outbid", **given):
    lot = led(person, title, **given)
    factories.bid(lot, rival, 8000)
    return lot


def end(lot):
    """Let it end and be decided."""
    closing.close(lot, SetClock(datetime.now(UTC) + LATER))
    db.session.rollback()


def lines(page):
    """Each line of the list as its words, by the id of its lot."""
    found = re.findall(r'<li class="own-bid" id="own-bid-(\d+)">(.*?)</li>', page, re.S)
    return {int(number): " ".join(re.sub(r"<[^>]*>", " ", words).split()) for number, words in found}


def field(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.partition("<main")[2])[1]


def shown(browser, show):
    return lines(browser.get(f"/dashboard/bids?show={show}").text)


def test_each_lot_stands_where_it_belongs(browser, person, rival):
    leading, lost_lead = led(person), outbid(person, rival)
    won, lost = led(person, "A lot to win"), outbid(person, rival, "A lot to lose")
    unsold = led(person, "A lot under its reserve", reserve_price_cents=90_000)
    for lot in (won, lost, unsold):
        end(lot)
    watched = factories.auction(title="A lot only watched").id
    watching.toggle_watch(person, watched)
    foreign = factories.auction(title="Somebody else's").id
    factories.bid(foreign, rival, 2000)

    assert set(shown(browser, "leading")) == {leading}
    assert set(shown(browser, "outbid")) == {lost_lead}
    assert set(shown(browser, "won")) == {won}
    assert set(shown(browser, "lost")) == {lost, unsold}
    assert set(shown(browser, "watched")) == {watched}
    assert own_bids.counts(person) == {"leading": 1, "outbid": 1, "won": 1, "lost": 2, "watched": 1}


def test_a_line_says_the_own_maximum_the_price_the_end_and_the_next_bid(browser, person, rival):
    lot = outbid(person, rival)
    words = shown(browser, "outbid")[lot].replace("\N{NO-BREAK SPACE}", " ")
    for said in ("A lot that was outbid", "Outbid", "Your maximum 50.00 EUR", "Current bid 51.00 EUR", "2 bids", "Ends",
                 "Bid 52.00 EUR"):
        assert said in words


def test_the_maximum_of_somebody_else_is_never_said(browser, person, rival):
    outbid(person, rival)
    assert "80.00" not in browser.get("/dashboard/bids?show=outbid").text


def test_without_a_choice_what_was_outbid_comes_first(browser, person, rival):
    led(person)
    assert "A lot that is led" in browser.get("/dashboard/bids").text
    outbid(person, rival)
    assert "A lot that was outbid" in browser.get("/dashboard/bids?show=nonsense").text


def test_one_tap_asks_for_a_confirmation_and_leads_back_to_the_list(browser, person, rival):
    lot = outbid(person, rival)
    page = browser.get("/dashboard/bids?show=outbid").text
    form = {name: field(page, name) for name in ("key", "kind", "seen_minimum", "next", "amount")}
    assert form["amount"] == "52.00" and form["next"] == "/dashboard/bids?show=outbid"
    asked = browser.post(f"/auctions/{lot}/bids", data=form)
    assert asked.status_code == 200 and "Confirm your bid" in asked.text and bids_of(lot) == [5000, 8000]

    confirmed = {name: field(asked.text, name) for name in ("key", "kind", "seen_minimum", "next", "amount", "confirmed")}
    answer = browser.post(f"/auctions/{lot}/bids", data=confirmed)
    assert (answer.status_code, answer.location) == (303, "/dashboard/bids?show=outbid")
    assert bids_of(lot) == [5000, 8000, 5200]
    assert "A lot that was outbid: Your bid of 52.00" in browser.get(answer.location).text.replace("\N{NO-BREAK SPACE}", " ")
    assert browser.post(f"/auctions/{lot}/bids", data=confirmed).location == "/dashboard/bids?show=outbid"
    assert bids_of(lot) == [5000, 8000, 5200]


def test_a_price_that_moved_since_the_list_was_read_is_asked_about_again(app, browser, person, rival):
    lot = outbid(person, rival)
    page = browser.get("/dashboard/bids?show=outbid").text
    form = {name: field(page, name) for name in ("key", "kind", "seen_minimum", "next", "amount")}
    factories.bid(lot, factories.bidder(100_000), 6000)
    asked = browser.post(f"/auctions/{lot}/bids", data=form)
    assert "Do you bid 62.00" in asked.text.replace("\N{NO-BREAK SPACE}", " ")
    assert field(asked.text, "next") == form["next"] and field(asked.text, "amount") == "62.00"


def test_a_bid_goes_back_to_this_site_only(app, browser, person, rival):
    lot = outbid(person, rival)
    answer = browser.post(f"/auctions/{lot}/bids", data={
        "amount": "90", "kind": "auto", "key": "one", "confirmed": "1", "next": "//evil.example/"})
    assert answer.location == f"/auctions/{lot}"


def test_the_dialog_gets_the_same_panel_as_the_page(browser, person, rival):
    """The list asks for a part of the whole page, so that the server answers as to a browser without script."""
    lot = outbid(person, rival)
    asked = browser.post(f"/auctions/{lot}/bids", data={"amount": "52", "kind": "auto", "key": "one", "next": "/dashboard/bids"},
                         headers=HTMX | {"HX-Request-Type": "full"})
    assert 'id="bid-panel"' in asked.text and 'name="confirmed"' in asked.text


def test_what_has_ended_but_is_not_decided_takes_no_bid(browser, person, rival):
    lot = outbid(person, rival)
    db.session.get(Auction, lot).ends_at = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
    words = shown(browser, "outbid")[lot]
    assert "Confirming the result" in words and "Bid 52" not in words


def test_a_won_lot_leads_to_its_hand_over(browser, person):
    lot = led(person)
    end(lot)
    assert f'href="/auctions/{lot}/handover"' in browser.get("/dashboard/bids?show=won").text


def test_a_suspended_lot_says_so_and_a_withdrawn_one_is_lost_with_the_reason(browser, person, rival):
    held, gone = led(person), outbid(person, rival)
    stopping.suspend(factories.actor(), held, "The papers are being looked at.")
    stopping.withdraw(factories.actor(), gone, "It was not genuine.")
    assert "Suspended" in shown(browser, "leading")[held] and "papers" in shown(browser, "leading")[held]
    assert "Withdrawn" in shown(browser, "lost")[gone] and "not genuine" in shown(browser, "lost")[gone]


def test_a_second_chance_waits_among_the_lost(browser, person, rival):
    lot = led(person, reserve_price_cents=90_000)
    end(lot)
    offer = second_chance.offer(lot, db.session.get(Auction, lot).seller_id, 1000)
    page = browser.get("/dashboard/bids?show=lost").text
    assert "Second chance" in lines(page)[lot] and f'href="/dashboard/offers/{offer}"' in page
    second_chance.decline(offer, person)
    page = browser.get("/dashboard/bids?show=lost").text
    assert "Not sold" in lines(page)[lot] and f'href="/dashboard/offers/{offer}"' not in page


def test_a_reserve_that_is_not_met_is_said_to_the_leader(browser, person):
    lot = led(person, reserve_price_cents=90_000)
    assert "Leading, reserve not met" in shown(browser, "leading")[lot]


@pytest.mark.parametrize("show", own_bids.SHOWS)
def test_every_list_has_words_when_it_is_empty(browser, show):
    page = browser.get(f"/dashboard/bids?show={show}").text
    assert 'class="empty' in page and 'href="/auctions"' in page


@pytest.mark.parametrize("show", own_bids.SHOWS)
def test_pages_go_on_by_a_key_and_miss_and_repeat_nothing(browser, person, rival, show):
    now = datetime.now(UTC)
    lots = set()
    for number in range(own_bids.PER_PAGE + 3):
        ends_at = now + timedelta(hours=1, seconds=number // 2)  # some end at the same moment
        if show == "watched":
            lot = factories.auction(ends_at=ends_at).id
            watching.toggle_watch(person, lot)
        elif show in ("leading", "won"):
            lot = led(person, cents=1000, ends_at=ends_at)
        else:
            lot = outbid(person, rival, cents=1000, ends_at=ends_at)
        if show in ("won", "lost"):
            end(lot)
        lots.add(lot)
    first = browser.get(f"/dashboard/bids?show={show}").text
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = browser.get(following).text
    assert len(lines(first)) == own_bids.PER_PAGE
    assert set(lines(first)) | set(lines(second)) == lots and not set(lines(first)) & set(lines(second))
    assert 'rel="next"' not in second and "Back to the first" in second


def test_the_list_takes_as_many_statements_for_many_lots_as_for_one(browser, person, rival):
    def asked(show):
        with statements() as said:
            assert browser.get(f"/dashboard/bids?show={show}").status_code == 200
        return len(said)

    led(person)
    outbid(person, rival)
    few = {show: asked(show) for show in ("leading", "outbid")}
    for _ in range(12):
        led(person, cents=1000)
        outbid(person, rival, cents=1000)
    assert {show: asked(show) for show in few} == few


def test_a_guest_signs_in_and_comes_back(app, client):
    answer = client.get("/dashboard/bids")
    assert answer.status_code == 303 and "next=" in answer.location


def test_the_desk_leads_everywhere_and_marks_where_one_is(app):
    browser, _ = signed_in(app)
    page = browser.get("/dashboard/bids").text
    for path in ("/dashboard/watchlist", "/dashboard/auctions", "/dashboard/wallet"):
        assert f'href="{path}"' in page
    assert re.search(r'href="/dashboard/bids" aria-current="page"', page)
    assert re.search(r'href="/dashboard/profile" aria-current="true"', browser.get("/dashboard/profile/pictures").text)
