"""Writing posts, liking them, saying something under them: who may, how often, exactly once."""

from datetime import timedelta

import pytest

from auctionapp import events
from auctionapp.clock import database_clock
from auctionapp.errors import IdempotencyKeyReuse, NotAllowed, NotFound
from auctionapp.extensions import db, limiter
from auctionapp.idempotency import Key
from auctionapp.posts import rules, services
from auctionapp.posts.models import Comment, Post, PostPicture, PostTag
from auctionapp.posts.queries import comments, posts
from auctionapp.posts.rules import Draft
from auctionapp.topics import TopicEvent
from tests import factories
from tests.at_once import at_once


@pytest.fixture
def author(app):
    return factories.user(display_name="Ada Moreau").id


@pytest.fixture
def told():
    """What was announced, kept instead of handled."""
    heard = []
    before = dict(events._handlers)
    events.subscribe({kind: [heard.append] for kind in (events.PostCommented, events.PostLiked)})
    yield heard
    events.subscribe(before)


def row(post_id):
    db.session.rollback()
    return db.session.get(Post, post_id, populate_existing=True)


def test_a_post_is_kept_as_it_was_typed_with_the_beginning_as_plain_words(author):
    post_id = factories.post(author, "  A  clock ", "It **runs**.\r\n\r\n- [on](https://example.org)",
                            tags=("Clocks", "clocks", "Brass"))
    kept = row(post_id)
    assert (kept.title, kept.text) == ("A clock", "It **runs**.\n\n- [on](https://example.org)")
    assert kept.excerpt == "It runs. on"
    assert [tag.name for tag in posts.tags_of([post_id])[post_id]] == ["Brass", "Clocks"]


@pytest.mark.parametrize(("draft", "field"), [
    (Draft(" \u200b ", "text"), "title"), (Draft("x" * 121, "text"), "title"), (Draft("title", "\n"), "text"),
    (Draft("\u3164\u2800", "text"), "title"), (Draft("title", "\u034f\ufe0f"), "text"),
    (Draft("title", "x" * 10_001), "text"), (Draft("title", "text", tuple("abcdef")), "tags"),
    (Draft("title", "text", ("x" * 41,)), "tags")])
def test_a_post_that_cannot_stand_names_the_field(author, draft, field):
    with pytest.raises(rules.InvalidPost) as refusal:
        services.publish(author, draft)
    assert list(refusal.value.errors) == [field]


def test_the_same_key_publishes_and_comments_once(author):
    key = Key(author, "POST", "/posts/new", "k1", "body")
    first, new = services.publish(author, Draft("One", "text"), key=key)
    assert new and services.publish(author, Draft("One", "text"), key=key) == (first, False)
    said = Key(author, "POST", f"/posts/{first}/comments", "k2", "Hello")
    ids = {services.comment(first, author, "Hello", key=said) for _ in range(2)}
    assert len(ids) == 1 and row(first).comment_count == 1
    with pytest.raises(IdempotencyKeyReuse):
        services.comment(first, author, "Other", key=Key(author, "POST", said.path, "k2", "Other"))


def test_a_key_used_twice_at_once_makes_one_comment(app, author):
    post_id = factories.post(author)
    key = Key(author, "POST", f"/posts/{post_id}/comments", "k", "Hello")
    ids = at_once(app, *[lambda: services.comment(post_id, author, "Hello", key=key)] * 4)
    assert len(set(ids)) == 1 and row(post_id).comment_count == 1


def test_likes_at_the_same_time_are_counted_each_once(app, author):
    post_id = factories.post(author)
    people = [factories.user().id for _ in range(6)]
    at_once(app, *[lambda one=one: services.like(post_id, one, True) for one in people for _ in range(2)])
    assert row(post_id).like_count == 6
    services.like(post_id, people[0], False)
    services.like(post_id, people[0], False)
    assert row(post_id).like_count == 5


