"""How often one person may send pictures, wherever they go, and change a post (fault 52)."""

import io

import pytest

from auctionapp.chat import services as chat
from auctionapp.extensions import limiter
from auctionapp.posts.queries import posts
from tests import factories


@pytest.fixture
def client(make_app):
    yield make_app(RATELIMIT_ENABLED=True).test_client()
    limiter.enabled = False


def no_pictures(count):
    return [(io.BytesIO(b"no picture"), f"{number}.png") for number in range(count)]


def test_pictures_are_counted_whatever_becomes_of_them_and_words_are_not(app, client):
    ada, bo = factories.seller(), factories.user()
    factories.sign_in(client, ada)
    for _ in range(9):
        answer = client.post("/posts/new", data={"title": "Clocks", "text": "Old", "pictures": no_pictures(10)})
        assert answer.status_code == 422
    inbox = f"/inbox/{chat.open_direct(ada.id, bo.id).conversation_id}/messages"
    for _ in range(10):
        assert client.post(inbox, data={"picture": no_pictures(1)[0]}).status_code == 422
    for path, name in ((inbox, "picture"), ("/posts/new", "pictures"), ("/inbox/groups/new", "picture"),
                       ("/inbox/new", "picture"), ("/auctions/new", "pictures")):
        assert client.post(path, data={"title": "Clocks", "text": "Old", name: no_pictures(1)[0]}).status_code == 429, path
    assert client.post(inbox, data={"text": "Without one"}).status_code == 303


def test_who_changes_a_post_without_end_is_slowed_down_and_previews_are_not_counted(app, client):
    ada = factories.user()
    post = factories.post(ada.id)
    factories.sign_in(client, ada)
    answers = [client.post(f"/posts/{post}/edit", data={"title": "Clocks", "text": f"Old {number}"}).status_code
               for number in range(11)]
    assert answers == [303] * 10 + [429]
    assert client.post(f"/posts/{post}/edit", data={"title": "Clocks", "text": "Older", "preview": "1"}).status_code == 200
    assert posts.one(post, None).text == "Old 9"
