"""Direct and group chats: who may begin them, write and read in them, and how their numbers run."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from auctionapp import quotas, topics
from auctionapp.auctions.services import blocking
from auctionapp.chat import queries, rules, services
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.clock import SetClock, database_clock
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.extensions import db
from auctionapp.idempotency import Key
from tests import factories
from tests.at_once import at_once


@pytest.fixture
def pair(app):
    """(chat's id, Ann, Ben) of a direct chat."""
    ann, ben = factories.user(display_name="Ann"), factories.user(display_name="Ben")
    return services.open_direct(ann.id, ben.id).conversation_id, ann, ben


@pytest.fixture
def group(app):
    """(chat's id, its administrator Ann, Ben, Cy) of a group."""
    people = [factories.user(display_name=name) for name in ("Ann", "Ben", "Cy")]
    return services.open_group(people[0].id, "Clocks", [one.id for one in people]), *people


def texts(conversation_id):
    return [line.text for line in queries.page(conversation_id)[0]][::-1]


def unread(*people):
    db.session.rollback()
    counted = queries.inbox.unread([one.id for one in people])
    return [counted[one.id] for one in people]


def test_a_second_attempt_opens_the_first_chat_of_a_pair_from_either_side(pair):
    chat, ann, ben = pair
    assert services.open_direct(ben.id, ann.id) == services.Opened(chat, False)
    assert queries.members(chat) == sorted([ann.id, ben.id])


def test_both_begin_it_at_the_same_moment_and_find_one_chat(app):
    ann, ben = factories.user().id, factories.user().id
    opened = at_once(app, *[lambda: services.open_direct(ann, ben), lambda: services.open_direct(ben, ann)] * 4)
    assert len({one.conversation_id for one in opened}) == 1
    assert [one.new for one in opened].count(True) == 1
    db.session.rollback()
    assert len(db.session.scalars(select(Conversation).where(Conversation.kind == "direct")).all()) == 1
    assert queries.members(opened[0].conversation_id) == sorted([ann, ben])


def test_messages_written_at_once_are_numbered_without_a_gap_and_told_once_each(app, group):
    chat, ann, ben, cy = group
    calls = [lambda who=who, n=n: services.post_in(chat, who.id, f"{n}") for n in range(4) for who in (ann, ben, cy)]
    shown = at_once(app, *calls)
    assert sorted(one["number"] for one in shown) == list(range(2, 14))
    db.session.rollback()
    rows = topics.read_after(db.session(), topics.conversation_topic(chat), 0)
    assert [row.sequence for row in rows] == list(range(1, 14))
    by_number = db.session.execute(
        select(Message.id).where(Message.conversation_id == chat).order_by(Message.number)).scalars().all()
    assert [row.payload["id"] for row in rows] == by_number == sorted(by_number)
    assert db.session.get(Conversation, chat).last_number == 13


def test_unread_is_what_others_wrote_since_one_read_or_wrote(pair):
    chat, ann, ben = pair
    for number in range(3):
        services.post_in(chat, ann.id, f"{number}")
    assert unread(ann, ben) == [0, 3]
    assert services.mark_read(chat, ben.id, 2) == 2
    assert services.mark_read(chat, ben.id, 1) == 2
    assert unread(ann, ben) == [0, 1]
    assert services.mark_read(chat, ben.id, 10**15) == 3
    services.post_in(chat, ben.id, "Yes")
    assert unread(ann, ben) == [1, 0]


def test_no_row_of_a_member_is_written_when_another_writes(group):
    chat, ann, ben, cy = group
    services.mark_read(chat, ben.id)
    before = db.session.execute(select(Member.__table__).where(Member.user_id.in_([ben.id, cy.id]))).all()
    services.post_in(chat, ann.id, "Hello")
    db.session.rollback()
    assert db.session.execute(select(Member.__table__).where(Member.user_id.in_([ben.id, cy.id]))).all() == before


def test_a_stranger_neither_reads_nor_writes(pair, app):
    chat, ann, _ben = pair
    stranger = factories.user()
    said = services.post_in(chat, ann.id, "Hello")["id"]
    for call in (lambda: services.post_in(chat, stranger.id, "Hello"), lambda: services.mark_read(chat, stranger.id),
                 lambda: services.edit(said, stranger.id, "Other"), lambda: services.delete(said, stranger.id),
                 lambda: queries.private_chat(chat, stranger.id), lambda: queries.see(chat, stranger.id)):
        with pytest.raises(NotFound):
            call()


def test_whom_a_person_blocked_may_not_write_to_them_nor_change_what_was_written(pair):
    chat, ann, ben = pair
    said = services.post_in(chat, ann.id, "Hello")["id"]
    factories.person_block(ben.id, ann.id)
    with pytest.raises(NotAllowed, match="Ben does not take messages from you"):
        services.post_in(chat, ann.id, "Hello again")
    with pytest.raises(NotAllowed):
        services.edit(said, ann.id, "Answer me")
    with pytest.raises(NotAllowed, match="You have blocked Ann"):
        services.post_in(chat, ben.id, "No")
    services.delete(said, ann.id)


def test_whom_a_person_blocked_begins_no_chat_with_them_and_adds_them_to_no_group(group):
    chat, ann, *_ = group
    blocker = factories.user(display_name="Dot")
    factories.person_block(blocker.id, ann.id)
    for call in (lambda: services.open_direct(ann.id, blocker.id), lambda: services.add(chat, ann.id, [blocker.id]),
                 lambda: services.open_group(ann.id, "", [blocker.id])):
        with pytest.raises(NotAllowed, match="Dot does not take messages from you"):
            call()


def test_nobody_talks_with_oneself_nor_with_who_is_not_there(app):
    ann = factories.user()
    with pytest.raises(NotAllowed):
        services.open_direct(ann.id, ann.id)
    for nobody in (10**9, factories.user(confirmed_at=None).id, factories.user(blocked_at=ann.created_at).id):
        with pytest.raises(NotFound):
            services.open_direct(ann.id, nobody)


def test_the_administrator_adds_removes_renames_and_hands_over_and_the_chat_says_so(group):
    chat, ann, ben, cy = group
    dot = factories.user(display_name="Dot")
    services.add(chat, ann.id, [dot.id, ben.id])
    services.rename(chat, ann.id, "  Old   clocks ")
    services.remove(chat, ann.id, cy.id)
    services.hand_over(chat, ann.id, ben.id)
    services.leave(chat, ann.id)
    assert texts(chat) == ["Ann began this group.", "Ann added Dot.", "Ann named the group “Old clocks”.",
                           "Ann removed Cy.", "Ann made Ben the administrator.", "Ann left."]
    assert queries.members(chat) == sorted([ben.id, dot.id])
    assert queries.see(chat, ben.id).is_admin and not queries.see(chat, dot.id).is_admin


@pytest.mark.parametrize("change", [
    lambda chat, who, other: services.add(chat, who, [other]), lambda chat, who, other: services.remove(chat, who, other),
    lambda chat, who, other: services.rename(chat, who, "Mine"),
    lambda chat, who, other: services.set_picture(chat, who, None),
    lambda chat, who, other: services.hand_over(chat, who, who)])
def test_only_the_administrator_may_change_a_group_and_for_others_it_is_not_there(group, change):
    chat, _ann, ben, cy = group
    with pytest.raises(NotAllowed):
        change(chat, ben.id, cy.id)
    with pytest.raises(NotFound):
        change(chat, factories.user().id, cy.id)


def test_when_the_administrator_leaves_the_longest_member_takes_over(group):
    chat, ann, ben, cy = group
    services.leave(chat, ann.id)
    assert texts(chat)[-1] == "Ann left. Ben is the administrator now."
    services.leave(chat, ben.id)
    services.leave(chat, cy.id)
    assert texts(chat)[-1] == "Cy left." and queries.members(chat) == []
    with pytest.raises(NotFound):
        services.post_in(chat, cy.id, "Anybody?")


def test_who_was_removed_reads_and_writes_no_more_until_added_again(group):
    chat, ann, ben, _cy = group
    services.remove(chat, ann.id, ben.id)
    assert unread(ben) == [0]
    for call in (lambda: services.post_in(chat, ben.id, "Why?"), lambda: queries.private_chat(chat, ben.id)):
        with pytest.raises(NotFound):
            call()
    services.add(chat, ann.id, [ben.id])
    assert unread(ben) == [1]
    services.post_in(chat, ben.id, "Thank you")


def test_nobody_writes_after_being_removed_however_close(app, group):
    chat, ann, ben, cy = group
    posted = at_once(app, *[lambda: services.post_in(chat, ben.id, "Quick")] * 6,
                     lambda: services.remove(chat, ann.id, ben.id))
    assert posted[-1] is None
    db.session.rollback()
    lines = texts(chat)
    if "Ann removed Ben." in lines:
        assert "Quick" not in lines[lines.index("Ann removed Ben."):]
    assert sum(isinstance(one, NotFound) for one in posted) + sum(isinstance(one, dict) for one in posted) == 6


def test_a_group_has_at_most_a_hundred_members(app):
    ann = factories.user()
    many = [factories.user().id for _ in range(100)]
    with pytest.raises(rules.GroupFull):
        services.open_group(ann.id, "Too many", many)
    chat = services.open_group(ann.id, "", many[:99])
    with pytest.raises(rules.GroupFull):
        services.add(chat, ann.id, many[99:])
    assert len(queries.members(chat)) == 100
    assert len(db.session.get(Conversation, chat).name) <= rules.LONGEST_NAME


def test_quotas_hold_for_chats_begun_and_people_added(make_app):
    app = make_app(RATELIMIT_ENABLED=True)
    with app.app_context():
        ann = factories.user().id
        people = [factories.user().id for _ in range(quotas.spans("chats")[0][1] + 1)]
        for one in people[:-1]:
            services.open_direct(ann, one)
        with pytest.raises(rules.TooManyChats):
            services.open_direct(ann, people[-1])
        with pytest.raises(rules.TooManyChats):
            services.open_group(ann, "More", people[-1:])
        assert services.open_direct(ann, people[0]).new is False
    make_app(RATELIMIT_ENABLED=False)


def test_the_quota_of_chats_begun_holds_for_many_at_once(make_app):
    app = make_app(RATELIMIT_ENABLED=True)
    most = quotas.spans("chats")[0][1]
    with app.app_context():
        ann, people = factories.user().id, [factories.user().id for _ in range(most + 8)]
        for one in people[:most - 4]:
            services.open_direct(ann, one)
        results = at_once(app, *[lambda one=one: services.open_direct(ann, one) for one in people[most - 4:]])
        assert sum(isinstance(one, services.Opened) for one in results) == 4
    make_app(RATELIMIT_ENABLED=False)


def test_the_same_key_begins_one_group_also_twice_at_once(app):
    ann, ben = factories.user().id, factories.user().id
    key = Key(ann, "POST", "/inbox/groups/new", "k", "Clocks")
    ids = at_once(app, *[lambda: services.open_group(ann, "Clocks", [ben], key=key)] * 4)
    assert len(set(ids)) == 1
    db.session.rollback()
    assert len(db.session.scalars(select(Conversation.id).where(Conversation.kind == "group")).all()) == 1


def test_nobody_whom_the_house_has_blocked_becomes_administrator(group):
    chat, ann, ben, cy = group
    factories.block_by_house(ben.id)
    with pytest.raises(NotAllowed):
        services.hand_over(chat, ann.id, ben.id)
    services.leave(chat, ann.id)
    assert [one.id for one in queries.people_of(chat) if one.is_admin] == [cy.id]


def test_a_group_whose_administrator_the_house_blocks_goes_to_the_longest_member(group):
    chat, ann, ben, cy = group
    factories.block_by_house(ben.id)
    blocking.block(factories.actor(), ann.id, "Insulting.", "stay")
    db.session.rollback()
    assert [one.id for one in queries.people_of(chat) if one.is_admin] == [cy.id]
    assert texts(chat)[-1] == "Cy is the administrator now."
    services.hand_on(ann.id)
    assert texts(chat)[-2:] == ["Ann began this group.", "Cy is the administrator now."], "again changes nothing"


def test_who_renames_a_group_without_end_is_slowed_down_but_may_always_leave(make_app):
    app = make_app(RATELIMIT_ENABLED=True)
    with app.app_context():
        ann, ben = factories.user(), factories.user()
        chat = services.open_group(ann.id, "Clocks", [ben.id])
        for number in range(quotas.spans("messages")[0][1] - 1):
            services.rename(chat, ann.id, f"Clocks {number}")
        with pytest.raises(rules.TooManyMessages):
            services.rename(chat, ann.id, "Clocks again")
        services.leave(chat, ann.id)
        assert queries.members(chat) == [ben.id]
    make_app(RATELIMIT_ENABLED=False)


def test_a_message_can_be_edited_and_deleted_for_a_quarter_of_an_hour(pair):
    chat, ann, ben = pair
    said = services.post_in(chat, ann.id, "Helo")["id"]
    assert services.edit(said, ann.id, " Hello ") == chat
    line = queries.lines_by_id([said])[said]
    assert line.text == "Hello" and line.edited_at
    services.delete(said, ann.id)
    line = queries.lines_by_id([said])[said]
    assert line.text == "" and line.deleted_at
    rows = topics.read_after(db.session(), topics.conversation_topic(chat), 0)
    assert [(row.sequence, row.kind, row.payload) for row in rows] == [
        (1, "message", {"id": said}), (2, "edited", {"id": said}), (3, "deleted", {"id": said})]
    with pytest.raises(NotFound):
        services.edit(said, ann.id, "Back")
    old = services.post_in(chat, ann.id, "Old")["id"]
    later = SetClock(database_clock.now(db.session()) + timedelta(minutes=15))
    for call in (lambda: services.edit(old, ann.id, "New", clock=later), lambda: services.delete(old, ann.id, clock=later)):
        with pytest.raises(rules.TooLate):
            call()


def test_what_was_said_in_a_lots_chat_stands(app):
    lot, author = factories.auction().id, factories.user().id
    said = services.post(lot, author, "It works.")["id"]
    with pytest.raises(NotAllowed):
        services.delete(said, author)


def test_everybody_writes_in_the_lobby_and_nobody_counts_it(app):
    lobby = queries.lobby_id()
    ann, ben = factories.user(), factories.user()
    services.post_in(lobby, ann.id, "Good morning")
    assert queries.private_chat(lobby, ben.id).lines[0].text == "Good morning"
    assert unread(ann, ben) == [0, 0]
    with pytest.raises(NotAllowed):
        services.post_in(lobby, factories.user(blocked_at=ann.created_at).id, "Me too")