def test_comments_at_the_same_time_are_counted_each_and_numbered_without_a_gap(app, author):
    post_id = factories.post(author)
    people = [factories.user().id for _ in range(6)]
    at_once(app, *[lambda one=one: services.comment(post_id, one, "Well done") for one in people])
    assert row(post_id).comment_count == 6
    numbers = [event.sequence for event in db.session.query(TopicEvent).filter_by(topic=f"post:{post_id}").order_by("sequence")]
    assert numbers == list(range(1, 7))


def test_an_answer_to_an_answer_stands_under_the_same_comment(author):
    post_id = factories.post(author)
    top = services.comment(post_id, author, "First")
    answer = services.comment(post_id, author, "Second", parent_id=top)
    third = services.comment(post_id, author, "Third", parent_id=answer)
    shown = comments.thread(post_id, None)
    assert [(one.id, [reply.id for reply in one.replies.lines]) for one in shown.lines] == [(top, [answer, third])]


def test_a_comment_under_another_post_or_a_removed_one_cannot_be_answered(author):
    one, other = factories.post(author), factories.post(author)
    comment_id = services.comment(one, author, "Here")
    with pytest.raises(NotFound):
        services.comment(other, author, "There", parent_id=comment_id)
    services.remove_comment(one, comment_id, author)
    with pytest.raises(NotFound):
        services.comment(one, author, "Late", parent_id=comment_id)


def test_a_removed_comment_keeps_its_place_while_something_answers_it(author):
    post_id, reader = factories.post(author), factories.user().id
    lone, asked = (services.comment(post_id, reader, text) for text in ("Lone", "Asked"))
    answer = services.comment(post_id, author, "Answer", parent_id=asked)
    services.remove_comment(post_id, lone, reader)
    services.remove_comment(post_id, asked, author)
    services.remove_comment(post_id, asked, author)
    assert [(one.id, one.removed, one.text) for one in comments.thread(post_id, None).lines] == [(asked, True, "")]
    assert row(post_id).comment_count == 1
    services.remove_comment(post_id, answer, author)
    assert comments.thread(post_id, None).lines == [] and row(post_id).comment_count == 0


def test_only_the_writer_and_the_posts_author_remove_a_comment(author):
    post_id, writer, other = factories.post(author), factories.user().id, factories.user().id
    comment_id = services.comment(post_id, writer, "Mine")
    with pytest.raises(NotFound):
        services.remove_comment(post_id, comment_id, other)
    with pytest.raises(NotFound):
        services.remove_comment(factories.post(other), comment_id, other)
    services.remove_comment(post_id, comment_id, writer)
    assert db.session.get(Comment, comment_id, populate_existing=True).deleted_at


def test_another_persons_post_cannot_be_edited_or_deleted_and_a_deleted_one_by_nobody(author):
    post_id, other = factories.post(author), factories.user().id
    for person in (other, author):
        with pytest.raises(NotFound):
            services.edit(post_id, other, Draft("Taken", "over"))
        with pytest.raises(NotFound):
            services.delete(post_id, other)
        services.delete(post_id, author) if person == other else None
    for late in (lambda: services.delete(post_id, author), lambda: services.edit(post_id, author, Draft("a", "b")),
                 lambda: services.like(post_id, other, True), lambda: services.comment(post_id, other, "Late")):
        with pytest.raises(NotFound):
            late()
    assert row(post_id).title == "A clock that runs again"


def test_editing_changes_words_tags_and_pictures_and_says_so(author):
    from auctionapp.pictures import StoredPicture

    pictures = [StoredPicture(f"name{number}", 40, 30) for number in range(3)]
    post_id = factories.post(author, tags=("Clocks",), pictures=pictures)
    first = db.session.query(PostPicture).order_by(PostPicture.id).first().id
    services.edit(post_id, author, Draft("Better", "words", ("Brass",)), [StoredPicture("new", 4, 3)], [first])
    shown = posts.one(post_id, None)
    assert (shown.card.title, shown.text, shown.card.edited) == ("Better", "words", True)
    assert [tag.slug for tag in shown.card.tags] == ["brass"]
    assert [one.name for one in shown.card.pictures] == ["name1", "name2", "new"]
    with pytest.raises(rules.InvalidPost):
        services.edit(post_id, author, Draft("Better", "words"), [StoredPicture(f"more{n}", 4, 3) for n in range(8)])
    assert db.session.query(PostTag).count() == 1


