"""From registration to settlement as people live it: every step through the pages, in windows of a real browser."""

import re
import time

import pytest

from tests.browser.person import PASSWORD, picture

pytestmark = pytest.mark.browser

NOW, MAXIMUM = "This amount now", "Up to a maximum"
SECONDS = 30  # from publishing to the end: enough for all that happens between on a busy machine
SPACE = "\N{NO-BREAK SPACE}"

# Notes each new text of the countdown and of the state with the moment at which it appeared.
NOTE_DOWN = """() => {
  window.seen = [];
  const note = () => {
    for (const part of document.querySelectorAll("#auction-state .countdown, #auction-state .bid-state:not([hidden])")) {
      const text = part.textContent.replace(/\\s+/g, " ").trim();
      if (!window.seen.some(([known]) => known === text)) window.seen.push([text, Date.now()]);
    }
  };
  new MutationObserver(note).observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true});
}"""


def hours(seconds):
    return f"{seconds / 3600:.4f}"


def make_priya(site):
    """Two register through the pages; the third is made by an operator, which is quicker."""
    person = ("--email", "priya@example.org", "--password", PASSWORD, "--name", "Priya Nair")
    assert site.flask("users", "create", *person).returncode == 0


def everywhere(people, words, selector, timeout=10_000):
    """Wait until a region says these words in every window."""
    for person in people:
        person.page.locator(selector).filter(has_text=re.compile(words)).wait_for(timeout=timeout)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_bidders_a_seller_and_a_guest_live_through_an_auction(start_site, open_window):
    site = start_site("worker", "scheduler", SANDBOX_AUTO_APPROVE="0")
    make_priya(site)
    seller, omar, priya, guest = people = [open_window(site) for _ in range(4)]

    seller.register("nora@example.org", "Nora Lind")
    omar.register("omar@example.org", "Omar Aziz")
    omar.pay_in("100.00")
    assert omar.wallet() == {"Available": "100.00EUR", "Held for your bids": "0.00EUR"}
    priya.sign_in("priya@example.org")
    priya.pay_in("40.00")

    path = seller.put_on_sale("Brass barometer", hours(SECONDS), picture("teal"))
    for person in people:
        person.go(path)
        person.wait_until_live()
    guest.wait_until(lambda: guest.page.locator("#picture").evaluate("image => image.complete && image.naturalWidth > 0"))
    assert guest.state() == "Bidding is open: no bids yet"
    assert guest.page.get_by_role("link", name="Sign in to bid").is_visible()
    guest.page.evaluate(NOTE_DOWN)

    # A manual bid is seen by everybody, and nothing that somebody else is typing is touched.
    priya.type_bid("30", MAXIMUM)
    priya.page.focus("#bid-amount")
    omar.bid("12", NOW)
    everywhere(people, r"^12\.00", "#state-price")
    everywhere(people, r"^1 bid$", "#auction-state .bid-price a")
    everywhere(people, r"Bidder 1.*12\.00", "#last-bids li")
    assert omar.state() == "You are leading"
    assert guest.state() == "Bidding is open"
    field = priya.page.locator("#bid-amount")
    assert (field.input_value(), field.get_attribute("placeholder"), field.get_attribute("min")) == ("30", "12.50", "12.50")
    assert priya.page.locator("[data-minimum-hint]").inner_text() == "At least 12.50 EUR"
    assert priya.page.evaluate("document.activeElement.id") == "bid-amount"

    # Who was outbid is told wherever on the site they are; their money is free again without a reload.
    omar.go("/dashboard/wallet")
    omar.wait_until_live()
    assert omar.wallet() == {"Available": "88.00EUR", "Held for your bids": "12.00EUR"}
    priya.press("Place bid")
    priya.confirm("30")
    everywhere([seller, priya, guest], r"^12\.50", "#state-price")
    banner = omar.page.locator("#outbid-banner")
    banner.get_by_text("You were outbid on").wait_for()
    omar.page.locator("#wallet-figures dd").first.filter(has_text="100.00").wait_for()
    omar.assert_never_reloaded()
    banner.get_by_role("link", name="Bid again").click()
    omar.wait_until_live()
    assert omar.state() == "You were outbid"

    # The maximum answers by itself, and the chat is one for all.
    omar.bid("20", MAXIMUM)
    everywhere(people, r"^20\.50", "#state-price")
    everywhere(people, r"^3 bids$", "#auction-state .bid-price a")
    everywhere(people, "Answered automatically for the earlier, higher maximum", "#last-bids li:first-child")
    assert (priya.state(), omar.state()) == ("You are leading", "You were outbid")
    priya.write("Does it still move?")
    seller.see("Does it still move?")
    seller.write("It does.\nRain tomorrow.")
    for person in people:
        person.page.get_by_text("Rain tomorrow").wait_for()
        assert person.chat() == ["Does it still move?", "It does.\nRain tomorrow."]
        assert person.page.locator("[data-chat-lines] .chat-seller").count() == 1

    # The end, by the server's clock.
    ends_at = guest.page.locator("#auction-state [data-countdown]").evaluate("part => Date.parse(part.dateTime)")
    assert ends_at > time.time() * 1000, "the machine was too slow for the length of this auction"
    everywhere([guest], "Ended: sold for", "#auction-state", timeout=SECONDS * 1000)
    seen = dict(guest.page.evaluate("window.seen"))
    assert re.match(r"^0 min \d\d s$", next(iter(text for text in seen if text.endswith(" s"))))
    confirming, sold = seen["Confirming the result …"], seen[f"Ended: sold for 20.50{SPACE}EUR".replace(SPACE, " ")]
    assert -100 < confirming - ends_at < 1500
    assert 0 <= sold - ends_at < 2500
    everywhere([priya], "You won this lot for 20.50", "#auction-state .bid-state:not([hidden])")
    everywhere([omar], "Ended: another bidder won this lot", "#auction-state .bid-state:not([hidden])")
    everywhere([seller], "Ended: sold for 20.50", "#auction-state .bid-state:not([hidden])")
    for person, others_name in ((seller, "winner"), (priya, "seller"), (omar, None), (guest, None)):
        links = person.page.locator("#bid-box a[href$='/handover']").locator("visible=true")
        assert links.all_inner_texts() == ([f"Arrange the hand-over with the {others_name}"] if others_name else [])
    for person in people:
        person.assert_never_reloaded()
        assert person.page.locator("#bid-form").count() == 0

    settled(seller, omar, priya)
    handed_over(seller, priya, path)
    assert site.flask("ledger", "check").returncode == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_same_journey_without_javascript(start_site, open_window):
    site = start_site("worker", "scheduler", SANDBOX_AUTO_APPROVE="0")
    make_priya(site)
    seller, omar, priya, guest = (open_window(site, javascript=False) for _ in range(4))
    seller.register("nora@example.org", "Nora Lind")
    omar.register("omar@example.org", "Omar Aziz")
    omar.pay_in("100.00")
    priya.sign_in("priya@example.org")
    priya.pay_in("40.00")
    path = seller.put_on_sale("Brass barometer", hours(SECONDS), picture("teal"))
    ends = time.monotonic() + SECONDS

    omar.go(path)
    omar.bid("12", NOW)
    assert (omar.state(), omar.price()) == ("You are leading", "12.00")
    priya.go(path)
    priya.bid("30", MAXIMUM)
    assert (priya.state(), priya.price()) == ("You are leading", "12.50")
    omar.go("/dashboard/wallet")
    assert "You were outbid on" in omar.page.locator("#outbid-banner").inner_text()
    assert omar.wallet() == {"Available": "100.00EUR", "Held for your bids": "0.00EUR"}
    omar.page.get_by_role("link", name="Bid again").click()
    assert omar.state() == "You were outbid"
    omar.bid("20", MAXIMUM)
    assert (omar.state(), omar.price()) == ("You were outbid", "20.50")
    priya.go(path)
    priya.write("Does it still move?")
    priya.see("Does it still move?")
    seller.go(path)
    seller.write("It does.")
    guest.go(path)
    assert guest.chat() == ["Does it still move?", "It does."]
    assert (guest.state(), guest.price()) == ("Bidding is open", "20.50")
    guest.page.get_by_role("link", name="3 bids").click()
    guest.see("Answered automatically for the earlier, higher maximum")

    assert time.monotonic() < ends, "the machine was too slow for the length of this auction"
    time.sleep(ends - time.monotonic())
    deadline = ends + 10
    guest.go(path)
    while "sold" not in guest.state():
        assert time.monotonic() < deadline, guest.state()
        time.sleep(0.2)
        guest.go(path)
    priya.go(path)
    assert priya.state() == "You won this lot for 20.50 EUR"
    omar.go(path)
    assert omar.state() == "Ended: another bidder won this lot"
    seller.go(path)
    settled(seller, omar, priya)
    handed_over(seller, priya, path)
    assert site.flask("ledger", "check").returncode == 0


