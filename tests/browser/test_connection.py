"""A lost connection, at the reader's end and at the house's: said while it lasts, and nothing missed after it."""

import pytest

from auctionapp.auctions.services import bidding
from auctionapp.chat import services as chat
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def test_what_happens_while_the_connection_is_lost_is_there_once_it_is_back(app, start_site, open_window):
    lot, bidder = factories.auction().id, factories.bidder(1_000_000)
    site = start_site()
    guest = open_window(site)
    guest.go(f"/auctions/{lot}")
    guest.wait_until_live()
    banner = guest.page.locator("#connection-banner")
    said = []

    def happen(bids, lines):
        for cents in bids:
            bidding.place_bid(lot, bidding.Offer(bidder, "manual", cents))
        for line in lines:
            said.append(line)
            chat.post(lot, bidder, line)

    def caught_up(price, count):
        guest.page.locator("#state-price").get_by_text(price).wait_for(timeout=20_000)
        guest.page.locator("[data-chat-lines]").get_by_text(said[-1], exact=True).wait_for(timeout=20_000)
        banner.wait_for(state="hidden")
        assert guest.chat() == said
        assert guest.page.locator(".bid-price a").inner_text() == f"{count} bids"
        amounts = guest.page.locator("#last-bids .amount").all_inner_texts()
        assert amounts[0] == f"{price}\N{NO-BREAK SPACE}EUR" and len(amounts) == 5

    happen([1000], ["before"])
    guest.page.get_by_text("before", exact=True).wait_for()
    assert banner.is_hidden()

    guest.page.context.set_offline(True)  # the reader's own network
    banner.get_by_text("Connection lost").wait_for(timeout=10_000)
    happen([2000, 3000, 4000, 5000, 6000, 7000], [f"offline {number}" for number in range(12)])
    guest.page.context.set_offline(False)
    caught_up("70.00", 7)

    site.kill("web")  # the house's web processes die
    banner.get_by_text("Connection lost").wait_for(timeout=10_000)
    happen([8000, 9000], [f"down {number}" for number in range(3)])
    site.start("web")
    caught_up("90.00", 9)
    happen([10000], ["after"])
    caught_up("100.00", 10)
    guest.assert_never_reloaded()
