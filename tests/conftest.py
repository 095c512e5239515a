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
    """Long tests, which wait a good deal, are spread among the short ones, and the last of them begins well before the
    end: so both cores have work all the time, and no process works alone at last."""
    long, short = ([item for item in items if any(part in item.nodeid for part in LONG) is wanted] for wanted in (True, False))
    every = len(short) * 9 // 10 // max(1, len(long))
    items[:] = [one for number, item in enumerate(long) for one in (item, *short[number * every:(number + 1) * every])]
    items += short[len(long) * every:]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if chromium_path() is None:
        terminalreporter.write_line(
            "Browser tests were not run: no Chromium was found (Debian and Ubuntu: apt-get install chromium)."
        )
