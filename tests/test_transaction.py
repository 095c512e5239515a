"""A use case runs whole or not at all, and again when its connection is lost."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from auctionapp import bulk, transaction
from auctionapp.accounts.models import User
from auctionapp.extensions import db
from tests import factories

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def backend_of(session):
    return session.scalar(text("SELECT pg_backend_pid()"))


def end(backend):
    """As a restart of the server does it, or its limit for those who stand still in a transaction."""
    with db.engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({backend})"))


def named_once():
    return db.session.scalar(select(func.count()).select_from(User).where(User.display_name == "once"))


def test_a_connection_lost_before_the_commit_is_replaced_and_the_work_done_once(app):
    person = factories.user().id
    tries = []

    def work(session):
        tries.append(session.execute(text("UPDATE users SET display_name = display_name || '+' WHERE id = :id"),
                                     {"id": person}))
        if len(tries) == 1:
            end(backend_of(session))
        return session.scalar(select(User.display_name).where(User.id == person))

    assert transaction.write(work).count("+") == 1
    assert len(tries) == 2


def test_a_connection_lost_in_the_commit_is_not_tried_again_since_nobody_knows(app):
    person = factories.user().id
    tries = []

    def work(session):
        tries.append(session.execute(text("UPDATE users SET display_name = 'once' WHERE id = :id"), {"id": person}))
        end(backend_of(session))

    with pytest.raises(DBAPIError):
        transaction.write(work)
    assert len(tries) == 1
    assert named_once() == 0


def test_what_postgresql_says_of_statements_that_it_need_not_answer_is_raised_like_any_other_failure(app):
    person = factories.bidder(1000)

    def work(session):
        with bulk.unanswered(session.connection()):
            session.connection().execute(text("UPDATE accounts SET balance_cents = -1 WHERE owner_id = :id"), {"id": person})

    with pytest.raises(IntegrityError, match="balance_not_negative"):
        transaction.write(work)


def test_a_deadlock_among_statements_that_are_not_answered_is_tried_again(app):
    tries = []

    def work(session):
        tries.append(1)
        with bulk.unanswered(session.connection()):
            if len(tries) == 1:
                session.connection().execute(text("DO $$ BEGIN RAISE 'caught' USING ERRCODE = 'deadlock_detected'; END $$"))

    transaction.write(work)
    assert len(tries) == 2


def test_a_connection_lost_with_the_last_statements_and_the_commit_is_not_tried_again(app):
    person = factories.user().id
    tries = []

    def work(session):
        tries.append(1)
        backend = backend_of(session)
        with transaction.last_statements(session) as connection:
            connection.execute(text("UPDATE users SET display_name = 'once' WHERE id = :id"), {"id": person})
            end(backend)

    with pytest.raises(DBAPIError):
        transaction.write(work)
    assert len(tries) == 1
    assert named_once() == 0


def test_last_statements_are_there_when_they_are_through_and_all_gone_when_one_fails(app):
    person = factories.user().id

    def renaming(then):
        def work(session):
            with transaction.last_statements(session) as connection:
                connection.execute(text("UPDATE users SET display_name = 'once' WHERE id = :id"), {"id": person})
                connection.execute(text(then))
        return work

    with pytest.raises(DBAPIError):
        transaction.write(renaming("SELECT 1 / 0"))
    assert named_once() == 0
    transaction.write(renaming("SELECT 1"))
    assert named_once() == 1
