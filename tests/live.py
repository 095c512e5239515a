"""The whole site with real processes on a port of its own, and a real browser to look at it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from devtools.chromium import ARGUMENTS, chromium_path
from devtools.processes import end_with_parent, signal_group
from tests.services import Database, RedisServer

PROJECT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """Web (two processes), worker and scheduler as `make run` starts them, each of which a test may kill and start."""

    def __init__(self, database_url: str, redis_url: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.outbox = folder / "outbox"
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        self.environment = kept | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "SECRET_KEY": "only for tests, and long enough",
            "SANDBOX_AUTO_APPROVE": "1",
            "RATELIMIT_ENABLED": "0",
            "TZ": "UTC",
        }
        self.environment |= settings
        self.commands = {
            "web": [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"],
            "worker": [sys.executable, "-m", "auctionapp.worker"],
            "scheduler": [sys.executable, "-m", "auctionapp.scheduler"],
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one of web, worker and scheduler; its output goes to a file in the folder."""
        ourselves = os.getpid()
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                self.commands[name],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=lambda: end_with_parent(ourselves),
            )

    def kill(self, name: str) -> None:
        """End one of them, and whatever it started, as a crash would."""
        process = self.processes[name]
        signal_group(process.pid, signal.SIGKILL)
        process.wait()

    def ready(self) -> bool:
        """Whatever was started is well, as the site itself says."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=1) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as not_ready:
            said = json.load(not_ready)
        except OSError:
            return False
        return all(said["parts"][part] for part in {"database", "redis", *self.processes} - {"web"})

    def open(self, *parts: str) -> None:
        """Start these, web among them, and wait until the site is ready."""
        for name in parts:
            self.start(name)
        deadline = time.monotonic() + 30
        while not self.ready():
            assert time.monotonic() < deadline, f"the site did not start\n{self.log()}"
            time.sleep(0.05)

    def web_processes(self) -> list[psutil.Process]:
        """Both, as soon as both are there."""
        first = psutil.Process(self.processes["web"].pid)
        while len(both := first.children()) < 2:
            time.sleep(0.01)
        return both

    def connections_of(self, process: psutil.Process) -> int:
        """How many connections of visitors a web process has."""
        return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == self.port
                   for one in process.net_connections("tcp"))

    @contextmanager
    def standing_still(self, process: psutil.Process) -> Iterator[None]:
        process.suspend()
        try:
            yield
        finally:
            process.resume()

    def stop_all(self) -> None:
        for process in self.processes.values():
            process.terminate()
        deadline = time.monotonic() + 5
        for name, process in self.processes.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.kill(name)

    def log(self) -> str:
        """The last lines of every process, for a failing test."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {file.name}\n{file.read_text()[-2000:]}" for file in files)

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a flask command against this site's database: site.flask("ledger", "check")."""
        command = [sys.executable, "-m", "flask", *arguments]
        return subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True, text=True)


@pytest.fixture
def start_site(
    database: Database, redis_server: RedisServer, tmp_path: Path
) -> Iterator[Callable[..., Site]]:
    """Start a site on this test's clean database: its web processes, and what else the test needs, since each start
    costs seconds of processor time: start_site("worker", "scheduler", WEB_CONCURRENCY="1")."""
    sites: list[Site] = []
    redis_server.client.flushall()

    def start(*others: str, **settings: str) -> Site:
        site = Site(database.url, redis_server.url, tmp_path, **settings)
        sites.append(site)
        site.open("web", *others)
        return site

    yield start
    for site in sites:
        site.stop_all()


@pytest.fixture
def site(start_site: Callable[..., Site]) -> Site:
    return start_site()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running Chromium (playwright's Browser): `chromium.new_context(base_url=site.url)` is one person's window.

    Where none is installed the test is skipped and the summary says so; under CI that is an error.
    """
    path = chromium_path()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("The browser tests need a Chromium, and none was found.")
        pytest.skip("No Chromium was found, so this test of a real browser was not run.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
