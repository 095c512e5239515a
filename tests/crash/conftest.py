"""Houses to be shaken, and people with money in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask

from auctionapp.accounts.identity import token_hash
from auctionapp.accounts.models import ApiToken
from auctionapp.extensions import db
from tests import factories
from tests.crash.house import House
from tests.crash.program import Program
from tests.live import Site
from tests.services import Database, RedisServer
from tests.supervised import copy_project

RICH_CENTS = 10**9
_numbers = count(1)


def new_token(person_id: int) -> str:
    """A token of this person for the API."""
    token = f"gavel_crash_{next(_numbers)}"
    now = datetime.now(UTC)
    db.session.add(ApiToken(user_id=person_id, token_hash=token_hash(token), created_at=now,
                            expires_at=now + timedelta(days=1)))
    db.session.commit()
    return token


@pytest.fixture
def parts(database: Database, redis_server: RedisServer, tmp_path: Path) -> Iterator[Site]:
    """A site on this test's clean database of which nothing runs yet: parts.start("web")."""
    site = Site(database.url, redis_server.url, tmp_path, WEB_CONCURRENCY="1")
    yield site
    site.stop_all()


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("crash"))


@pytest.fixture
def open_house(app: Flask, database: Database, project: Path, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Start a house on this test's clean database: open_house(RATELIMIT_ENABLED="1")."""
    houses: list[House] = []

    def start(**environment: str) -> House:
        # Somebody lives here already, so that no demo data is loaded.
        factories.user()
        house = House(project, tmp_path / "var", DATABASE_URL=database.url, **environment)
        houses.append(house)
        house.wait_until_open()
        return house

    yield start
    for house in houses:
        house.run.kill()
        house.run.wait_until(lambda house=house: house.run.processes() == [], 10)


@dataclass(frozen=True)
class Crowd:
    """A seller and some bidders, each with a program that has the person's token; bidders by their ids."""

    seller: Program
    bidders: dict[int, Program]


@pytest.fixture
def crowd_of(app: Flask) -> Callable[[House, int], Crowd]:
    """crowd_of(house, 4): a seller and four bidders with more money than they can spend."""

    def make(house: House, bidders: int) -> Crowd:
        ids = [factories.bidder(RICH_CENTS) for _ in range(bidders)]
        return Crowd(house.program(new_token(factories.seller().id)),
                     {person_id: house.program(new_token(person_id)) for person_id in ids})

    return make
