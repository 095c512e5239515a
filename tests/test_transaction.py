"""A use case runs whole or not at all, and again when its connection is lost."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.extensions import db
from tests import factories

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def end_connection(session):
    """As a restart of the server does it, or its limit for those who stand still in a transaction."""
    own = session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({own})"))


def test_a_connection_lost_before_the_commit_is_replaced_and_the_work_done_once(app):
    person = factories.user().id
    tries = []

    def work(session):
        tries.append(session.execute(text("UPDATE users SET display_name = display_name || '+' WHERE id = :id"),
                                     {"id": person}))
        if len(tries) == 1:
            end_connection(session)
        return session.scalar(select(User.display_name).where(User.id == person))

    assert transaction.write(work).count("+") == 1
    assert len(tries) == 2


def test_a_connection_lost_in_the_commit_is_not_tried_again_since_nobody_knows(app):
    person = factories.user().id
    tries = []

    def work(session):
        tries.append(session.execute(text("UPDATE users SET display_name = 'once' WHERE id = :id"), {"id": person}))
        end_connection(session)

    with pytest.raises(DBAPIError):
        transaction.write(work)
    assert len(tries) == 1
    assert db.session.scalar(select(func.count()).select_from(User).where(User.display_name == "once")) == 0
