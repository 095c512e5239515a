"""From a friend's request to a group chat with pictures, each step seen live in the other's window, on a desk and on a phone."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.browser.audit import faults
from tests.browser.person import picture
from tests.browser.test_inbox import (
    DESK,
    PHONE,
    attach,
    counter,
    people,
    sign_in,
    wait_for_pictures,
)

__all__ = ["people", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def notices(person):
    return person.page.locator("#bar-notices")


@pytest.mark.parametrize("settings", [DESK, PHONE], ids=["desk", "phone"])
def test_from_a_friends_request_to_a_group_chat(app, people, start_site, sign_in, settings):
    site = start_site()
    ada, bo = (sign_in(site, name, **settings) for name in ("Ada", "Bo"))
    bo.go("/")
    bo.wait_until_live()
    ada.go(f"/people/{people['Bo']}")
    ada.wait_until_live()

    ada.press("Add Bo as a friend")
    ada.see("Request sent")
    notices(bo).get_by_text("1", exact=True).wait_for()  # on the page that he happens to look at
    bo.assert_never_reloaded()
    bo.page.locator("header a.bar-link[href='/notifications']").click()
    bo.page.locator("[data-notice]", has_text="Ada").click()
    bo.press("Accept the request of Ada")
    bo.see("You and Ada are friends now.")
    notices(ada).get_by_text("1", exact=True).wait_for()
    ada.assert_never_reloaded()

    bo.go("/feed")
    bo.wait_until_live()
    ada.go("/inbox/groups/new")
    ada.page.get_by_label("Name").fill("Clocks of the harbour")
    ada.page.set_input_files("#group-picture", [picture("olive")])
    ada.page.get_by_role("checkbox", name="Bo").check()
    assert faults(ada.page) == []
    ada.press("Begin the group")
    ada.see("Ada began this group.")
    path = re.sub(r"^.*?(/inbox/\d+).*$", r"\1", ada.page.url)
    ada.wait_until_live()
    counter(bo, settings).get_by_text("1", exact=True).wait_for()
    bo.assert_never_reloaded()

    bo.go("/inbox")
    bo.wait_until_live()
    entry = bo.page.locator(".inbox-entry", has_text="Clocks of the harbour")
    bo.wait_until(lambda: entry.locator("img.avatar").evaluate("one => one.naturalWidth") == 96)
    entry.click()
    bo.page.wait_for_url(f"**{path}")
    bo.page.get_by_role("heading", name="Clocks of the harbour").wait_for()
    bo.wait_until(lambda: bo.page.locator(".chat-top img.avatar").evaluate("one => one.naturalWidth") == 96)
    bo.wait_until_live()

    attach(ada, "teal")
    ada.write("The one from the shed")
    for person in (ada, bo):
        wait_for_pictures(person, 1)
        person.see("The one from the shed")
    ada.see("Seen", exact=True)
    bo.write("It runs again.")
    ada.see("It runs again.")
    assert ada.chat() == bo.chat() == ["The one from the shed", "It runs again."]
    for person in (ada, bo):
        assert faults(person.page) == []
        person.assert_never_reloaded()
    ada.page.locator(".chat-line", has_text="It runs again.").get_by_role("link", name="Bo", exact=True).click()
    ada.page.wait_for_url(f"**/people/{people['Bo']}")
    ada.see("Friends")


def test_on_a_phone_own_profile_and_data_are_near_and_times_follow_the_zone_that_was_chosen(
        app, people, start_site, sign_in):
    lot = factories.auction(ends_at=datetime.now(UTC).replace(hour=12, minute=0) + timedelta(days=3))
    bo = sign_in(start_site(), "Bo", timezone_id="America/New_York", **PHONE)
    ends = bo.page.locator("time[data-local]").filter(has_text=re.compile(r"\("))
    bo.go(f"/auctions/{lot.id}")
    assert "(New York)" in ends.first.inner_text()
    bo.go("/")
    bo.page.get_by_role("navigation", name="Quick").get_by_role("link", name="Me", exact=True).click()
    bo.page.locator(".desk-menu--phone summary").click()
    bo.page.locator(".desk-menu--phone").get_by_role("link", name="Your profile").click()
    bo.page.wait_for_url(f"**/people/{people['Bo']}")
    bo.page.get_by_role("link", name="Edit your profile").click()
    bo.page.get_by_role("heading", name="Your data").wait_for()
    assert faults(bo.page) == []
    bo.page.get_by_label("Time zone").select_option("Asia/Tokyo")
    bo.press("Save")
    bo.go(f"/auctions/{lot.id}")
    assert "(Tokyo)" in ends.first.inner_text() and re.search(r"\b(21:00|9:00 PM|09:00 PM)", ends.first.inner_text())
