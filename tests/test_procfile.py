"""The Procfile as a platform runs it: every line through a shell, in production, with the least settings."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from devtools.processes import end_with_parent
from tests.live import PROJECT, free_port

LINES = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines())


class Platform:
    """Runs the lines of the Procfile with DATABASE_URL, REDIS_URL and SECRET_KEY, and whatever a test adds."""

    def __init__(self, database_url, redis_url, folder):
        self.port = free_port()
        self.log = folder / "platform.log"
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgres://"),
            "REDIS_URL": redis_url,
            "SECRET_KEY": "only for tests, and long enough",
            "PORT": str(self.port),
            "VAR_DIR": str(folder),
            # A platform's web process listens on every address; a test stays on its own machine.
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.port}",
        }
        self.processes = []

    def start(self, name):
        ourselves = os.getpid()
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec env {LINES[name]}"],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: end_with_parent(ourselves),
            )
        self.processes.append(process)
        return process

    def get(self, path, **headers):
        """Status, headers and text of an answer, or None while nothing listens."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()
        except OSError:
            return None

    def wait_until_ready(self):
        deadline = time.monotonic() + 30
        while (self.get("/readyz") or (0,))[0] != 200:
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)


@pytest.fixture
def platform(database, redis_server, tmp_path):
    platform = Platform(database.url, redis_server.url, tmp_path)
    yield platform
    platform.stop()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_lines_of_the_procfile_serve_in_production_and_say_what_is_not_set_up(platform):
    assert platform.start("release").wait(30) == 0, platform.log.read_text()
    for name in ("web", "worker", "scheduler"):
        platform.start(name)
    platform.wait_until_ready()

    body = json.loads(platform.get("/readyz")[2])
    missing = " ".join(body["not_set_up"])
    log = platform.log.read_text()
    for name in ("PUBLIC_URL", "MAIL_URL", "GATEWAY"):
        assert name in missing
        assert name in log

    for path in ("/help", "/auctions", "/account/login?next=/dashboard/wallet", "/nowhere"):
        answer = platform.get(path, Host="evil.example")
        assert answer is not None
        assert answer[0] < 500
        assert "evil.example" not in str(answer[1]) + answer[2]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_production_serves_only_the_host_of_its_public_url(platform):
    platform.environment["PUBLIC_URL"] = "https://gavel.example"
    platform.start("web")
    deadline = time.monotonic() + 20
    while platform.get("/healthz") is None:
        assert time.monotonic() < deadline, platform.log.read_text()
        time.sleep(0.1)
    assert platform.get("/help", Host="gavel.example")[0] == 200
    status, headers, text = platform.get("/help", Host="evil.example")
    assert status == 400
    assert "evil.example" not in str(headers) + text


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_production_does_not_start_without_a_secret_key(platform):
    del platform.environment["SECRET_KEY"]
    assert platform.start("release").wait(30) != 0
    assert "SECRET_KEY" in platform.log.read_text()
