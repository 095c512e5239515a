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


LONG = ("tests/browser/", "tests/crash/", "_in_browser.py", "test_run_command.py", "test_live.py", "test_demo.py",
        "test_replay.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no process works alone at the end while the others have nothing left."""
    items.sort(key=lambda item: not any(part in item.nodeid for part in LONG))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium_path() is None:
        terminalreporter.write_line(
            "Browser tests were not run: no Chromium was found (Debian and Ubuntu: apt-get install chromium)."
        )
