"""Every page of the demo house as a guest, a bidder and a seller: no dead link, no complaint, no fault for readers."""

import re
from collections import Counter, deque
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from auctionapp.demo import PASSWORD, address
from devtools.demo_pages import ADMINISTRATOR, BIDDER, GUEST, SELLER
from tests.browser.audit import faults

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

ONLY_FOR_SOME = r'<a class="for-(?:owner|others)".*?</a>'
"""Links below comments, which are rendered once for all readers; styles show them to whom they are for."""
MOST_OF_A_KIND = 3
"""Links to lots, people, posts and their pages of each kind that are followed."""
PHONE = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark", "has_touch": True}


def test_every_page_is_whole_for_guest_bidder_seller_and_administrator(start_site, open_window):
    site = start_site("worker", "scheduler")
    assert site.flask("demo").returncode == 0
    assert site.flask("users", "create", "--role", "admin", "--name", "Olena Koval", "--email", address("olena"),
                      "--password", PASSWORD).returncode == 0
    files = set()
    for who, paths, settings in (("", GUEST, {}), ("ada", BIDDER, PHONE), ("mira", SELLER, {}),
                                 ("olena", ADMINISTRATOR, {})):
        person = open_window(site, **settings)
        if who:
            person.sign_in(address(who), PASSWORD)
        found = []
        for path in paths:
            person.go(path)
            found += faults(person.page)
        assert found == []
        assert dead_links(person.page.context.request, site.url, files) == []
        missing = person.page.goto("/no-such-page")
        assert missing.status == 404
        assert faults(person.page) == []


def test_forms_that_were_refused_are_whole(start_site, open_window):
    site = start_site()
    assert site.flask("demo").returncode == 0
    guest, seller, bidder = (open_window(site) for _ in range(3))
    guest.go("/account/register")
    guest.press("Register")
    guest.see("Write your address.")
    assert faults(guest.page) == []
    seller.sign_in(address("mira"), PASSWORD)
    seller.go("/auctions/new")
    seller.press("Save the draft")
    for words in ("Give the lot a name.", "Choose a category.", "Name a starting price."):
        seller.see(words)
    assert faults(seller.page) == []
    bidder.sign_in(address("ada"), PASSWORD)
    bidder.go("/auctions/6")
    bidder.type_bid("500", "Up to a maximum")
    bidder.press("Place bid")
    bidder.see("more than three times")
    assert faults(bidder.page) == []
    bidder.page.get_by_role("link", name="Change it").click()
    bidder.page.fill("#bid-amount", "99999")
    bidder.press("Place bid")
    bidder.see("available: ")
    assert faults(bidder.page) == []
    bidder.go("/dashboard/wallet")
    bidder.page.get_by_role("link", name="Add money").click()
    bidder.page.locator("#dialog").get_by_label("Amount to add").wait_for()
    assert faults(bidder.page) == []


def test_a_lots_address_is_copied_or_at_least_selected(start_site, open_window):
    site = start_site()
    assert site.flask("demo").returncode == 0
    guest = open_window(site)
    guest.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    guest.go("/auctions/1")
    guest.page.get_by_text("Share", exact=True).click()
    guest.press("Copy the address")
    guest.see("Copied.")
    assert guest.page.evaluate("navigator.clipboard.readText()") == f"{site.url}/auctions/1"
    assert faults(guest.page) == []
    guest.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not here')); }")
    guest.press("Copy the address")
    guest.see("It is selected")
    assert guest.page.evaluate("getSelection().toString()") == f"{site.url}/auctions/1"
    plain = open_window(site, javascript=False)
    plain.go("/auctions/1")
    plain.page.get_by_text("Share", exact=True).click()
    assert plain.page.get_by_label("Address of this lot").input_value() == f"{site.url}/auctions/1"
    assert plain.page.get_by_role("button", name="Copy the address").count() == 0


def test_a_slow_list_shows_a_line_of_skeleton_on_its_way(start_site, open_window):
    site = start_site()
    assert site.flask("demo").returncode == 0
    guest = open_window(site)
    guest.go("/auctions")
    waiting = []
    guest.page.route("**/auctions?status=ended", lambda route: waiting.append(route))
    line = guest.page.locator("#catalogue-loading")
    assert not line.is_visible()
    guest.page.get_by_role("link", name="Ended").first.click()
    line.wait_for(state="visible")
    waiting[0].continue_()
    guest.page.wait_for_url("**/auctions?status=ended")
    line.wait_for(state="hidden")


def dead_links(http, base, files):
    """Follow the links that a person can see, a few of each kind; pictures, sheets and scripts once for all.

    Returns what is refused."""
    waiting, known, dead = deque(["/"]), {"/"}, []
    followed = Counter()
    while waiting:
        path = waiting.popleft()
        answer = http.get(base + path, max_redirects=3)
        if answer.status >= 400:
            dead.append((path, answer.status))
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        shown = re.sub(r"<p[^>]* hidden>.*?</p>|" + ONLY_FOR_SOME, "", answer.text(), flags=re.DOTALL)
        for given in re.findall(r'(?:href|src)="([^"]+)"', shown):
            target = urlsplit(urljoin(answer.url, given.replace("&amp;", "&")))
            if f"{target.scheme}://{target.netloc}" != base:
                continue
            address_of = target.path + (f"?{target.query}" if target.query else "")
            # Filters multiply: one of them at a time is followed.
            kind = re.sub(r"\d+", "1", target.path), *parse_qs(target.query)
            if address_of not in known | files and len(parse_qs(target.query)) <= 1 and followed[kind] < MOST_OF_A_KIND:
                followed[kind] += 1
                (files if address_of.startswith(("/static/", "/media/")) else known).add(address_of)
                waiting.append(address_of)
    assert len(known) > 50
    return dead
