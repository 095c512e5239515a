"""My bids while others bid: the list moves by itself, and a tap bids again; the same without script."""

import re

import pytest
from playwright.sync_api import expect

from auctionapp.demo import PASSWORD, address

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def counted(page, show):
    return int(re.sub(r"\D", "", page.locator(".desk-shows .chip", has_text=show).inner_text()))


def test_the_list_moves_by_itself_and_a_tap_bids_again(start_site, open_window):
    site = start_site()
    assert site.flask("demo").returncode == 0
    ada, bruno = (open_window(site) for _ in range(2))
    for person, name in ((ada, "ada"), (bruno, "bruno")):
        person.sign_in(address(name), PASSWORD)
    ada.go("/dashboard/bids?show=leading")
    led, lost = counted(ada.page, "Leading"), counted(ada.page, "Outbid")
    row = ada.page.locator(".own-bid", has_text="Celadon vase")
    path = row.locator(".own-bid-name").get_attribute("href")
    ada.page.wait_for_timeout(1000)  # until the stream is open

    bruno.go(path)
    bruno.bid("200", "This amount now")
    expect(row).to_have_count(0)
    assert (counted(ada.page, "Leading"), counted(ada.page, "Outbid")) == (led - 1, lost + 1)

    ada.page.locator(".desk-shows").get_by_role("link", name="Outbid").click()
    row = ada.page.locator(".own-bid", has_text="Celadon vase")
    expect(row).to_contain_text("200.00")
    row.get_by_role("button", name=re.compile("^Bid")).click()
    dialog = ada.page.locator("#dialog")
    dialog.get_by_role("heading", name="Confirm your bid").wait_for()
    dialog.get_by_role("button", name=re.compile("^Bid")).click()
    dialog.get_by_text("You are leading at").wait_for()
    expect(row).to_have_count(0)
    assert (counted(ada.page, "Leading"), counted(ada.page, "Outbid")) == (led, lost)


def test_without_script_a_tap_asks_on_a_page_and_leads_back(start_site, open_window):
    site = start_site()
    assert site.flask("demo").returncode == 0
    ada = open_window(site, javascript=False)
    ada.sign_in(address("ada"), PASSWORD)
    ada.go("/dashboard/bids?show=outbid")
    before = counted(ada.page, "Outbid")
    ada.page.locator(".own-bid").first.get_by_role("button", name=re.compile("^Bid")).click()
    ada.page.get_by_role("heading", name="Confirm your bid").wait_for()
    ada.press("Bid")
    ada.page.wait_for_url("**/dashboard/bids?show=outbid")
    left = counted(ada.page, "Outbid")
    assert left in (before, before - 1)
    ada.see("was beaten at once" if left == before else "You are leading")
