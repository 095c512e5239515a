"""Fixtures for all tests; the real services behind them are in services.py."""

from __future__ import annotations

import pytest

from tests.services import app, client, database, house_of, make_app, redis_server

__all__ = ["app", "client", "database", "house_of", "make_app", "redis_server"]


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The name of this test process, also without pytest-xdist."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")
