"""Notices in a real window: the list grows while it is looked at, and what was followed is read."""

import pytest

from auctionapp.extensions import db
from auctionapp.notifications.models import Notice
from auctionapp.notifications.words import Notice as Words
from auctionapp.people.services import friends
from auctionapp.posts import services as posts
from tests import factories
from tests.chat.test_chat_in_browser import window  # noqa: F401 (a fixture)
from tests.notifications.telling import told

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


@pytest.fixture
def ada(app):
    return factories.user(display_name="Ada Brandt")


def test_the_list_grows_while_it_is_looked_at_and_is_read_one_by_one_or_whole(app, ada, window):  # noqa: F811
    bo = factories.user(display_name="Bo Lind")
    post = factories.post(ada.id, title="Clocks")
    page = window("/notifications", ada)
    page.get_by_text("Nothing yet").wait_for()
    posts.comment(post, bo.id, "How old is it?")
    page.get_by_text("Bo Lind commented on “Clocks”.").wait_for()
    friends.request(bo.id, ada.id)
    page.get_by_text("Bo Lind would like to be your friend.").wait_for()
    assert page.locator("#bar-notices").inner_text() == "2"
    page.get_by_role("button", name="Mark as read: Bo Lind commented").click()
    page.locator(".notice-row.is-unread").nth(1).wait_for(state="detached")
    assert page.locator(".notice-row").count() == 2
    assert page.locator("#bar-notices").inner_text() == "1"
    page.get_by_role("button", name="Mark all as read").click()
    page.locator(".is-unread").wait_for(state="detached")
    assert page.locator("#bar-notices").inner_text() == ""
    assert page.errors == []


def test_following_a_notice_reads_it(app, ada, window):  # noqa: F811
    told(Words(ada.id, "reserve", "reserve:1", "The reserve is met.", "/rules"))
    page = window("/notifications", ada)
    page.get_by_text("The reserve is met.").click()
    page.wait_for_url("**/rules")
    page.locator("#bar-notices:empty").wait_for(state="attached")
    db.session.rollback()
    assert db.session.query(Notice).one().read_at is not None


def test_without_script_the_buttons_do_the_same(app, ada, start_site, open_window_without_script):
    for number in range(25):
        told(Words(ada.id, "comment", f"comment:{number}", f"Comment {number}.", "/rules"))
    page = open_window_without_script(start_site(), ada)
    page.goto("/notifications?about=posts")
    page.get_by_role("button", name="Mark as read: Comment 24.").click()
    assert page.url.endswith("/notifications?about=posts")
    assert page.locator(".is-unread").count() == 19
    page.get_by_role("link", name="Older notices").click()
    assert page.locator(".notice-row").count() == 5
    assert page.get_by_role("button", name="Mark all as read").count() == 0, "others than these would be read too"
    page.goto("/notifications")
    page.get_by_role("button", name="Mark all as read").click()
    assert page.locator(".is-unread").count() == 0
    page.goto("/dashboard/notices")
    box = page.get_by_label("You won a lot: by mail")
    box.uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Your choices are saved.").wait_for()
    assert not page.get_by_label("You won a lot: by mail").is_checked()


@pytest.fixture
def open_window_without_script(app, chromium):
    contexts = []

    def open_one(site, person, **settings):
        client = app.test_client()
        factories.sign_in(client, person)
        context = chromium.new_context(base_url=site.url, **({"java_script_enabled": False} | settings))
        context.add_cookies([{"name": "gavel", "value": client.get_cookie("gavel").value, "url": site.url}])
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
