"""Friendship, following and blocking: who sees what, and what two do at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from auctionapp import events, quotas
from auctionapp.clock import SetClock
from auctionapp.errors import NotFound
from auctionapp.events import FriendAccepted, FriendRequested
from auctionapp.extensions import db, limiter
from auctionapp.people import queries, rules, services
from auctionapp.people.models import Follow, Friendship, PersonBlock
from tests import factories
from tests.at_once import at_once

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def told(app, monkeypatch):
    """Every event of friendship that was told."""
    heard = []
    for kind in (FriendRequested, FriendAccepted):
        monkeypatch.setitem(events._handlers, kind, [heard.append])
    return heard


@pytest.fixture
def anna(app):
    return factories.user(display_name="Anna").id


@pytest.fixture
def ben(app):
    return factories.user(display_name="Ben").id


def seen(viewer_id, other_id, now=NOW):
    db.session.rollback()
    return queries.standings(db.session, viewer_id, [other_id], now)[other_id].friendship


def listed(name, person_id, now=NOW):
    db.session.rollback()
    total = queries.counts(db.session, person_id, now)[name]
    people = queries.people(db.session, name, person_id, now, 1, total)
    assert len(people.rows) == total
    return [row.id for row in people.rows]


def at(**later):
    return SetClock(NOW + timedelta(**later))


def test_a_request_that_is_accepted_makes_friends_of_both(anna, ben, told):
    assert services.request(anna, ben, at()) == "asked"
    assert (seen(anna, ben), seen(ben, anna)) == ("asked", "asks")
    assert listed("sent", anna) == [ben] and listed("received", ben) == [anna]
    services.accept(ben, anna, at())
    assert (seen(anna, ben), seen(ben, anna)) == ("friends", "friends")
    assert listed("friends", anna) == [ben] and listed("friends", ben) == [anna]
    assert listed("sent", anna) == [] and listed("received", ben) == []
    assert told == [FriendRequested(anna, ben), FriendAccepted(by_id=ben, to_id=anna)]


def test_everything_twice_is_once(anna, ben, told):
    for _ in range(2):
        assert services.request(anna, ben, at()) == "asked"
    for _ in range(2):
        services.accept(ben, anna, at())
    assert services.request(anna, ben, at()) == "friends"
    assert len(told) == 2
    for _ in range(2):
        services.remove(anna, ben)
        services.withdraw(anna, ben)
        services.decline(ben, anna)
    assert seen(anna, ben) == "none"


def test_asking_back_is_accepting(anna, ben, told):
    services.request(anna, ben, at())
    assert services.request(ben, anna, at()) == "friends"
    assert told[-1] == FriendAccepted(by_id=ben, to_id=anna)


def test_two_who_ask_each_other_at_once_are_friends(app, anna, ben):
    for _ in range(5):
        results = at_once(app, lambda: services.request(anna, ben), lambda: services.request(ben, anna))
        assert sorted(results) == ["asked", "friends"]
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Friendship)) == 1
        services.remove(anna, ben)
        assert seen(anna, ben) == "none"


def test_accepting_races_withdrawing_and_blocking_without_an_error_of_ours(app, anna, ben):
    for _ in range(5):
        services.request(anna, ben)
        results = at_once(app, lambda: services.accept(ben, anna), lambda: services.withdraw(anna, ben),
                          lambda: services.block(ben, anna))
        assert all(one is None or isinstance(one, (rules.RequestGone, rules.Blocking)) for one in results), results
        assert seen(ben, anna) == "none", "the block ends whatever came before it"
        services.unblock(ben, anna)
        services.request(ben, anna)
        services.remove(ben, anna)
        services.withdraw(ben, anna)


def test_a_declined_request_looks_unanswered_and_reaches_nobody_for_thirty_days(anna, ben, told):
    services.request(anna, ben, at())
    services.decline(ben, anna, at(hours=1))
    assert (seen(anna, ben), seen(ben, anna)) == ("asked", "none")
    assert listed("sent", anna) == [ben] and listed("received", ben) == []
    services.withdraw(anna, ben, at(hours=2))
    assert seen(anna, ben) == "none"
    services.request(anna, ben, at(days=20))
    assert seen(anna, ben, NOW + timedelta(days=20)) == "asked"
    assert listed("received", ben, NOW + timedelta(days=20)) == []
    assert told == [FriendRequested(anna, ben)]
    later = NOW + timedelta(days=31)
    assert seen(anna, ben, later) == "none" and listed("sent", anna, later) == []
    services.request(anna, ben, SetClock(later))
    assert listed("received", ben, later) == [anna]
    assert told == [FriendRequested(anna, ben)] * 2


def test_who_declined_may_still_say_yes(anna, ben):
    services.request(anna, ben, at())
    services.decline(ben, anna, at())
    services.accept(ben, anna, at(days=1))
    assert seen(anna, ben) == "friends"


def test_a_withdrawn_request_cannot_be_accepted_and_sent_again_does_not_knock_again(anna, ben, told):
    for hour in range(3):
        services.request(anna, ben, at(hours=hour))
        services.withdraw(anna, ben, at(hours=hour))
        assert listed("received", ben) == []
    with pytest.raises(rules.RequestGone):
        services.accept(ben, anna, at(hours=4))
    assert told == [FriendRequested(anna, ben)]
    services.request(anna, ben, at(days=3))
    assert len(told) == 2


def test_blocking_ends_friendship_and_following_both_ways(anna, ben):
    services.request(anna, ben, at())
    services.accept(ben, anna, at())
    services.follow(anna, ben)
    services.follow(ben, anna)
    for _ in range(2):
        services.block(ben, anna, at())
    assert (seen(anna, ben), seen(ben, anna)) == ("none", "none")
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Follow)) == 0
    assert listed("blocked", ben) == [anna] and listed("blocked", anna) == []
    services.unblock(ben, anna)
    assert seen(ben, anna) == "none"
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(PersonBlock)) == 0


def test_a_blocked_persons_request_looks_sent_and_reaches_nobody(anna, ben, told):
    services.block(ben, anna, at())
    assert services.request(anna, ben, at()) == "asked"
    assert seen(anna, ben) == "asked" and listed("sent", anna) == [ben]
    assert seen(ben, anna) == "none" and listed("received", ben) == []
    assert told == []
    services.unblock(ben, anna)
    assert listed("received", ben) == [], "it stays away after the block, too"
    with pytest.raises(rules.CannotFollow):
        services.block(ben, anna, at())
        services.follow(anna, ben)


def test_an_open_request_looks_the_same_after_a_block(anna, ben):
    services.request(anna, ben, at())
    services.block(ben, anna, at())
    assert seen(anna, ben) == "asked"
    services.request(ben, factories.user().id, at())
    with pytest.raises(rules.Blocking):
        services.accept(ben, anna, at())


def test_who_blocks_must_unblock_first(anna, ben):
    services.block(anna, ben, at())
    for refused in (services.request, services.follow):
        with pytest.raises(rules.Blocking):
            refused(anna, ben)


def test_blocking_and_unblocking_does_not_tell_of_a_request_again(anna, ben, told):
    for minute in range(3):
        services.request(anna, ben, at(minutes=minute))
        services.block(anna, ben, at(minutes=minute))
        services.unblock(anna, ben)
    assert told == [FriendRequested(anna, ben)]


@pytest.mark.parametrize("missing", [{"confirmed_at": None}, {"blocked_at": NOW}])
def test_nobody_befriends_follows_or_blocks_who_is_not_a_person_of_the_house(anna, missing):
    other = factories.user(**missing).id
    for act in (services.request, services.accept, services.follow, services.block):
        with pytest.raises(NotFound):
            act(anna, other)
        with pytest.raises(NotFound):
            act(anna, 10**17)
        with pytest.raises(rules.WithOneself):
            act(anna, anna)


def test_people_whom_the_house_blocked_stand_in_no_list(anna, ben):
    services.request(anna, ben, at())
    services.accept(ben, anna, at())
    factories.db.session.execute(factories.db.text("UPDATE users SET blocked_at = created_at WHERE id = :id"), {"id": ben})
    db.session.commit()
    assert listed("friends", anna) == []


def test_requests_are_counted_by_the_day(anna):
    limiter.enabled = True
    others = [factories.user().id for _ in range(quotas.most("friend_requests") + 1)]
    for other in others[:-1]:
        services.request(anna, other, at())
        services.withdraw(anna, other, at())
    with pytest.raises(rules.TooManyRequests):
        services.request(anna, others[-1], at())
    assert services.request(anna, others[-1], at(days=1, minutes=1)) == "asked"


def test_open_requests_are_bounded(anna, monkeypatch):
    limiter.enabled = True
    monkeypatch.setattr(quotas, "most", {"open_requests": 3, "friend_requests": 30}.get)
    others = [factories.user().id for _ in range(4)]
    for other in others[:3]:
        services.request(anna, other, at())
    services.decline(others[0], anna, at())
    with pytest.raises(rules.TooManyOpenRequests):
        services.request(anna, others[3], at())
    services.withdraw(anna, others[1], at())
    assert services.request(anna, others[3], at()) == "asked"


def test_strangers_leave_out_whoever_stands_in_some_way_already(anna, ben):
    friend, asked, blocked, blocker, withdrawn = (factories.user().id for _ in range(5))
    services.request(anna, friend, at())
    services.accept(friend, anna, at())
    services.request(anna, asked, at())
    services.block(anna, blocked)
    services.block(blocker, anna)
    services.request(anna, withdrawn, at())
    services.withdraw(anna, withdrawn, at())
    gone = factories.user(blocked_at=NOW).id
    among = [withdrawn, friend, asked, blocked, blocker, anna, gone, ben]
    db.session.rollback()
    assert [row.id for row in queries.strangers(db.session, anna, among, NOW)] == [withdrawn, ben]


@pytest.mark.parametrize(("name", "drawn"), [
    ("Mira Halvorsen", "MH"), ("ada", "A"), ("Anna van der Berg", "AB"), ("“Q” the Great", "QG"), ("ß", "S"), ("李 小龍", "李小"),
    ("… 7", "7"),
])
def test_initials_of_any_name(name, drawn):
    assert rules.initials(name) == drawn
