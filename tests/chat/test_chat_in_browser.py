"""The chat in two real windows: live, once, and nothing missed after a lost connection."""

import time

import pytest

from auctionapp.chat import services
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.fixture
def window(app, start_site, chromium):
    """Open a window of a person, or of a guest: window("/auctions/1", person)."""
    site = start_site(WEB_CONCURRENCY="2")
    contexts = []

    def open_window(path, person=None):
        context = chromium.new_context(base_url=site.url)
        contexts.append(context)
        if person is not None:
            client = app.test_client()
            factories.sign_in(client, person)
            context.add_cookies([{"name": "gavel", "value": client.get_cookie("gavel").value, "url": site.url}])
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(path)
        wait_until_live(page)
        return page

    yield open_window
    for context in contexts:
        context.close()


def wait_until_live(page):
    deadline = time.monotonic() + 10
    while not page.evaluate("document.getElementById('stream')._htmx?.sse?.lastEventId"):
        assert time.monotonic() < deadline, "the stream did not open"
        page.wait_for_timeout(20)


def texts(page):
    return page.locator("#chat-lines .chat-text").all_inner_texts()


def write(page, text):
    page.fill("#chat-text", text)
    page.press("#chat-text", "Enter")


def test_two_people_and_a_guest_see_each_line_once_and_in_order(app, window):
    seller = factories.seller(display_name="Old Harbour")
    lot = factories.auction(seller_id=seller.id)
    bidder = factories.user(display_name="Marta")
    path = f"/auctions/{lot.id}"
    pages = [window(path, bidder), window(path, seller), window(path)]

    write(pages[0], "Does the case belong to it?")
    pages[1].get_by_text("Does the case belong to it?").wait_for(timeout=2000)
    write(pages[1], "Yes.")
    for page in pages:
        page.get_by_text("Yes.", exact=True).wait_for(timeout=2000)
        assert texts(page) == ["Does the case belong to it?", "Yes."]
        assert page.locator("#chat-lines .chat-day").count() == 1
        assert page.locator("#chat-lines .chat-seller").all_inner_texts() == ["Seller"]
        assert not page.locator(".chat-empty").is_visible()
    assert [page.locator("#chat-lines .is-own").count() for page in pages] == [1, 1, 0]
    assert pages[0].input_value("#chat-text") == ""

    write(pages[0], "Thank you")  # the next message has a key of its own
    pages[2].get_by_text("Thank you").wait_for(timeout=2000)
    pages[0].fill("#chat-text", "x" * 4096)
    pages[0].evaluate("document.getElementById('chat-text').removeAttribute('maxlength')")
    write(pages[0], "y" * 4097)
    pages[0].get_by_text("at most 4,096").wait_for(timeout=2000)
    assert pages[0].input_value("#chat-text") == "y" * 4097
    assert [page.errors for page in pages] == [[], [], []]


def test_what_was_said_while_the_connection_was_lost_is_there_afterwards(app, window):
    lot, author = factories.auction().id, factories.user().id
    page = window(f"/auctions/{lot}")
    services.post(lot, author, "before")
    page.get_by_text("before", exact=True).wait_for(timeout=2000)
    page.context.set_offline(True)
    page.locator("#connection-banner").wait_for(state="visible", timeout=5000)
    for number in range(15):
        services.post(lot, author, f"meanwhile {number}")
    page.context.set_offline(False)
    page.get_by_text("meanwhile 14").wait_for(timeout=10000)
    assert texts(page) == ["before"] + [f"meanwhile {number}" for number in range(15)]
    page.locator("#connection-banner").wait_for(state="hidden", timeout=5000)


def test_older_lines_come_by_ten_when_scrolling_up(app, window):
    lot, author = factories.auction().id, factories.user().id
    for number in range(25):
        services.post(lot, author, f"Number {number}\nof many")
    page = window(f"/auctions/{lot}")
    assert len(texts(page)) == 10
    assert page.locator("#chat-lines").evaluate("list => list.scrollTop > 0")
    page.locator("#chat-lines").evaluate("list => list.scrollTo(0, 0)")
    page.get_by_text("Number 5\nof many").wait_for(state="attached", timeout=3000)
    # Not as a pointer would: on its way there it would scroll, and so fetch them before the click.
    page.locator("[data-chat-older]").first.evaluate("link => link.click()")
    page.get_by_text("Number 0\nof many").wait_for(state="attached", timeout=3000)
    assert [text.split("\n")[0] for text in texts(page)] == [f"Number {number}" for number in range(25)]
    assert page.locator("#chat-lines .chat-day").count() == 1
    assert page.locator("[data-chat-older]").count() == 0
