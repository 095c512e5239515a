"""From a request to friends, in two windows: on a desk with script, on a phone with and without."""

import pytest

from auctionapp.demo import PASSWORD, address
from tests.browser.audit import faults
from tests.browser.person import picture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

DESK = {}
PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True}


@pytest.mark.parametrize(("javascript", "settings"), [(True, DESK), (False, PHONE)], ids=["desktop", "without script on a phone"])
def test_a_request_is_accepted_and_both_are_friends(start_site, open_window, javascript, settings):
    site = start_site()
    assert site.flask("demo").returncode == 0
    asker, asked = (open_window(site, javascript=javascript, **settings) for _ in range(2))
    asker.sign_in(address("chiara"), PASSWORD)
    asked.sign_in(address("dmytro"), PASSWORD)

    asker.go("/people/6")
    asker.press("Add Dmytro Bondar as a friend")
    asker.see("Request sent")
    if javascript:
        assert asker.page.locator("#notices .notice").count() == 0, "the buttons were swapped, the page was not loaded"
    assert faults(asker.page) == []

    asked.go("/friends")
    asked.see("2 requests")  # one of them is the demo's
    asked.press("Accept the request of Chiara Fontana")
    asked.see("You and Chiara Fontana are friends now.")
    asked.go("/friends")
    asked.see("Chiara Fontana")
    assert asked.page.locator(".person-row", has_text="Chiara Fontana").get_by_role("button", name="Message").count() == 1
    assert faults(asked.page) == []

    asker.go("/friends")
    row = asker.page.locator(".person-row", has_text="Dmytro Bondar")
    row.get_by_role("link", name="Remove").click()
    asker.page.get_by_role("heading", name="Remove Dmytro Bondar from your friends?").wait_for()
    asker.page.get_by_role("button", name="Remove", exact=True).click()
    asker.see("You and Dmytro Bondar are no longer friends.")
    rows = asker.page.locator(".person-row", has_text="Dmytro Bondar")
    assert rows.get_by_role("link", name="Remove").count() == 0, "somebody met in a chat at most, no friend"


def test_a_picture_is_uploaded_chosen_and_removed(start_site, open_window):
    site = start_site()
    assert site.flask("demo").returncode == 0
    ada = open_window(site, **PHONE)
    ada.sign_in(address("ada"), PASSWORD)
    ada.go("/dashboard/profile/pictures")
    ada.page.get_by_label("Picture", exact=True).set_input_files([picture("teal")])
    ada.press("Upload and show")
    ada.see("Your new picture is shown from now on.")
    shown = ada.page.locator("header .avatar")
    ada.wait_until(lambda: shown.evaluate("one => one.tagName + one.naturalWidth") == "IMG96")
    assert faults(ada.page) == []
    ada.press("Show initials")
    ada.see("Your initials are shown from now on.")
    assert shown.evaluate("one => one.tagName") == "svg"
    ada.page.get_by_role("link", name="Remove").click()
    ada.page.get_by_role("heading", name="Remove this picture?").wait_for()
    ada.page.locator("dialog").get_by_role("button", name="Remove").click()
    ada.see("The picture is removed.")
