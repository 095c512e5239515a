"""Quotas (fault 52) as settings of the house."""

import pytest

from auctionapp import quotas
from auctionapp.auctions.services import arranging
from auctionapp.audit import AdminAction
from auctionapp.chat.services import open_direct, post_in
from auctionapp.extensions import db, limiter
from auctionapp.posts.rules import TooOften
from tests import factories
from tests.admin.desk import last_entry, send
from tests.counting import statements


def quota_form(**changed):
    return {quota.name: quota.usual for quota in quotas.QUOTAS} | {"reason": "Advertising by the hour."} | changed


def test_quotas_are_settings_that_count_for_everybody_and_are_logged(client, admin, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    quotas.forget_kept()
    assert "Posts in an hour" in client.get("/admin/house/").text
    writer = factories.user().id
    factories.post(writer)
    send(client, "/admin/house/quotas", **quota_form(posts_3600=2, posts_86400=3))
    entry = last_entry()
    assert (entry.action, entry.reason) == ("set_quotas", "Advertising by the hour.")
    assert (entry.before, entry.after) == ({"posts_3600": 10, "posts_86400": 30}, {"posts_3600": 2, "posts_86400": 3})
    factories.post(writer)
    with pytest.raises(TooOften) as refusal:
        factories.post(writer)
    assert refusal.value.retry_after_seconds == 3600
    assert "(usually 10)" in client.get("/admin/house/").text
    send(client, "/admin/house/quotas", **quota_form(posts_3600=3, posts_86400=3))
    assert last_entry().before == {"posts_3600": 2}
    factories.post(writer)
    with pytest.raises(TooOften):
        factories.post(writer)
    entries = db.session.query(AdminAction).count()
    send(client, "/admin/house/quotas", **quota_form(posts_3600=3, posts_86400=3))
    assert db.session.query(AdminAction).count() == entries, "what changes nothing is no deed"
    for wrong in ({"messages_10": 0}, {"messages_10": 100_001}, {"likes_60": "many"}, {"chats_3600": 60}, {"reason": ""}):
        assert client.post("/admin/house/quotas", data=quota_form(**wrong)).status_code == 422, wrong


@pytest.mark.parametrize(("what", "path"), [
    ("likes_60", "/posts/{post}/like"), ("changes_60", "/inbox/{chat}/messages/{message}/edit")])
def test_quotas_that_are_counted_by_clicks_are_settings_too(make_app, admin, what, path):
    limited = make_app(RATELIMIT_ENABLED=True)
    person, other = factories.user(), factories.user()
    chat = open_direct(person.id, other.id).conversation_id
    path = path.format(post=factories.post(other.id), chat=chat, message=post_in(chat, person.id, "Hello")["id"])
    arranging.set_quotas(factories.actor(), {what: 2}, "To see it.")
    client = limited.test_client()
    factories.sign_in(client, person)
    codes = [client.post(path, data={"liked": "1", "text": "Hello"}).status_code for _ in range(3)]
    make_app(RATELIMIT_ENABLED=False)
    assert codes == [303, 303, 429]


def test_what_is_read_of_quotas_is_kept_for_some_seconds(app):
    quotas.forget_kept()
    with statements() as asked:
        for _ in range(5):
            assert quotas.most("reports") == 10
    assert sum("quota_settings" in one for one in asked) == 1