def settled(seller, omar, priya):
    """The money is where it belongs: 20.50 from Priya, to Nora less 5 per cent, none of Omar's."""
    for person in (seller, omar, priya):
        person.go("/dashboard/wallet")
    assert seller.wallet() == {"Available": "19.47EUR", "Held for your bids": "0.00EUR"}
    assert omar.wallet() == {"Available": "100.00EUR", "Held for your bids": "0.00EUR"}
    assert priya.wallet() == {"Available": "19.50EUR", "Held for your bids": "0.00EUR"}
    assert [what for what, _ in seller.entries()] == ["Fee", "Sold"]
    assert sorted(priya.entries()) == [
        ("Bought", f"−20.50{SPACE}EUR"), ("Deposit", f"+40.00{SPACE}EUR"), ("Held", f"−30.00{SPACE}EUR"),
        ("Released", f"+20.50{SPACE}EUR"), ("Released", f"+9.50{SPACE}EUR")]


def handed_over(seller, priya, path):
    """Winner and seller learn each other's name and talk where nobody else reads."""
    for person in (priya, seller):
        person.go(path)
        person.page.get_by_role("link", name="Arrange the hand-over").click()
    priya.see("You bought it from Nora Lind")
    seller.see("You sold it to Priya Nair")
    if seller.javascript:
        seller.wait_until_live()
        priya.wait_until_live()
    priya.write("I can come on Saturday.")
    priya.see("I can come on Saturday.")
    if not seller.javascript:
        seller.page.reload()
    seller.see("I can come on Saturday.")
