"""The seller's desk in real windows: the price moves while it is looked at; a second chance from offer to hand-over,
with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.extensions import db
from tests import factories
from tests.auctions.test_second_chance import unsold_lot
from tests.browser.audit import faults
from tests.browser.conftest import open_window

__all__ = ["open_window"]
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True}


@pytest.fixture
def unsold(app):
    """A lot that ended below its reserve before the house was opened: lot, seller, highest bidder."""
    return unsold_lot()


@pytest.fixture
def window(app, start_site, open_window):
    """Open a window of a person who is signed in."""
    site = start_site()

    def open_for(person_id, **settings):
        opened = open_window(site, **settings)
        client = app.test_client()
        factories.sign_in(client, db.session.get(User, person_id))
        opened.page.context.add_cookies([{"name": "gavel", "value": client.get_cookie("gavel").value, "url": site.url}])
        return opened

    return open_for


def test_the_price_of_an_own_lot_moves_while_its_seller_looks(window):
    lot = factories.auction(title="Mantel clock")
    seller = window(lot.seller_id)
    seller.go("/dashboard/auctions?status=live")
    seller.wait_until_live()
    factories.bid(lot.id, factories.bidder(100_000), 4200, "manual")
    expect(seller.page.locator(f"[data-price-of='{lot.id}']")).to_contain_text("42.00")
    expect(seller.page.locator(f"[data-price-of='{lot.id}']")).to_contain_text("1 bid")
    assert faults(seller.page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_second_chance_goes_from_the_offer_to_the_hand_over(unsold, window, javascript):
    lot, seller_id, bidder_id = unsold
    seller, bidder = (window(one, javascript=javascript, **size)
                      for one, size in ((seller_id, {}), (bidder_id, PHONE)))
    seller.go("/dashboard/auctions?status=unsold")
    seller.page.get_by_role("link", name="Second chance").click()
    seller.page.get_by_label("An amount of your choice").check()
    seller.page.get_by_label("Amount", exact=False).last.fill("50")
    seller.press("Make the offer")
    seller.see("The offer is made")
    assert faults(seller.page) == []
    bidder.go(f"/auctions/{lot}")
    bidder.page.get_by_role("link", name="Accept or decline").click()
    bidder.see("Accepting is binding")
    assert faults(bidder.page) == []
    bidder.press("Buy it for 50.00")
    bidder.see("is yours for 50.00")
    bidder.page.get_by_role("link", name="Arrange the hand-over").first.click()
    bidder.page.wait_for_url(f"**/auctions/{lot}/handover")
    db.session.rollback()
    assert db.session.get(Auction, lot).state == "sold"
    factories.assert_ledger_clean()
