"""What streams tell of posts: through two real web processes, and as fragments."""

from auctionapp.posts import live, services
from auctionapp.posts.queries import comments
from tests import factories
from tests.realtime import shared

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