def test_whoever_the_author_has_blocked_neither_comments_nor_likes_nor_answers_those_who_blocked_them(author):
    post_id, unwelcome, friend = factories.post(author), factories.user().id, factories.user().id
    factories.person_block(author, unwelcome)
    for act in (lambda: services.comment(post_id, unwelcome, "Hello"), lambda: services.like(post_id, unwelcome, True)):
        with pytest.raises(rules.Unwelcome):
            act()
    elsewhere = factories.post(friend)
    said = services.comment(elsewhere, author, "Nice")
    with pytest.raises(rules.Unwelcome):
        services.comment(elsewhere, unwelcome, "Not really", parent_id=said)
    services.comment(elsewhere, unwelcome, "Hello")
    assert row(post_id).comment_count == row(post_id).like_count == 0


def test_whoever_began_a_thread_is_not_answered_by_way_of_another_answer(author):
    post_id = factories.post(author)
    ben, cy, blocked = (factories.user().id for _ in range(3))
    thread = services.comment(post_id, ben, "Mine.")
    answer = services.comment(post_id, cy, "And mine.", thread)
    factories.person_block(ben, blocked)
    with pytest.raises(rules.Unwelcome):
        services.comment(post_id, blocked, "No.", answer)


def test_whoever_the_house_has_blocked_writes_nothing_and_their_posts_take_nothing(author):
    now = database_clock.now(db.session())
    post_id, blocked = factories.post(author), factories.user(blocked_at=now).id
    for act in (lambda: services.publish(blocked, Draft("a", "b")), lambda: services.comment(post_id, blocked, "c"),
                lambda: services.like(post_id, blocked, True)):
        with pytest.raises(NotAllowed):
            act()
    reader = factories.user().id
    factories.block_by_house(author)
    with pytest.raises(NotFound):
        services.comment(post_id, reader, "Hello")


def test_posts_and_comments_are_held_to_quotas(author, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    for number in range(10):
        factories.post(author, f"Number {number}")
    with pytest.raises(rules.TooOften) as refusal:
        factories.post(author)
    assert refusal.value.status == 429 and refusal.value.retry_after_seconds == 3600
    post_id, reader = factories.post(), factories.user().id
    for number in range(5):
        services.comment(post_id, reader, f"Comment {number}")
    with pytest.raises(rules.TooOften):
        services.comment(post_id, reader, "One more")
    from auctionapp.clock import SetClock

    later = database_clock.now(db.session()) + timedelta(seconds=11)
    services.comment(post_id, reader, "A while later", clock=SetClock(later))


def test_comments_and_new_likes_of_others_are_announced(author, told):
    post_id, reader = factories.post(author), factories.user().id
    comment_id = services.comment(post_id, reader, "Hello")
    for liked in (True, True, False, True):
        services.like(post_id, reader, liked)
    services.like(post_id, author, True)
    assert told == [events.PostCommented(comment_id), events.PostLiked(post_id, reader), events.PostLiked(post_id, reader)]


def test_a_link_to_one_of_our_auctions_is_remembered_and_a_draft_is_not(author):
    lot, draft = factories.auction(), factories.auction(state="draft")
    linked = factories.post(author, text=f"See [it](/auctions/{lot.id}) now")
    assert posts.one(linked, None).card.auction_id == lot.id
    assert row(factories.post(author, text=f"Bare: /auctions/{lot.id}, and more")).auction_id == lot.id
    absolute = factories.post(author, text=f"http://gavel.example/auctions/{lot.id}", public_url="http://gavel.example")
    assert row(absolute).auction_id == lot.id
    for text in (f"[x](/auctions/{draft.id})", f"http://evil.example/auctions/{lot.id}",
                 "[x](/auctions/999999999999999999)"):
        assert row(factories.post(author, text=text, public_url="http://gavel.example")).auction_id is None
