"""What streams tell of posts: through two real web processes, and as fragments."""

import time

from auctionapp.people import services as people
from auctionapp.posts import live, services
from auctionapp.posts.queries import comments
from tests import factories
from tests.realtime import shared
from tests.realtime.test_streams import cookie_of

app, web, leave = shared.app, shared.web, shared.leave


def test_comments_likes_and_removals_come_to_whoever_watches_a_post_guests_too(web):
    author, other = factories.user(display_name="Ada & Co").id, factories.user().id
    post_id = factories.post(author)
    reader = web.read(f"/posts/{post_id}/stream").wait_until_open()
    top = services.comment(post_id, other, "Well done\n\ndata: forged <b>")
    reader.wait_for(lambda one: f'id="comment-{top}"' in one.text and "1 comment" in one.text)
    assert "&lt;b&gt;" in reader.text and {frame.event for frame in reader.frames} <= {"", "heartbeat"}
    answer = services.comment(post_id, author, "Thank you", parent_id=top)
    reader.wait_for(lambda one: f'hx-target="#replies-{top}"' in one.text and f'id="comment-{answer}"' in one.text)
    services.like(post_id, other, True)
    reader.wait_for(lambda one: f"[data-likes-of='{post_id}']\" hx-swap=\"innerHTML\">1<" in one.text)
    services.remove_comment(post_id, top, author)
    reader.wait_for(lambda one: "This comment was removed." in one.text)
    services.remove_comment(post_id, answer, author)
    reader.wait_for(lambda one: f'hx-target="#comment-{answer}" hx-swap="delete"' in one.text)
    services.delete(post_id, author)
    reader.wait_for(lambda one: "This post was deleted." in one.text)


def test_a_reader_who_was_away_gets_each_missed_comment_once_in_order(web):
    author = factories.user().id
    post_id = factories.post(author)
    ids = [services.comment(post_id, author, f"Comment {number}") for number in range(4)]
    services.remove_comment(post_id, ids[2], author)
    reader = web.read(f"/posts/{post_id}/stream?last=o{post_id}.1").wait_until_open()
    reader.wait_for(lambda one: f'id="comment-{ids[3]}"' in one.text)
    assert [number for number in ids if f'id="comment-{number}"' in reader.text] == [ids[1], ids[3]]
    assert reader.frames[-1].id == f"o{post_id}.5"
    again = web.read(f"/posts/{post_id}/stream", **{"Last-Event-ID": f"o{post_id}.5"}).wait_until_open()
    assert 'class="comment' not in again.text


def test_the_feed_announces_a_new_post_with_its_author_and_tags(web):
    author = factories.user().id
    feed = web.read("/feed/stream").wait_until_open()
    post_id = factories.post(author, tags=("Brass", "Old clocks"))
    feed.wait_for(lambda one: f'data-new-post="{post_id}" data-new-by="{author}" data-new-tags="brass old-clocks"' in one.text)


def test_whom_a_reader_has_blocked_never_reaches_their_stream_and_everybody_elses_as_before(app, web):
    reader, blocked, other = factories.user(), factories.user().id, factories.user().id
    post_id = factories.post(other)
    factories.person_block(reader.id, blocked)
    path = f"/posts/{post_id}/stream"
    own, guest = web.read(path, Cookie=cookie_of(app, reader)).wait_until_open(), web.read(path).wait_until_open()
    feed = web.read("/feed/stream", Cookie=cookie_of(app, reader)).wait_until_open()
    theirs = services.comment(post_id, blocked, "Words of somebody blocked")
    below = services.comment(post_id, other, "An answer to them", parent_id=theirs)
    beside = services.comment(post_id, other, "Something else")
    answer = services.comment(post_id, blocked, "Their answer", parent_id=beside)
    last = services.comment(post_id, other, "And the last")
    hidden, shown = [theirs, below, answer], [beside, last]
    guest.wait_for(lambda one: f'id="comment-{last}"' in one.text)
    own.wait_for(lambda one: f'id="comment-{last}"' in one.text)
    away = web.read(f"{path}?last=o{post_id}.0", Cookie=cookie_of(app, reader)).wait_until_open()
    away.wait_for(lambda one: f'id="comment-{last}"' in one.text)
    for stream in (own, away):
        assert [number for number in hidden + shown if f'id="comment-{number}"' in stream.text] == shown
        assert "somebody blocked" not in stream.text and "Their answer" not in stream.text
    assert all(f'id="comment-{number}"' in guest.text for number in hidden + shown)

    unwanted, wanted = factories.post(blocked), factories.post(other)
    feed.wait_for(lambda one: f'data-new-post="{wanted}"' in one.text)
    assert f'data-new-post="{unwanted}"' not in feed.text


def test_a_block_and_its_end_change_open_streams_within_five_seconds(app, web):
    reader, author, other = factories.user(), factories.user().id, factories.user().id
    post_id = factories.post(other)
    stream = web.read(f"/posts/{post_id}/stream", Cookie=cookie_of(app, reader)).wait_until_open()
    heard = lambda number: lambda one: f'id="comment-{number}"' in one.text  # noqa: E731
    stream.wait_for(heard(services.comment(post_id, author, "Before")))
    for change, expected in ((people.block, False), (people.unblock, True)):
        change(reader.id, author)
        time.sleep(4.5)
        said, after = services.comment(post_id, author, "Now"), services.comment(post_id, other, "After")
        stream.wait_for(heard(after))
        assert heard(said)(stream) is expected


def test_a_fragment_names_no_reader_and_a_removed_comment_without_answers_leaves_nothing(app):
    author = factories.user().id
    post_id = factories.post(author)
    comment_id = services.comment(post_id, author, "One")
    line = comments.by_id([comment_id])[comment_id]
    assert "is-own" not in live.new_line(line) and "csrf" not in live.new_line(line)
    services.remove_comment(post_id, comment_id, author)
    events = [{"kind": "comment", "payload": {"id": comment_id}}, {"kind": "likes", "payload": {"count": 1}}]
    live.add_lines(events)
    assert events[0]["html"] == "" and "html" not in events[1]
