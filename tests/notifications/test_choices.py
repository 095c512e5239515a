"""What one wants to be told, and where; the link in every mail that ends it (RFC 8058)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app

from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications import live
from auctionapp.notifications.kinds import FAMILIES, KINDS
from auctionapp.notifications.services import mailing, preferences
from auctionapp.notifications.services.preferences import Where
from auctionapp.notifications.words import Notice
from tests import factories
from tests.notifications.telling import listed, told
from tests.outbox import mails

EVERYWHERE = {name: Where(True, True) for name in KINDS}


@pytest.fixture
def person(app):
    return factories.user()


def client_of(app, person):
    client = app.test_client()
    factories.sign_in(client, person)
    return client


def test_money_and_results_come_by_mail_unless_one_says_otherwise_and_likes_do_not(app, person):
    by_mail = {kind.name for kind in KINDS.values() if kind.by_mail}
    assert {"won", "lost", "sold", "unsold", "payment", "outbid", "message"} <= by_mail
    assert not by_mail & {"like", "friend_accepted"}
    assert {kind.family for kind in KINDS.values()} == set(FAMILIES)


def test_the_boxes_show_what_stands_and_are_kept(app, person):
    client = client_of(app, person)
    page = client.get("/dashboard/notices").text
    assert re.search(r'name="mail" value="won" checked', page)
    assert not re.search(r'name="mail" value="like" checked', page)
    assert 'value="report"' not in page
    for _twice in range(2):
        answer = client.post("/dashboard/notices", data={"site": ["won", "like"], "mail": ["like", "nonsense", "report"]})
        assert (answer.status_code, answer.location) == (303, "/dashboard/notices")
    page = client.get("/dashboard/notices").text
    assert set(re.findall(r'name="(site|mail)" value="(\w+)" checked', page)) == {
        ("site", "won"), ("site", "like"), ("mail", "like")}
    chosen = preferences.choices(db.session(), [person.id])
    assert chosen.of(person.id, "won") == Where(True, False)
    assert chosen.of(person.id, "outbid") == Where(False, False)
    assert chosen.of(person.id, "report") == Where(True, True)


def test_administrators_choose_about_reports_too(app):
    assert 'value="report"' in client_of(app, factories.user(role="admin")).get("/dashboard/notices").text


def test_each_place_is_told_what_it_shall_be_told(app, person):
    for name, where, in_site, by_mail in [("a", Where(True, True), 1, 1), ("b", Where(True, False), 1, 0),
                                          ("c", Where(False, True), 0, 1), ("d", Where(False, False), 0, 0)]:
        reader = factories.user()
        preferences.choose(reader.id, {"payment": where})
        told(Notice(reader.id, "payment", f"payment:{name}", "Your deposit was completed.", "/dashboard/wallet"))
        assert len(listed(reader.id)) == in_site, name
        assert len(mails(app, reader.email)) == by_mail, name
        assert f'"#bar-notices" hx-swap="innerHTML">{in_site or ""}</hx-partial>' in live.render_state(reader.id)
        assert told(Notice(reader.id, "payment", f"payment:{name}", "Again", "/")) == set()


def test_what_is_wanted_by_mail_alone_waits_as_long_as_what_is_listed(app, person):
    preferences.choose(person.id, {"comment": Where(False, True)})
    told(Notice(person.id, "comment", "comment:1", "Ada commented on “Clocks”.", "/posts/1"))
    assert mail_unread(app, 9) == 0
    assert mail_unread(app, 11) == 1
    assert mail_unread(app, 200) == 0
    assert listed(person.id) == []


def mail_unread(app, minutes_later):
    return mailing.mail_unread(Site.of(app.config), SetClock(datetime.now(UTC) + timedelta(minutes=minutes_later)))


def test_mails_of_one_kind_go_together_and_once_an_hour(app, person):
    def comment(number):
        told(Notice(person.id, "comment", f"comment:{number}", f"Ada commented, {number}.", f"/posts/{number}"))

    comment(1)
    comment(2)
    told(Notice(person.id, "friend_request", "friend_request:1:2", "Bo wants to be your friend.", "/friends"))
    assert mail_unread(app, 11) == 3
    subjects = sorted(re.findall(r"Subject: (.*)", "".join(mails(app, person.email))))
    assert subjects == ["2 comments on what you wrote", "Bo wants to be your friend."]
    [both] = [text for text in mails(app, person.email) if "2 comments" in text]
    assert "Ada commented, 1." in both and "/posts/2" in both
    comment(3)
    assert mail_unread(app, 40) == 0
    assert mail_unread(app, 72) == 1


def test_who_no_longer_wants_a_mail_gets_none_that_was_waiting(app, person):
    told(Notice(person.id, "comment", "comment:1", "Ada commented.", "/posts/1"))
    preferences.choose(person.id, {"comment": Where(True, False)})
    assert mail_unread(app, 11) == 0
    assert mails(app, person.email) == []


def test_what_was_rewritten_is_unread_again_but_keeps_the_pause_of_its_mail(app, person):
    def like(number):
        return told(Notice(person.id, "like", "like:1", f"{number} people like “Clocks”.", "/posts/1"), again=True)

    preferences.choose(person.id, EVERYWHERE)
    like(1)
    assert mail_unread(app, 11) == 1
    like(2)
    [only] = listed(person.id)
    assert (only.text, only.unread) == ("2 people like “Clocks”.", True)
    assert mail_unread(app, 22) == 0
    assert mail_unread(app, 72) == 1


# -- the link that ends a mail ---------------------------------------------------------------------------------------


@pytest.fixture
def link(app, person):
    """The path of the link in a mail that this person got, from its header."""
    told(Notice(person.id, "payment", "payment:1", "Your deposit was completed.", "/dashboard/wallet"))
    [text] = mails(app, person.email)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in text
    address = re.search(r"^List-Unsubscribe: <(.+)>$", text, re.M)[1]
    assert f"No more mails of this kind: {address}\n" in text
    return address.removeprefix(current_app.config["PUBLIC_URL"])


def wants(person) -> Where:
    db.session.rollback()
    return preferences.choices(db.session(), [person.id]).of(person.id, "payment")


def test_looking_at_the_link_ends_nothing_and_its_button_does_without_signing_in(app, client, person, link):
    page = client.get(link)
    assert page.status_code == 200 and "A deposit or withdrawal was completed" in page.text
    assert person.email not in page.text and "Set-Cookie" not in page.headers
    assert wants(person) == Where(True, True)
    answer = client.post(link)
    assert (answer.status_code, answer.location) == (303, link)
    assert wants(person) == Where(True, False)
    assert "You get no more of these mails" in client.get(link).text
    client.post(link, data={"again": "1"})
    assert wants(person) == Where(True, True)


def test_a_mail_programs_own_button_needs_no_token_and_is_not_redirected(make_app, person, link):
    guarded = make_app(WTF_CSRF_ENABLED=True).test_client()
    for _twice in range(2):
        assert guarded.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert wants(person) == Where(True, False)


def test_ending_one_kind_ends_no_other_and_keeps_what_the_site_shows(app, client, person, link):
    preferences.choose(person.id, {"payment": Where(False, True), "won": Where(True, True)})
    client.post(link)
    assert wants(person) == Where(False, False)
    assert preferences.choices(db.session(), [person.id]).of(person.id, "won") == Where(True, True)


@pytest.mark.parametrize("forged", ["x", "WzEsImxpa2UiXQ.x", "%00", "a.b.c"])
def test_a_link_that_was_not_signed_here_is_404(app, client, link, forged):
    for path in (f"/unsubscribe/{forged}", link[:-1], link.replace("/unsubscribe/", "/unsubscribe/W")):
        assert client.get(path).status_code == client.post(path).status_code == 404


def test_a_code_by_mail_cannot_be_ended(app, client):
    client.post("/account/register", data={"email": "anna@example.org", "display_name": "Anna", "terms": "y",
                                           "password": "seven blue herons", "password_again": "seven blue herons"})
    text = mails(app, "anna@example.org")[-1]
    assert "nsubscribe" not in text
