"""The public history: every step with its reason, in words, on all pages; the chart that goes with it (R2, R19)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.auctions import chart, rules
from auctionapp.auctions.queries import history
from auctionapp.auctions.services import bidding
from tests import factories


def place(lot_id, person_id, cents, kind="manual"):
    return bidding.place_bid(lot_id, bidding.Offer(person_id, kind, cents))


@pytest.fixture
def people(app):
    return [factories.bidder(10_000_000) for _ in range(3)]


def test_every_reason_of_the_rules_has_its_words(app):
    import inspect

    codes = set(re.findall(r'"(manual|first|outbid|beaten|answer|tie|earlier|raise|reserve\w*)"', inspect.getsource(rules)))
    assert codes - {"reserve_price_cents"} <= set(history.REASONS)
    assert len(codes) >= 10


def test_each_step_says_why(people):
    lot = factories.auction(reserve_price_cents=9000).id
    first, second, third = people
    place(lot, first, 5000, "auto")
    place(lot, second, 2000)
    place(lot, second, 5000, "auto")
    place(lot, third, 10_000, "auto")
    reasons = [(line.alias, line.reason.split(":")[0]) for line in history.page(lot, 1, 50)]
    assert reasons == [
        ("Bidder 3", "Reserve met"),
        ("Bidder 1", "The same maximum was set earlier"),
        ("Bidder 2", "The same maximum was set earlier"),
        ("Bidder 1", "Answered automatically for the earlier, higher maximum"),
        ("Bidder 2", "Beaten at once by an earlier, higher maximum"),
        ("Bidder 1", "Automatic, up to a maximum"),
    ]
    assert [line.sequence for line in history.last(lot)] == [6, 5, 4, 3, 2]


def test_the_whole_history_is_paged(client, people):
    lot = factories.auction().id
    for number in range(60):
        place(lot, people[number % 2], 2000 + 100 * number)
    first, second = client.get(f"/auctions/{lot}/bids").text, client.get(f"/auctions/{lot}/bids?page=2").text
    assert 'data-label="Step">60<' in first
    assert 'data-label="Step">11<' in first
    assert 'data-label="Step">10<' not in first
    assert 'data-label="Step">1<' in second
    assert client.get(f"/auctions/{lot}/bids?page=3").status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e9", "9" * 40, "٣"])
def test_a_page_that_is_none_breaks_nothing(client, page):
    lot = factories.auction().id
    assert client.get(f"/auctions/{lot}/bids?page={page}").status_code in (200, 404)


def test_an_own_raise_that_moves_no_price_leaves_no_trace(client, people):
    lot = factories.auction().id
    place(lot, people[0], 5000, "auto")
    before = client.get(f"/auctions/{lot}/bids").text
    place(lot, people[0], 7000, "auto")
    after = client.get(f"/auctions/{lot}/bids").text
    assert "1 bid, 1 step" in before
    assert "1 bid, 1 step" in after
    assert "70.00" not in after


def test_the_chart_is_drawn_as_steps_without_inline_style(client, people):
    lot = factories.auction().id
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    page = client.get(f"/auctions/{lot}/bids").text
    assert '<svg class="price-chart"' in page
    assert " style=" not in page
    assert re.search(r'<path class="line" d="M[\d.]+ [\d.]+(H[\d.]+V[\d.]+)+H[\d.]+">', page)


def test_a_price_that_never_moved_has_no_chart_and_one_of_a_moment_has_its_line():
    now = datetime.now(UTC)
    assert chart.step_chart([], now) is None
    assert chart.step_chart([(now, 1000), (now, 1000)], now) is None
    drawn = chart.step_chart([(now, 1000), (now, 1100)], now)
    assert drawn.line.startswith("M")
    assert [cents for _, cents in drawn.prices] == [1000, 1050, 1100]


def test_labels_of_the_chart_do_not_run_into_each_other():
    now = datetime.now(UTC)
    points = [(now + timedelta(seconds=number), 1000 + number) for number in range(100)]
    places = [y for y, _ in chart.step_chart(points, now + timedelta(hours=1)).prices]
    assert all(abs(one - other) >= chart.LABEL_HEIGHT for one in places for other in places if one != other)


def test_a_long_history_draws_a_bounded_chart(people):
    lot = factories.auction(bid_step_cents=100).id
    offers = [bidding.Offer(people[number % 2], "manual", 2000 + 100 * number) for number in range(900)]
    for start in range(0, 900, 50):
        bidding.place_bids(lot, offers[start:start + 50])
    points = history.chart_points(lot, 900)
    assert len(points) <= history.CHART_POINTS + 2
    assert points[0][1] == 2000
    assert points[-1][1] == 2000 + 100 * 899
