"""A program that talks to the API as a person."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from auctionapp.accounts.identity import token_hash
from auctionapp.accounts.models import ApiToken, User
from auctionapp.extensions import db
from auctionapp.wallet import services as wallet
from tests import factories
from tests.at_once import at_once

_numbers = count(1)


class Program:
    """Sends JSON with a person's token; without a person, without a token."""

    def __init__(self, client, person: User | None = None):
        self.client = client
        self.headers = {}
        if person is not None:
            self.id, self.name = person.id, person.display_name
            self.token = f"gavel_test_{next(_numbers)}"
            now = datetime.now(UTC)
            db.session.add(ApiToken(user_id=person.id, token_hash=token_hash(self.token), created_at=now,
                                    expires_at=now + timedelta(days=1)))
            db.session.commit()
            self.headers = {"Authorization": f"Bearer {self.token}"}

    def get(self, path, **given):
        return self.send("GET", path, **given)

    def post(self, path, body=None, **given):
        return self.send("POST", path, json=body, **given)

    def patch(self, path, body=None, **given):
        return self.send("PATCH", path, json=body, **given)

    def delete(self, path, **given):
        return self.send("DELETE", path, **given)

    def send(self, method, path, headers=None, **given):
        return self.client.open(f"/api/v1{path}", method=method, headers=self.headers | (headers or {}), **given)


def posts_at_once(app, program, number, path, body, headers):
    """The same request from so many threads at the same moment; its answers."""
    def send():
        twin = Program(app.test_client())
        twin.headers = dict(program.headers)
        return twin.post(path, body, headers=headers)

    return at_once(app, *[send] * number)


@pytest.fixture
def guest(client):
    return Program(client)


@pytest.fixture
def program_of(app, client):
    """A program of a person; money in cents is in the wallet."""
    def make(person: User | None = None, money_cents: int = 0) -> Program:
        person = person or factories.user()
        if money_cents:
            wallet.deposit_by_operator(person.id, money_cents)
        return Program(client, db.session.merge(person))

    return make


@pytest.fixture
def bidder(program_of):
    return program_of(money_cents=100_000)


@pytest.fixture
def seller(program_of):
    return program_of(factories.seller())


@pytest.fixture
def lot(seller):
    """Id of an auction that is live: from 10.00, in steps of 1.00."""
    auction = factories.auction(seller.id, bid_step_cents=100)
    return auction.id


def refused(response, status, slug):
    """Check that an answer is this problem, and return its members."""
    problem = response.get_json(force=True)
    assert response.status_code == status, problem
    assert response.content_type == "application/problem+json"
    assert problem["type"].endswith(slug), problem
    assert problem["type"].rpartition("/")[2] == slug
    assert problem["status"] == status
    assert problem["title"] and problem["detail"]
    return problem
