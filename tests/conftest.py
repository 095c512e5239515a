"""Fixtures for all tests; the real services behind them are in services.py and live.py."""

from __future__ import annotations

import pytest

from tests.live import chromium, chromium_path, site, start_site
from tests.services import app, client, database, house_of, make_app, redis_server

__all__ = [
    "app",
    "chromium",
    "client",
    "database",
    "house_of",
    "make_app",
    "redis_server",
    "site",
    "start_site",
]


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The name of this test process, also without pytest-xdist."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium_path() is None:
        terminalreporter.write_line(
            "Browser tests were not run: no Chromium was found (Debian and Ubuntu: apt-get install chromium)."
        )
