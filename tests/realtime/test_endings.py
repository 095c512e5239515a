"""Private streams end within five seconds of what takes the right to them away (fault 37), each seen on an open stream."""

import time

import pytest

from auctionapp.accounts import services as accounts
from auctionapp.auctions.services import blocking
from auctionapp.chat import queries, services
from auctionapp.people import services as people
from tests import factories
from tests.realtime import shared
from tests.realtime.conftest import page_path
from tests.realtime.test_conversations import group, has, reader_of
from tests.realtime.test_streams import cookie_of, status_of

__all__ = ["group", "reader_of"]
app, web, leave = shared.app, shared.web, shared.leave
PASSWORD, NEW_PASSWORD = "seven blue herons", "nine green herons"
SOON = 5.0


def ended(reader):
    return reader.ended_cleanly


@pytest.fixture
def person(app):
    number = factories.user().id
    return factories.db.session.get(factories.User, accounts.create_user(f"ends{number}@example.org", PASSWORD, "Ann"))


@pytest.fixture
def paths(app, person):
    """A page's stream of every kind that carries something of this person's own."""
    other = factories.user()
    direct = services.open_direct(person.id, other.id).conversation_id
    return [page_path(factories.auction().id), "/stream", "/feed/stream", f"/posts/{factories.post(other.id)}/stream",
            *(f"/inbox/{chat}/stream" for chat in (
                direct, services.open_group(other.id, "Clocks", [person.id]), queries.lobby_id()))]


def sign_in(app, person):
    """A browser in which this person has signed in with the password, and its cookie."""
    client = app.test_client()
    assert client.post("/account/login", data={"email": person.email, "password": PASSWORD}).status_code == 303
    return client, f"gavel={client.get_cookie('gavel').value}"


def test_signing_out_on_the_page_ends_every_stream_of_that_browser_and_no_other(app, web, person, paths):
    client, cookie = sign_in(app, person)
    own = [web.read(path, Cookie=cookie).wait_until_open() for path in paths]
    elsewhere = web.read("/stream", Cookie=sign_in(app, person)[1]).wait_until_open()
    guest = web.read(paths[0]).wait_until_open()
    assert client.post("/account/logout").status_code == 303
    for path, stream in zip(paths, own, strict=True):
        assert stream.wait_for(ended) < SOON, path
    assert not ended(elsewhere) and not ended(guest)
    assert {status_of(web, path, Cookie=cookie) for path in paths[1:2] + paths[4:]} == {401}


def test_a_new_password_ends_the_streams_of_all_other_browsers(app, web, person, paths):
    client, _cookie = sign_in(app, person)
    others = [web.read(path, Cookie=sign_in(app, person)[1]).wait_until_open() for path in paths]
    answer = client.post("/dashboard/security", data={
        "old_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD})
    assert answer.status_code == 303
    for path, stream in zip(paths, others, strict=True):
        assert stream.wait_for(ended) < SOON, path


def test_whom_the_house_blocks_hears_nothing_more_anywhere(app, web, person, paths):
    own = [web.read(path, Cookie=cookie_of(app, person)).wait_until_open() for path in paths]
    blocking.block(factories.actor(), person.id, "A stolen account.", "stay")
    for path, stream in zip(paths, own, strict=True):
        assert stream.wait_for(ended) < SOON, path


def test_leaving_and_being_removed_on_the_page_end_the_streams_of_that_group_alone(app, web, group, reader_of):
    chat, ann, ben, cy = group
    stays, goes, leaves, elsewhere = reader_of(ann, chat), reader_of(ben, chat), reader_of(cy, chat), reader_of(cy)
    lobby = reader_of(cy, queries.lobby_id())
    client = app.test_client()
    factories.sign_in(client, ann)
    assert client.post(f"/inbox/{chat}/members/{ben.id}/remove").status_code == 303
    factories.sign_in(client, cy)
    assert client.post(f"/inbox/{chat}/leave").status_code == 303
    for stream in (goes, leaves):
        assert stream.wait_for(ended) < SOON
    said = services.post_in(chat, ann.id, "Alone at last")["id"]
    stays.wait_for(has(said))
    assert not ended(elsewhere) and not ended(lobby)
    for gone in (ben, cy):
        assert status_of(web, f"/inbox/{chat}/stream", Cookie=cookie_of(app, gone)) == 404


@pytest.mark.parametrize("told", [True, False], ids=["told at once", "found by the keeper"])
def test_once_one_of_a_pair_blocks_the_other_their_chat_is_silent_for_both(app, web, reader_of, told):
    ann, ben = factories.user(), factories.user()
    chat = services.open_direct(ann.id, ben.id).conversation_id
    said = services.post_in(chat, ben.id, "Hello")
    pair = [reader_of(one, chat) for one in (ann, ben)]
    elsewhere = reader_of(ben)
    if told:
        people.block(ann.id, ben.id)
    else:
        factories.person_block(ann.id, ben.id)
    for stream in pair:
        assert stream.wait_for(ended) < SOON
    assert not ended(elsewhere)
    again = [reader_of(one, chat) for one in (ann, ben)]
    for stream in again:
        assert f"c{chat}." not in stream.text and f"chat-reads-{chat}" not in stream.text
    services.mark_read(chat, ann.id)
    services.delete(said["id"], ben.id)
    time.sleep(1.5)
    for stream in again:
        assert not ended(stream) and f"message-{said['id']}" not in stream.text and "chat-reads" not in stream.text


def test_the_lobby_leaves_out_whom_its_reader_has_blocked_on_the_page_and_live(app, web, reader_of):
    reader, blocked, other = (factories.user() for _ in range(3))
    lobby = queries.lobby_id()
    factories.person_block(reader.id, blocked.id)
    before = services.post_in(lobby, blocked.id, "Said before")["id"]
    stream, everybody = reader_of(reader, lobby), reader_of(other, lobby)
    unheard = services.post_in(lobby, blocked.id, "Said live")["id"]
    services.edit(unheard, blocked.id, "Said better")
    heard = services.post_in(lobby, other.id, "Good evening")["id"]
    for one in (stream, everybody):
        one.wait_for(has(heard))
    assert has(unheard)(everybody) and not has(unheard)(stream) and "Said better" not in stream.text
    client = app.test_client()
    factories.sign_in(client, reader)
    page = client.get("/lobby").text
    assert f'id="message-{heard}"' in page and all(f'id="message-{one}"' not in page for one in (before, unheard))
    shown = queries.page_json(lobby, blocker_id=reader.id)["items"]
    assert heard in [one["id"] for one in shown] and not {before, unheard} & {one["id"] for one in shown}
