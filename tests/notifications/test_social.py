"""Notices of what people did: wrote, asked, answered, liked. Each once, gathered where many come, none for who reads
along or has blocked them (fault 52)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app
from sqlalchemy import delete, select, update

from auctionapp import events, transaction
from auctionapp.accounts.models import User
from auctionapp.chat.models import Message
from auctionapp.chat.services import groups, opening, reading, writing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications import handlers, jobs, live
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services import mailing
from auctionapp.notifications.services import writing as notices
from auctionapp.people.models import Friendship
from auctionapp.people.services import blocking, friends
from auctionapp.posts import services as posts
from auctionapp.posts.models import Comment
from auctionapp.reports import services as reports
from auctionapp.reports.models import Report
from auctionapp.topics import TopicEvent
from tests import factories
from tests.counting import statements
from tests.notifications.telling import listed

LONG_AGO = timedelta(seconds=30)


@pytest.fixture
def people(app):
    """Ada, Bo and Cy."""
    return [factories.user(display_name=name).id for name in ("Ada", "Bo", "Cy")]


def seen(person_id) -> list[tuple[str, bool]]:
    return [(notice.text, notice.unread) for notice in listed(person_id)]


def texts(person_id) -> list[str]:
    return [text for text, _unread in seen(person_id)]


def counter(person_id) -> str:
    state = live.render_state(person_id)
    return state.partition('"#bar-notices" hx-swap="innerHTML">')[2].partition("<")[0]


# -- messages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def chat(people):
    """The direct chat of Ada and Bo."""
    return opening.open_direct(people[0], people[1]).conversation_id


@pytest.fixture
def group(people):
    """A group of all three, who have read how it began."""
    group_id = opening.open_group(people[0], "Collectors", people[1:])
    for person in people:
        reading.mark_read(group_id, person)
    return group_id


def test_further_messages_are_counted_in_one_notice_until_the_chat_is_read(people, chat):
    ada, bo, _cy = people
    writing.post_in(chat, ada, "Hello")
    assert seen(bo) == [("A new message from Ada", True)]
    first_id = listed(bo)[0].id
    for _ in range(2):
        writing.post_in(chat, ada, "Are you there?")
    assert seen(bo) == [("3 new messages from Ada", True)]
    assert listed(bo)[0].id == first_id, "further messages write nothing"
    assert (counter(bo), counter(ada)) == ("1", "")
    reading.mark_read(chat, bo)
    assert seen(bo) == [("New messages from Ada", False)]
    assert counter(bo) == ""
    writing.post_in(chat, ada, "Good.")
    assert seen(bo) == [("A new message from Ada", True)]
    assert seen(ada) == []


def test_reading_a_part_leaves_the_notice_if_its_message_is_still_unread(people, chat):
    ada, bo, _cy = people
    writing.post_in(chat, ada, "One")
    writing.post_in(chat, ada, "Two")
    reading.mark_read(chat, bo, 1)
    writing.post_in(chat, ada, "Three")
    assert seen(bo) == [("2 new messages from Ada", True)]


def test_a_notice_marked_as_read_comes_again_with_the_next_message_alone(people, chat):
    ada, bo, _cy = people
    message = writing.post_in(chat, ada, "One")["id"]
    notices.mark_read(bo)
    handlers.tell_message(events.MessagePosted(chat, message, ada))
    assert [unread for _text, unread in seen(bo)] == [False]
    writing.post_in(chat, ada, "Two")
    assert seen(bo) == [("2 new messages from Ada", True)]


def test_who_has_read_a_message_already_is_not_told_of_it(people, group):
    ada, bo, cy = people
    with events.unheard():
        message = writing.post_in(group, ada, "Who comes?")["id"]
        reading.mark_read(group, bo)
    handlers.tell_message(events.MessagePosted(group, message, ada))
    assert texts(bo) == []
    assert texts(cy) == ["A new message in Collectors"]


def test_nobody_is_told_of_a_group_they_left_or_of_people_they_blocked(people, group):
    ada, bo, cy = people
    factories.person_block(cy, ada)
    groups.leave(group, bo)
    writing.post_in(group, ada, "Who comes?")
    assert texts(bo) == texts(cy) == []


def test_leaving_a_group_reads_its_notice(people, group):
    ada, bo, _cy = people
    writing.post_in(group, ada, "Who comes?")
    assert counter(bo) == "1"
    groups.leave(group, bo)
    assert counter(bo) == ""


def test_a_message_is_mailed_when_it_stays_unread_and_only_then(app, people, group):
    ada, bo, cy = people
    writing.post_in(group, ada, "Who comes?")
    writing.post_in(group, ada, "Nobody?")
    assert mail_unread(app, 9) == 0
    reading.mark_read(group, bo)
    assert mail_unread(app, 11) == 1
    assert mail_unread(app, 300) == 0


def mail_unread(app, minutes_later):
    return mailing.mail_unread(Site.of(app.config), SetClock(datetime.now(UTC) + timedelta(minutes=minutes_later)))


def test_hand_overs_are_told_by_their_lot(app, people):
    seller, winner = factories.seller(), factories.user()
    lot = factories.sold_auction(seller, winner)
    seller_id, winner_id = seller.id, winner.id
    opening.open_handover(lot.id)
    opening.post_handover(lot.id, winner_id, "When may I come?")
    assert texts(seller_id) == ["A new message about the hand-over of Brass telescope"]


def mailed_later() -> int:
    """How many notices are mailed once they stayed unread for a while."""
    return mailing.mail_unread(Site.of(current_app.config), SetClock(datetime.now(UTC) + timedelta(hours=1)))


# -- friends -----------------------------------------------------------------------------------------------------


def test_a_request_is_told_once_and_read_once_it_is_answered(people):
    ada, bo, _cy = people
    friends.request(ada, bo)
    for _twice in range(2):
        handlers.tell_requested(events.FriendRequested(ada, bo))
    assert seen(bo) == [("Ada would like to be your friend.", True)]
    friends.accept(bo, ada)
    for _twice in range(2):
        handlers.tell_accepted(events.FriendAccepted(by_id=bo, to_id=ada))
    assert seen(bo) == [("Ada would like to be your friend.", False)]
    assert seen(ada) == [("Bo accepted your request: you are friends.", True)]


@pytest.mark.parametrize("refuse", [friends.decline, blocking.block])
def test_who_declines_a_request_or_blocks_who_sent_it_has_read_its_notice_and_is_not_mailed(people, refuse):
    ada, bo, _cy = people
    friends.request(ada, bo)
    assert counter(bo) == "1"
    refuse(bo, ada)
    assert seen(bo) == [("Ada would like to be your friend.", False)]
    assert mailed_later() == 0


def test_a_request_that_was_withdrawn_is_not_mailed(people):
    ada, bo, _cy = people
    friends.request(ada, bo)
    friends.withdraw(ada, bo)
    assert mailed_later() == 0


def test_a_request_that_waits_is_mailed(people):
    friends.request(people[0], people[1])
    assert mailed_later() == 1


def test_a_request_that_is_withdrawn_and_made_again_knocks_no_second_time(people):
    ada, bo, _cy = people
    for _ in range(3):
        friends.request(ada, bo)
        friends.withdraw(ada, bo)
    handlers.tell_requested(events.FriendRequested(ada, bo))
    assert texts(bo) == ["Ada would like to be your friend."]
    friends.request(ada, bo, SetClock(datetime.now(UTC) + timedelta(days=2)))
    assert texts(bo) == ["Ada would like to be your friend."], "told anew, in the place of the old one"


# -- posts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def post(people):
    return factories.post(people[0], title="Clocks")


def test_comments_are_told_to_the_posts_author_and_answers_to_who_is_answered(people, post):
    ada, bo, cy = people
    comment = posts.comment(post, bo, "How old is it?")
    for _twice in range(2):
        handlers.tell_commented(events.PostCommented(comment))
    assert texts(ada) == ["Bo commented on “Clocks”."]
    assert listed(ada)[0].path == f"/posts/{post}#comment-{comment}"
    posts.comment(post, ada, "From 1890.", comment)
    assert texts(bo) == ["Ada answered your comment on “Clocks”."]
    posts.comment(post, cy, "Older!", comment)
    assert texts(bo)[0] == "Cy answered your comment on “Clocks”."
    assert texts(ada)[0] == "Cy commented on “Clocks”."
    posts.comment(post, bo, "Thanks.", comment)
    assert len(texts(bo)) == 2, "nobody is told of themselves"


def test_an_answer_to_the_authors_own_comment_is_one_notice(people, post):
    ada, bo, _cy = people
    own = posts.comment(post, ada, "Ask me anything.")
    assert texts(ada) == []
    posts.comment(post, bo, "How old?", own)
    assert texts(ada) == ["Bo answered your comment on “Clocks”."]


def test_likes_are_gathered_in_one_notice_for_each_post(people, post):
    ada, bo, cy = people
    posts.like(post, bo, True)
    assert seen(ada) == [("Bo likes “Clocks”.", True)]
    posts.like(post, cy, True)
    assert seen(ada) == [("Cy and Bo like “Clocks”.", True)]
    for name in ("Di", "Ed"):
        posts.like(post, factories.user(display_name=name).id, True)
    assert seen(ada) == [("Ed and 3 others like “Clocks”.", True)]
    posts.like(factories.post(ada, title="Watches"), bo, True)
    assert seen(ada)[0] == ("Bo likes “Watches”.", True)
    assert counter(ada) == "2"


def test_liking_again_what_one_no_longer_liked_is_no_news(people, post):
    ada, bo, cy = people
    posts.like(post, bo, True)
    posts.like(post, cy, True)
    notices.mark_read(ada)
    for liked in (False, True, False, True):
        posts.like(post, bo, liked)
    handlers.tell_liked(events.PostLiked(post, bo))
    assert seen(ada) == [("Cy and Bo like “Clocks”.", False)]


def test_what_is_gone_is_not_told(people, post):
    ada, bo, _cy = people
    with events.unheard():
        comment = posts.comment(post, bo, "How old?")
        posts.remove_comment(post, comment, bo)
        posts.like(post, bo, True)
        posts.like(post, bo, False)
    handlers.tell_commented(events.PostCommented(comment))
    handlers.tell_liked(events.PostLiked(post, bo))
    assert texts(ada) == []


def test_notices_of_what_was_removed_go_with_it_and_nobody_is_mailed_of_it(people, post):
    ada, bo, cy = people
    comment = posts.comment(post, bo, "How old?")
    posts.comment(post, cy, "Older!", comment)
    other = factories.post(ada, title="Watches")
    kept = posts.comment(other, bo, "Nice.")
    assert len(texts(ada)) == 3
    posts.remove_comment(post, comment, bo)
    assert sorted(texts(ada)) == ["Bo commented on “Watches”.", "Cy commented on “Clocks”."]
    posts.like(post, cy, True)
    posts.delete(post, ada)
    assert texts(ada) == ["Bo commented on “Watches”."] and counter(ada) == "1"
    assert texts(bo) == [], "the answer went with the post"
    with events.unheard():
        posts.remove_comment(other, kept, bo)
    assert mailed_later() == 0, "also when the reaction was lost"


def test_nobody_is_told_of_people_whom_they_have_blocked_meanwhile(people, post):
    ada, bo, cy = people
    with events.unheard():
        own = posts.comment(post, cy, "Mine.")
        comment = posts.comment(post, bo, "How old?")
        answer = posts.comment(post, bo, "Older!", own)
        posts.like(post, bo, True)
        blocking.block(ada, bo)
        blocking.block(cy, bo)
    for one in (comment, answer):
        handlers.tell_commented(events.PostCommented(one))
    handlers.tell_liked(events.PostLiked(post, bo))
    assert texts(ada) == texts(cy) == []
    posts.like(post, cy, True)
    assert texts(ada) == ["Cy likes “Clocks”."]


def test_names_and_titles_are_inert_in_notices(app):
    author = factories.user().id
    posts.comment(factories.post(author, title="<b>Clocks</b>"), factories.user(display_name="<i>Bo</i>").id, "x")
    client = app.test_client()
    factories.sign_in(client, db.session.get(User, author))
    page = client.get("/notifications").text
    assert "&lt;i&gt;Bo&lt;/i&gt; commented on “&lt;b&gt;Clocks" in page and "<b>Clocks" not in page


# -- lost reactions ----------------------------------------------------------------------------------------------


def age(model, **where):
    transaction.write(lambda session: session.execute(
        update(model).filter_by(**where).values(created_at=datetime.now(UTC) - LONG_AGO)) and None)


def test_the_sweep_tells_what_lost_reactions_left_untold_once(people, chat, post):
    ada, bo, cy = people
    with events.unheard():
        writing.post_in(chat, ada, "Hello")
        posts.comment(post, bo, "How old?")
        friends.request(cy, ada)
    jobs.tell_missing()
    assert texts(ada) == texts(bo) == [], "just written: their own reactions may be under way"
    for model in (Message, Comment, Friendship):
        age(model)
    for _twice in range(2):
        jobs.tell_missing()
    assert counter(bo) == "1"
    assert sorted(texts(ada)) == ["Bo commented on “Clocks”.", "Cy would like to be your friend."]
    assert texts(bo) == ["A new message from Ada"]


def test_the_sweep_tells_of_lost_answers_likes_and_reports_once(people, post):
    ada, bo, _cy = people
    admin = factories.user(role="admin").id
    friends.request(ada, bo)
    with events.unheard():
        friends.accept(bo, ada)
        posts.like(post, bo, True)
        reports.report(bo, "post", post, "Advertising")
    jobs.tell_missing()
    assert texts(ada) == texts(admin) == [], "just done: their own reactions may be under way"
    for model in (TopicEvent, Report):
        age(model)
    transaction.write(lambda session: session.execute(
        update(Friendship).values(accepted_at=datetime.now(UTC) - LONG_AGO)) and None)
    for _twice in range(2):
        jobs.tell_missing()
    assert sorted(texts(ada)) == ["Bo accepted your request: you are friends.", "Bo likes “Clocks”."]
    assert texts(admin) == ["Somebody reported a post."]
    notices.mark_read(ada)
    notices.mark_read(admin)
    jobs.tell_missing()
    assert counter(ada) == counter(admin) == "", "what was told is not told again once it is read"


def test_the_sweep_reads_what_was_read_in_its_chat(people, chat):
    ada, bo, _cy = people
    writing.post_in(chat, ada, "Hello")
    with events.unheard():
        reading.mark_read(chat, bo)
    assert counter(bo) == "1"
    jobs.tell_missing()
    assert counter(bo) == ""


def test_a_storm_of_messages_writes_as_many_notices_as_people_and_chats(people):
    authors = [factories.user().id for _ in range(5)]
    readers = [factories.user().id for _ in range(30)]
    chats = [opening.open_group(one, f"Group {one}", readers) for one in authors]
    with events.unheard():
        posted = [events.MessagePosted(chat, writing.post_in(chat, one, str(number))["id"], one)
                  for number in range(3) for chat, one in zip(chats, authors, strict=True)]
    db.session.execute(delete(Notice))
    db.session.commit()
    with statements() as first:
        handlers._tell_messages(posted)
    assert db.session.scalars(select(Notice.kind)).all() == ["message"] * 150
    with statements() as further:
        handlers._tell_messages(posted)
    assert len(first) < 15
    assert len(further) == 1
