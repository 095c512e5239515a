"""The inbox in real windows: two people chat with pictures while a third page's counter moves, on a desk and on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from auctionapp import transaction
from auctionapp.accounts import services as accounts
from auctionapp.auctions.services import bidding
from auctionapp.chat import rules
from auctionapp.chat import services as chat
from auctionapp.chat.models import Message
from tests import factories
from tests.browser.audit import faults
from tests.browser.person import PASSWORD, picture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

DESK = {}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def people(app):
    """Three people who can sign in, by name."""
    return {name: accounts.create_user(f"{name.lower()}@example.org", PASSWORD, name) for name in ("Ada", "Bo", "Cleo")}


@pytest.fixture
def sign_in(open_window):
    def sign_in(site, name, javascript=True, **settings):
        person = open_window(site, javascript, **settings)
        person.sign_in(f"{name.lower()}@example.org")
        return person

    return sign_in


def counter(person, settings):
    return person.page.locator("#bottom-inbox" if settings else "#bar-inbox")


def attach(person, colour):
    person.page.set_input_files("#chat-file", [picture(colour)])


def pictures_shown(person):
    """Of the open chat, as far as they have loaded."""
    return person.page.locator(".chat-picture img").evaluate_all("all => all.filter((one) => one.naturalWidth > 0).length")


def wait_for_pictures(person, count):
    person.wait_until(lambda: pictures_shown(person) == count)


@pytest.mark.parametrize("settings", [DESK, PHONE], ids=["desk", "phone"])
def test_two_people_chat_with_pictures_while_a_third_pages_counter_moves(app, people, start_site, sign_in, settings):
    site = start_site()
    lot = factories.auction(title="Brass telescope").id
    ada, bo, elsewhere = (sign_in(site, name, **settings) for name in ("Ada", "Bo", "Bo"))
    elsewhere.go("/")
    elsewhere.wait_until_live()
    ada.go(f"/inbox/new?to={people['Bo']}")
    ada.write("Good evening, Bo.")
    ada.page.wait_for_url("**/inbox/*")
    path = ada.page.url.removeprefix(site.url)
    ada.wait_until_live()
    counter(elsewhere, settings).get_by_text("1", exact=True).wait_for()

    bo.go("/inbox")
    bo.page.locator(".inbox-entry", has_text="Good evening, Bo.").click()
    bo.page.wait_for_url(f"**{path}")
    bo.wait_until_live()
    ada.see("Seen", exact=True)
    counter(elsewhere, settings).wait_for(state="hidden")  # read in one window is read in all

    attach(bo, "teal")
    bo.page.locator("[data-chat-attached] img").wait_for()
    bo.write(f"My cup, and a lot for you: {site.url}/auctions/{lot}")
    for person in (ada, bo):
        wait_for_pictures(person, 1)
        person.see("Brass telescope")
    assert bo.page.locator("[data-chat-attached]").is_hidden()
    bo.page.locator(".chat-line.is-own .chat-seen").wait_for()
    ada.page.locator("a[data-large]").click()
    ada.page.locator("#dialog img.large-picture").wait_for()
    ada.page.keyboard.press("Escape")

    bidding.place_bid(lot, bidding.Offer(factories.bidder(100_000), "manual", 4200))
    ada.page.locator(f"[data-price-of='{lot}']").get_by_text("42.00").wait_for()

    attach(ada, "navy")
    ada.page.get_by_role("button", name="Send").click()  # a picture alone
    wait_for_pictures(bo, 2)
    ada.write("first\nsecond")
    bo.see("second")
    line = ada.page.locator(".chat-line.is-own", has_text="second")
    line.hover()
    line.locator(".chat-menu summary").click()
    line.get_by_role("link", name="Edit").click()
    ada.page.locator("[data-chat-edit] textarea").fill("third")
    ada.page.get_by_role("button", name="Save").click()
    bo.see("third")
    assert bo.page.locator(".chat-line", has_text="third").locator(".chat-edited").count() == 1
    line = ada.page.locator(".chat-line.is-own", has_text="third")
    line.hover()
    line.locator(".chat-menu summary").click()
    line.get_by_role("link", name="Delete").click()
    ada.page.get_by_role("button", name="Delete it").click()
    bo.see("Message deleted")
    ada.see("Message deleted")
    ada.page.locator("#dialog").wait_for(state="hidden")
    assert ada.chat() == bo.chat()
    for person in (ada, bo):
        assert faults(person.page) == []
        person.assert_never_reloaded()
    elsewhere.assert_never_reloaded()


@pytest.mark.parametrize("settings", [DESK, PHONE], ids=["desk", "phone"])
def test_offline_for_a_while_nothing_is_missed_and_nothing_typed_is_lost(app, people, start_site, sign_in, settings):
    site = start_site()
    talk = chat.open_direct(people["Ada"], people["Bo"]).conversation_id
    chat.post_in(talk, people["Ada"], "before")
    bo = sign_in(site, "Bo", **settings)
    bo.go(f"/inbox/{talk}")
    bo.wait_until_live()
    bo.page.context.set_offline(True)
    banner = bo.page.locator("#connection-banner")
    banner.get_by_text("Messages come when it is back").wait_for(timeout=10_000)
    said = ["before"]
    for number in range(12):
        said.append(f"meanwhile {number}")
        chat.post_in(talk, people["Ada"], said[-1])
    bo.write("Are you there?")
    bo.see("This was not sent. It stays here")
    assert bo.page.input_value("#chat-text") == "Are you there?"
    bo.page.context.set_offline(False)
    bo.page.locator("[data-chat-lines]").get_by_text("meanwhile 11").wait_for(timeout=20_000)
    banner.wait_for(state="hidden")
    bo.page.get_by_role("button", name="Send").click()
    bo.page.locator(".chat-line.is-own", has_text="Are you there?").wait_for()
    assert bo.chat() == [*said, "Are you there?"]
    bo.page.locator("[data-chat-lines]").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    counter(bo, settings).wait_for(state="hidden")
    bo.assert_never_reloaded()
    bo.page.fill("#chat-text", "kept over a reload")
    bo.page.reload()
    assert bo.page.input_value("#chat-text") == "kept over a reload"


def test_enter_sends_where_there_is_a_keyboard_and_breaks_the_line_on_touch(app, people, start_site, sign_in):
    site = start_site()
    talk = chat.open_direct(people["Ada"], people["Bo"]).conversation_id
    desk, phone = sign_in(site, "Ada"), sign_in(site, "Bo", **PHONE)
    for person in (desk, phone):
        person.go(f"/inbox/{talk}")
        person.wait_until_live()
        person.page.focus("#chat-text")
    keyboard = desk.page.keyboard
    keyboard.type("one")
    keyboard.press("Shift+Enter")
    keyboard.type("two")
    keyboard.press("Enter")
    phone.page.locator(".chat-text", has_text="two").wait_for()
    assert desk.chat() == ["one\ntwo"]
    desk.wait_until(lambda: desk.page.input_value("#chat-text") == "")
    assert desk.page.evaluate("document.activeElement.id") == "chat-text"
    phone.page.keyboard.type("three")
    phone.page.keyboard.press("Enter")
    phone.page.keyboard.type("four")
    assert phone.page.input_value("#chat-text") == "three\nfour" and phone.chat() == ["one\ntwo"]
    desk.page.dispatch_event("#chat-text", "keydown", {"key": "Enter", "isComposing": True})
    assert desk.chat() == ["one\ntwo"]


def test_the_field_grows_with_the_text_to_five_lines_and_what_is_read_stays_in_sight(app, people, start_site, sign_in):
    site = start_site()
    talk = chat.open_direct(people["Ada"], people["Bo"]).conversation_id
    for number in range(12):
        chat.post_in(talk, people["Bo"], f"Number {number}")
    ada = sign_in(site, "Ada")
    ada.go(f"/inbox/{talk}")
    ada.wait_until_live()
    field = ada.page.locator("#chat-text")

    def height():
        return field.evaluate("field => field.getBoundingClientRect().height")

    field.focus()
    heights = [height()]
    for number in range(7):
        ada.page.keyboard.type(f"line {number}")
        ada.page.keyboard.press("Shift+Enter")
        heights.append(height())
    assert heights[0] < heights[2] < heights[4] and heights[6] == heights[7] and heights[7] < 6 * heights[0]
    newest = ada.page.locator(".chat-line", has_text="Number 11")
    ada.wait_until(lambda: newest.evaluate(
        "one => one.getBoundingClientRect().bottom <= one.parentElement.getBoundingClientRect().bottom + 1"))
    ada.page.get_by_role("button", name="Send").click()
    ada.wait_until(lambda: height() == heights[0])
    assert ada.page.evaluate("document.activeElement.id") == "chat-text"


def test_a_quarter_of_an_hour_later_an_open_page_offers_no_more_to_change_a_message(app, people, start_site, sign_in):
    site = start_site()
    talk = chat.open_direct(people["Ada"], people["Bo"]).conversation_id
    ada = sign_in(site, "Ada")
    ada.go(f"/inbox/{talk}")
    ada.write("Said at noon")
    line = ada.page.locator(".chat-line.is-own", has_text="Said at noon")
    line.hover()
    line.locator(".chat-menu summary").click()
    line.get_by_role("link", name="Edit").wait_for()
    ada.page.keyboard.press("Escape")
    for number, (minutes, hidden) in enumerate(((14.5, [False, False]), (15.5, [True, True]))):
        # The page's clock is moved, its timers are not; a further line has it look at its lines again.
        ada.page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=minutes))
        chat.post_in(talk, people["Bo"], f"Answer {number}")
        ada.see(f"Answer {number}")
        ada.wait_until(lambda hidden=hidden: line.locator(".for-author").evaluate_all(
            "all => all.map((one) => one.hidden)") == hidden)
    line.hover()
    assert not line.locator(".chat-menu summary").is_visible()
    with app.app_context():  # and the house agrees, by its own clock
        back = rules.CHANGEABLE + timedelta(seconds=30)
        transaction.write(lambda session: session.execute(
            update(Message).values(created_at=datetime.now(UTC) - back)) and None)
    path = line.locator(".for-author").first.get_attribute("href")
    ada.go(path)
    ada.page.get_by_label("Message", exact=True).fill("Said otherwise")
    ada.press("Save")
    ada.see("can be changed for 15 minutes")
    assert ada.page.get_by_label("Message", exact=True).input_value() == "Said otherwise"


def test_the_list_moves_by_itself_and_what_is_found_stands_in_its_place(app, people, start_site, sign_in):
    site = start_site()
    first = chat.open_direct(people["Ada"], people["Bo"]).conversation_id
    second = chat.open_direct(people["Ada"], people["Cleo"]).conversation_id
    for number in range(30):
        chat.post_in(first, people["Bo"], f"Number {number}")
    chat.post_in(second, people["Cleo"], "Later")
    ada = sign_in(site, "Ada")
    ada.go("/inbox")
    ada.wait_until_live()
    titles = ada.page.locator("#inbox-list .inbox-title")
    assert titles.all_inner_texts() == ["Lobby", "Cleo", "Bo"]
    chat.post_in(first, people["Bo"], "Back on top")
    ada.wait_until(lambda: titles.all_inner_texts() == ["Lobby", "Bo", "Cleo"])
    assert "31" in ada.page.locator("#inbox-list li", has_text="Back on top").inner_text()
    ada.page.get_by_role("searchbox", name="Search your chats").fill("number 7")
    ada.page.keyboard.press("Enter")
    ada.page.locator(".hit", has_text="Number 7").click()
    ada.page.locator(".chat-line:target", has_text="Number 7").wait_for()
    assert ada.page.locator("[data-chat-lines]").get_by_text("Number 30").count() == 0
    ada.page.get_by_role("link", name="Go to the newest").click()
    ada.see("Back on top")
    ada.page.locator("[data-chat-lines]").evaluate("list => list.scrollTo(0, 0)")
    ada.page.locator("[data-chat-lines]").get_by_text("Number 15", exact=True).wait_for(state="attached")
    assert faults(ada.page) == []


@pytest.mark.parametrize("settings", [DESK, PHONE], ids=["desk", "phone"])
def test_the_same_without_javascript(app, people, start_site, sign_in, settings):
    site = start_site()
    ada, bo = (sign_in(site, name, javascript=False, **settings) for name in ("Ada", "Bo"))
    ada.go(f"/inbox/new?to={people['Bo']}")
    ada.write("Good evening, Bo.")
    ada.see("Good evening, Bo.")
    bo.go("/")
    assert counter(bo, settings).inner_text() == "1"
    bo.go("/inbox")
    bo.page.locator(".inbox-entry", has_text="Ada").click()
    bo.press("Mark 1 as read")
    assert counter(bo, settings).inner_text() == ""
    attach(bo, "teal")
    bo.write("My cup")
    bo.see("My cup")
    ada.page.reload()
    ada.see("My cup")
    ada.see("Seen", exact=True)
    assert pictures_shown(ada) == 1
    bo.page.locator(".chat-line.is-own .chat-menu summary").click()
    bo.page.get_by_role("link", name="Edit").click()
    bo.page.get_by_label("Message", exact=True).fill("My jug")
    bo.press("Save")
    bo.see("My jug")
    bo.page.locator(".chat-line.is-own .chat-menu summary").click()
    bo.page.get_by_role("link", name="Delete").click()
    bo.press("Delete it")
    bo.see("Message deleted")

    ada.go("/inbox/groups/new")
    ada.page.get_by_label("Name").fill("Cups")
    ada.page.set_input_files("#group-picture", [picture("olive")])
    ada.page.get_by_role("checkbox", name="Bo").check()
    ada.press("Begin the group")
    ada.see("Ada began this group.")
    ada.page.get_by_role("link", name="2 members").click()
    ada.page.get_by_label("Name").fill("Cups and jugs")
    ada.press("Rename")
    ada.page.locator(".member", has_text="Bo").locator("summary").click()
    ada.press("Hand the group over")
    bo.go("/inbox")
    bo.page.locator(".inbox-entry", has_text="Cups and jugs").click()
    bo.see("made Bo the administrator")
    ada.page.locator(".confirm summary").click()
    ada.press("Leave Cups and jugs")
    ada.page.wait_for_url("**/inbox")
    bo.page.reload()
    bo.see("Ada left.")
    ada.page.get_by_role("searchbox", name="Search your chats").fill("evening")
    ada.page.locator(".inbox-search button").click()
    ada.page.locator(".hit").click()
    ada.see("Good evening, Bo.")
