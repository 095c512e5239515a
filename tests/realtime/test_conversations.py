"""Streams of private chats and of the lobby: every line once, counters, how far was read, and an end with membership."""

import time

import pytest
from sqlalchemy import update

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.chat import queries, services
from auctionapp.chat.models import Member
from auctionapp.clock import database_clock
from auctionapp.extensions import db
from tests import factories
from tests.realtime.test_streams import app, cookie_of, leave, status_of, web

__all__ = ["app", "leave", "web"]


@pytest.fixture
def group(app):
    """(chat's id, Ann its administrator, Ben, Cy)."""
    people = [factories.user(display_name=name) for name in ("Ann", "Ben", "Cy")]
    return services.open_group(people[0].id, "Clocks", [one.id for one in people]), *people


@pytest.fixture
def reader_of(app, web):
    """Opens the stream of a chat's page as a person, or another path."""

    def read(person, chat=None, **headers):
        path = f"/inbox/{chat}/stream" if chat else "/stream"
        return web.read(path, Cookie=cookie_of(app, person), **headers).wait_until_open()

    return read


def has(message_id):
    return lambda reader: f'id="message-{message_id}"' in reader.text


def test_each_member_hears_each_message_once_and_after_a_break_what_was_missed(group, reader_of):
    chat, ann, ben, cy = group
    readers = [reader_of(one, chat) for one in (ann, ben, cy)]
    said = [services.post_in(chat, one.id, "Hello\n\ndata: forged")["id"] for one in (ann, ben)]
    for reader in readers:
        reader.wait_for(has(said[-1]))
        assert [reader.text.count(f'id="message-{one}"') for one in said] == [1, 1]
        assert reader.text.count(f'hx-target="#chat-lines-{chat}"') == 2
    left_at = next(frame.id for frame in reversed(readers[1].frames) if frame.id)
    readers[1].hang_up()
    missed = [services.post_in(chat, ann.id, f"While you were away {number}")["id"] for number in range(3)]
    services.edit(missed[0], ann.id, "Said better")
    back = reader_of(ben, chat, **{"Last-Event-ID": left_at})
    back.wait_for(lambda reader: "retry:" in reader.text)
    assert [back.text.count(f'id="message-{one}"') for one in [*said, *missed]] == [0, 0, 2, 1, 1]
    assert "While you were away 0" not in back.text and "Said better" in back.text


def test_an_edited_and_a_deleted_message_are_replaced_where_they_stand(group, reader_of):
    chat, ann, ben, _cy = group
    reader = reader_of(ben, chat)
    said = services.post_in(chat, ann.id, "Helo")["id"]
    services.edit(said, ann.id, "Hello")
    reader.wait_for(lambda reader: f'hx-target="#message-{said}" hx-swap="outerHTML"' in reader.text)
    services.delete(said, ann.id)
    reader.wait_for(lambda reader: "Message deleted" in reader.text)


def test_only_members_open_the_stream_of_a_chat_and_everybody_that_of_the_lobby(app, web, group):
    chat, _ann, ben, _cy = group
    stranger = cookie_of(app, factories.user())
    assert status_of(web, f"/inbox/{chat}/stream", Cookie=stranger) == 404
    assert status_of(web, "/inbox/999999/stream", Cookie=stranger) == 404
    assert status_of(web, f"/inbox/{chat}/stream") == 401
    lobby = queries.lobby_id()
    assert status_of(web, f"/inbox/{lobby}/stream") == 401
    reader = web.read(f"/inbox/{lobby}/stream", Cookie=stranger).wait_until_open()
    said = services.post_in(lobby, ben.id, "Good morning")["id"]
    reader.wait_for(has(said))


def test_the_counter_of_every_page_follows_what_is_written_and_read(group, reader_of):
    chat, ann, ben, cy = group
    home, own = reader_of(cy), reader_of(ann)
    services.post_in(chat, ben.id, "Hello")
    home.wait_for(lambda reader: counter(reader) == "2")
    own.wait_for(lambda reader: counter(reader) == "1")
    services.mark_read(chat, cy.id)
    home.wait_for(lambda reader: counter(reader) == "")
    services.remove(chat, ann.id, ben.id)
    home.wait_for(lambda reader: counter(reader) == "1")


def counter(reader):
    """What the bar's counter shows now."""
    shown = reader.text.rsplit('hx-target="#bar-inbox" hx-swap="innerHTML">', 1)
    return shown[1].split("<", 1)[0] if len(shown) == 2 else None


def test_others_see_how_far_one_has_read(group, reader_of):
    chat, ann, ben, _cy = group
    said = services.post_in(chat, ann.id, "Hello")["number"]
    reader = reader_of(ann, chat)
    services.mark_read(chat, ben.id, said)
    reader.wait_for(lambda reader: f"{ben.id}:{said}" in reader.text)


def test_who_leaves_or_is_removed_hears_nothing_more_and_the_others_go_on(group, reader_of, web, app):
    chat, ann, ben, cy = group
    stays, goes, leaves = reader_of(ann, chat), reader_of(ben, chat), reader_of(cy, chat)
    elsewhere = reader_of(ben)
    services.remove(chat, ann.id, ben.id)
    assert goes.wait_for(lambda reader: reader.ended_cleanly) < 1
    services.leave(chat, cy.id)
    assert leaves.wait_for(lambda reader: reader.ended_cleanly) < 1
    said = services.post_in(chat, ann.id, "Alone at last")["id"]
    stays.wait_for(has(said))
    assert not elsewhere.ended_cleanly and not has(said)(goes) and not has(said)(leaves)
    assert status_of(web, f"/inbox/{chat}/stream", Cookie=cookie_of(app, ben)) == 404


def test_what_redis_did_not_tell_ends_within_five_seconds_too(group, reader_of):
    chat, ann, ben, cy = group
    stays, goes, blocked = reader_of(ann, chat), reader_of(ben, chat), reader_of(cy, chat)
    transaction.write(lambda session: session.execute(
        update(Member).where(Member.conversation_id == chat, Member.user_id == ben.id)
        .values(left_at=database_clock.now(session))) and None)
    transaction.write(lambda session: session.execute(
        update(User).where(User.id == cy.id).values(blocked_at=database_clock.now(session))) and None)
    for reader in (goes, blocked):
        assert reader.wait_for(lambda reader: reader.ended_cleanly) < 5
    assert not stays.ended_cleanly


def test_while_redis_is_away_messages_come_from_the_database(app, group, reader_of, redis_server):
    chat, ann, ben, _cy = group
    reader = reader_of(ben, chat)
    redis_server.kill()
    try:
        app.extensions["bus"].skip_until = 0
        said = services.post_in(chat, ann.id, "Can you hear me?")["id"]
        assert reader.wait_for(has(said)) < 5
    finally:
        redis_server.start()
    app.extensions["bus"].skip_until = 0
    time.sleep(1.5)
    again = services.post_in(chat, ann.id, "And now?")["id"]
    reader.wait_for(has(again))
    assert reader.text.count(f'id="message-{said}"') == 1
    db.session.rollback()
