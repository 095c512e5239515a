"""`flask users create`, for operators and scripts."""

import pytest
from sqlalchemy import select

from auctionapp.accounts.models import User
from auctionapp.extensions import db
from tests.accounts.conftest import PASSWORD


def create(app, *options):
    return app.test_cli_runner().invoke(args=["users", "create", *options])


def test_a_person_is_made_and_signs_in_at_once(app, client, sign_in):
    made = create(app, "--email", "Anna@Example.org", "--password", PASSWORD, "--name", "Anna", "--role", "admin")
    assert made.exit_code == 0, made.output
    anna = db.session.scalar(select(User))
    assert (anna.email, anna.display_name, anna.role) == ("anna@example.org", "Anna", "admin")
    assert sign_in().status_code == 303


def test_without_name_and_role_it_is_a_user_named_after_the_address(app):
    assert create(app, "--email", "bert@example.org", "--password", PASSWORD).exit_code == 0
    bert = db.session.scalar(select(User))
    assert (bert.display_name, bert.role) == ("bert", "user")


def test_an_existing_address_is_refused_and_nothing_changes(app):
    create(app, "--email", "anna@example.org", "--password", PASSWORD, "--name", "Anna")
    before = db.session.scalar(select(User.password_hash))
    again = create(app, "--email", "ANNA@example.org", "--password", "other words here", "--role", "admin")
    assert again.exit_code != 0
    assert "already" in again.output
    db.session.rollback()
    anna = db.session.scalars(select(User)).one()
    assert (anna.password_hash, anna.role) == (before, "user")


@pytest.mark.parametrize("options", [
    ["--email", "nobody", "--password", PASSWORD],
    ["--email", "anna@example.org", "--password", "short"],
    ["--email", "anna@example.org", "--password", PASSWORD, "--role", "king"],
    ["--email", "anna@example.org", "--password", PASSWORD, "--name", "\0\0"],
    ["--email", "anna@example.org"],
])
def test_what_cannot_be_made_is_refused_in_words(app, options):
    refused = create(app, *options)
    assert refused.exit_code != 0
    assert "Error" in refused.output
    assert "Traceback" not in refused.output
    assert db.session.scalar(select(User)) is None


def test_it_works_with_redis_away(make_app, tmp_path):
    other = make_app(REDIS_URL=f"unix://{tmp_path}/none.sock")
    assert create(other, "--email", "anna@example.org", "--password", PASSWORD).exit_code == 0
