"""A post from writing to somebody else's comment, in two real windows, on a desk and a phone; and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.audit import faults
from tests.browser.conftest import open_window
from tests.browser.person import picture

__all__ = ["open_window"]
pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True}


@pytest.fixture
def window(app, start_site, open_window):
    """Open a window of a person who is signed in, or of a guest."""
    site = start_site()

    def open_for(person=None, **settings):
        opened = open_window(site, **settings)
        if person is not None:
            client = app.test_client()
            factories.sign_in(client, person)
            opened.page.context.add_cookies([{"name": "gavel", "value": client.get_cookie("gavel").value, "url": site.url}])
        return opened

    return open_for


def write_post(person, lot_id):
    """From the feed to the published post; returns its path."""
    page = person.page
    person.go("/feed")
    page.locator(".page-head").get_by_role("link", name="Write a post").click()
    page.get_by_label("Title").fill("A clock that runs again")
    page.get_by_label("Text", exact=True).fill(f"It took **two** evenings, see /auctions/{lot_id}.")
    page.get_by_label("Tags").fill("Clocks, Repairs")
    page.get_by_label("Pictures").set_input_files([picture("navy"), picture("teal")])
    person.press("Preview")
    expect(page.locator(".post-preview strong")).to_have_text("two")
    if not person.javascript:
        page.get_by_label("Pictures").set_input_files([picture("navy"), picture("teal")])
    person.press("Publish")
    person.see("Your post is published.")
    assert page.locator(".post-pictures img").count() == 2
    return re.sub(r"^.*?(/posts/\d+).*$", r"\1", page.url)


@pytest.mark.parametrize("settings", [{}, PHONE], ids=["desk", "phone"])
def test_from_writing_a_post_to_the_comment_of_somebody_else_live(window, settings):
    ada, bruno = factories.user(display_name="Ada Moreau"), factories.user(display_name="Bruno Keller")
    blocker = factories.user()
    factories.person_block(blocker.id, bruno.id)
    lot = factories.auction(title="Mantel clock")
    author, reader, guest, deaf = window(ada, **settings), window(bruno), window(), window(blocker)
    reader.go("/feed")
    reader.wait_until_live()
    path = write_post(author, lot.id)
    author.wait_until_live()
    expect(author.page.locator(".linked-lot")).to_contain_text("Mantel clock")
    factories.bid(lot.id, factories.bidder(100_000), 4200, "manual")
    expect(author.page.locator(f".linked-lot [data-price-of='{lot.id}']")).to_contain_text("42.00")
    assert faults(author.page) == []

    news = reader.page.locator("[data-feed-news]")
    expect(news).to_have_text("1 new post")
    expect(reader.page.locator("#announce-polite")).to_have_text("1 new post", timeout=12_000)
    news.get_by_role("link").click()
    title = reader.page.get_by_role("link", name="A clock that runs again", exact=True)
    expect(title).to_be_visible()
    expect(news).to_be_hidden()
    reader.page.get_by_role("button", name="Like, 0").click()
    expect(reader.page.get_by_role("button", name="Like, 1")).to_have_attribute("aria-pressed", "true")
    reader.assert_never_reloaded()
    expect(author.page.locator("[data-likes-of]")).to_have_text("1")

    for one in (guest, deaf):
        one.go(path)
        one.wait_until_live()
    title.click()
    reader.wait_until_live()
    reader.page.get_by_label("Your comment").fill("Well done. See https://example.org/clocks")
    reader.press("Comment")
    for one in (author, reader, guest):
        expect(one.page.locator(".comment-text")).to_have_text(["Well done. See https://example.org/clocks"])
        one.assert_never_reloaded()
    expect(reader.page.get_by_label("Your comment")).to_have_value("")
    expect(reader.page.get_by_label("Your comment")).to_be_focused()

    author.page.get_by_role("link", name="Reply to Bruno Keller").click()
    author.page.get_by_label("Your reply").fill("Thank you")
    author.press("Reply")
    author.see("Your reply is posted.")
    for one in (author, reader, guest):
        expect(one.page.locator(".comment-replies .comment-text")).to_have_text(["Thank you"])
        expect(one.page.locator("[data-comments-of]")).to_have_text("2 comments")
    expect(deaf.page.locator("[data-comments-of]")).to_have_text("2 comments")
    assert deaf.page.locator(".comment-text").count() == 0

    author.press("Comment")
    author.see("Write something first.")
    assert faults(author.page) == []
    author.page.locator(".comment-actions").first.get_by_role("link", name="Remove").click()
    author.page.locator("#dialog").get_by_role("button", name="Remove").click()
    author.see("The comment is removed.")
    for one in (reader, guest):
        expect(one.page.locator(".comment-removed")).to_have_text("This comment was removed.")
        one.assert_never_reloaded()


def test_the_same_without_javascript(window):
    ada, bruno = factories.user(display_name="Ada Moreau"), factories.user(display_name="Bruno Keller")
    lot = factories.auction(title="Mantel clock")
    author, reader = window(ada, javascript=False), window(bruno, javascript=False)
    path = write_post(author, lot.id)
    reader.go("/feed")
    reader.page.get_by_role("button", name="Like, 0").click()
    expect(reader.page.get_by_role("button", name="Like, 1")).to_be_visible()
    reader.page.get_by_role("link", name="A clock that runs again", exact=True).click()
    reader.page.get_by_label("Your comment").fill("Well done")
    reader.press("Comment")
    expect(reader.page.locator(".comment-text")).to_have_text(["Well done"])
    author.go(path)
    author.page.get_by_role("link", name="Reply to Bruno Keller").click()
    author.page.get_by_label("Your reply").fill("Thank you")
    author.press("Reply")
    expect(author.page.locator(".comment-replies .comment-text")).to_have_text(["Thank you"])
    author.page.locator(".comment-actions").first.get_by_role("link", name="Remove").click()
    author.press("Remove")
    expect(author.page.locator(".comment-removed")).to_be_visible()
    author.page.get_by_role("link", name="Edit").click()
    author.page.get_by_label("Title").fill("A clock that runs still")
    author.press("Save")
    author.see("A clock that runs still")
    author.page.get_by_role("link", name="Delete").click()
    author.press("Delete")
    author.see("You have not written yet")


def test_older_posts_come_by_scrolling_and_by_a_link_and_new_ones_are_announced_together(window):
    ada = factories.user()
    for number in range(27):
        factories.post(ada.id, f"Post {number}", "words " * 60)
    scrolling, clicking = window(), window(javascript=False)
    scrolling.go("/feed")
    cards = scrolling.page.locator(".post-card")
    expect(cards).to_have_count(10)
    for _ in range(12):
        scrolling.page.keyboard.press("End")
        scrolling.page.wait_for_timeout(200)
    expect(cards).to_have_count(27)
    scrolling.see("You have seen everything.")
    titles = scrolling.page.locator(".post-title").all_inner_texts()
    assert titles == [f"Post {number}" for number in reversed(range(27))]
    scrolling.wait_until_live()
    for number in range(3):
        factories.post(ada.id, f"New {number}")
    news = scrolling.page.locator("[data-feed-news]")
    expect(news).to_have_text("3 new posts")
    news.get_by_role("link").click()
    expect(scrolling.page.locator(".post-title").first).to_have_text("New 2")
    expect(news).to_be_hidden()
    clicking.go("/feed")
    for _ in range(2):
        clicking.page.get_by_role("link", name="Older posts").click()
    expect(clicking.page.locator(".post-card")).to_have_count(10)
