"""The pages by keyboard alone, and what a swap leaves to those who do not see it."""

import pytest

from auctionapp.accounts import services as accounts
from auctionapp.auctions.services import bidding
from auctionapp.chat import services as chat
from tests import factories
from tests.browser.audit import faults
from tests.browser.person import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim() || document.activeElement.tagName"


def focused(person):
    return person.page.evaluate(FOCUSED)


def tab_to(person, wanted):
    """Tab on until an element has the focus, as far as a patient person would."""
    for _ in range(60):
        person.page.keyboard.press("Tab")
        if wanted in focused(person):
            return
    raise AssertionError(f"Tab does not lead to {wanted!r}")


def test_sign_in_and_bid_by_keyboard_alone(app, start_site, open_window):
    lot = factories.auction()
    ada = accounts.create_user("ada@example.org", PASSWORD, "Ada")
    factories.give_money(ada, 10_000)
    person = open_window(start_site())
    keyboard = person.page.keyboard

    person.go(f"/account/login?next=/auctions/{lot.id}")
    keyboard.press("Tab")
    assert focused(person) == "Skip to the content"
    keyboard.press("Enter")
    tab_to(person, "email")
    keyboard.type("ada@example.org")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    person.page.wait_for_url(f"**/auctions/{lot.id}")

    person.wait_until_live()
    tab_to(person, "bid-amount")
    keyboard.type("9")
    keyboard.press("Enter")
    person.see("At least 10.00 EUR.")  # refused: the field has the focus and what was typed
    assert (focused(person), person.page.input_value("#bid-amount")) == ("bid-amount", "9")
    assert faults(person.page) == []
    keyboard.press("Control+A")
    keyboard.type("10")
    keyboard.press("Enter")
    person.page.get_by_role("heading", name="Confirm your bid").wait_for()
    assert focused(person) == "confirm-title"
    assert faults(person.page) == []
    tab_to(person, "Bid 10.00")
    keyboard.press("Enter")
    person.see("You are leading at 10.00")
    assert focused(person) not in ("BODY", "")
    assert person.state() == "You are leading"
    assert faults(person.page) == []


def test_no_swap_takes_the_focus_or_what_is_typed(app, start_site, open_window):
    lot, rival = factories.auction().id, factories.bidder(100_000)
    ada = accounts.create_user("ada@example.org", PASSWORD, "Ada")
    factories.give_money(ada, 10_000)
    person = open_window(start_site())
    person.sign_in("ada@example.org")
    person.go(f"/auctions/{lot}")
    person.wait_until_live()
    page = person.page

    page.focus("#bid-amount")
    page.keyboard.type("12.5")
    for cents in (1000, 1200, 1400):
        bidding.place_bid(lot, bidding.Offer(rival, "manual", cents))
        page.locator("#state-price").get_by_text(f"{cents // 100}.00").wait_for()
    chat.post(lot, rival, "Good evening")
    person.see("Good evening")
    page.keyboard.type("0")
    assert (focused(person), page.input_value("#bid-amount")) == ("bid-amount", "12.50")
    assert page.get_attribute("#bid-amount", "placeholder") == "14.50"

    page.focus("#chat-text")
    page.keyboard.type("Is the ")
    bidding.place_bid(lot, bidding.Offer(rival, "manual", 1600))
    chat.post(lot, rival, "Anybody?")
    person.see("Anybody?")
    page.locator("#state-price").get_by_text("16.00").wait_for()
    page.keyboard.type("case included?")
    assert (focused(person), page.input_value("#chat-text")) == ("chat-text", "Is the case included?")

    page.locator("#bid-quick a").first.focus()
    bidding.place_bid(lot, bidding.Offer(rival, "manual", 1800))
    page.locator("#state-price").get_by_text("18.00").wait_for()
    assert focused(person) == "bid-quick-1"
    assert faults(page) == []
    person.assert_never_reloaded()
