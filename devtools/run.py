"""`make run`: Redis, database, demo data, web, background jobs and timed jobs, from one command until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

import config
from devtools.processes import Child, Log, end, end_with_parent
from devtools.redis_server import (
    SOCKET_NAME,
    SetupProblem,
    answers,
    find_redis_server,
    private_folder,
    redis_command,
)

PROJECT = Path(__file__).resolve().parent.parent
# Relative, so that the project's own path stands in no command line.
PYTHON = ".venv/bin/python"
DEFAULT_PORT = 8000


class Stopped(Exception):
    """The person asked to stop while things were still being prepared."""


class Runner:
    """The processes of one `make run`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.log = Log()
        self.stops = 0
        self.redis: Child | None = None
        self.services: list[Child] = []
        self.environment = os.environ | {
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            "TZ": "UTC",
            # The supervisor's log has its own times and names.
            "GAVEL_PLAIN_LOG": "1",
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def run(self) -> int:
        """Prepare, start, watch and end everything; returns the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        if "MAKELEVEL" in os.environ:
            end_with_parent(os.getppid())
        try:
            require_free_port(self.port)
            if not os.environ.get("REDIS_URL"):
                self.start_redis()
            if not self.once("database", [PYTHON, "-m", "flask", "db", "upgrade"]):
                raise SetupProblem("The database could not be migrated; the reason stands above.")
            # Before the first page is served: /healthz answers only once the demo data is in.
            if not self.once("demo", [PYTHON, "-m", "flask", "demo", "--if-empty"]):
                self.log.line("run", "The demo data could not be loaded; the house opens without it.")
            self.start_services()
            self.announce()
            while not self.stops and not self.log.broken:
                self.look_after()
                time.sleep(0.1)
        except Stopped:
            pass
        except SetupProblem as problem:
            print(problem, file=sys.stderr)
            return 1
        finally:
            self.end()
        return 0

    def look_after(self) -> None:
        for child in [self.redis, *self.services]:
            if child is not None:
                child.look_after(self.log)

    def start_redis(self) -> None:
        """Start this folder's own Redis and wait until it answers."""
        folder = private_folder(config.VAR / "redis")
        socket_path = config.redis_socket()
        private_folder(socket_path.parent)
        if not became_silent(socket_path, within_seconds=3):
            raise SetupProblem(
                "Gavel is already running in this folder (its Redis answers); stop it first, or give this one a"
                " REDIS_URL of its own."
            )
        binary = Path(find_redis_server())
        if binary.is_relative_to(PROJECT):
            binary = Path(os.path.relpath(binary, folder))
        # Relative where it can be: the path is limited, and stands in the title of the process.
        listen_at = SOCKET_NAME if socket_path.parent == folder else str(socket_path)
        self.redis = Child("redis", redis_command(str(binary), listen_at), folder, self.environment)
        deadline = time.monotonic() + 20
        while not answers(socket_path):
            self.look_after()
            self.pause()
            if time.monotonic() > deadline:
                raise SetupProblem(f"Redis did not start; its log is {folder / 'redis.log'}.")

    def once(self, name: str, command: list[str]) -> bool:
        """Run one command to its end, with its output in the log; says whether it succeeded."""
        child = Child(name, command, PROJECT, self.environment)
        child.look_after(self.log)
        while child.is_running():
            try:
                self.pause()
            except Stopped:
                end([child], within_seconds=1)
                raise
            if self.redis is not None:
                self.redis.look_after(self.log)
        assert child.process is not None
        if child.output is not None:
            child.output.join(timeout=1)
        return child.process.returncode == 0

    def pause(self) -> None:
        if self.stops:
            raise Stopped
        time.sleep(0.05)

    def start_services(self) -> None:
        web = [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py", "-b", f"127.0.0.1:{self.port}", "wsgi:app"]
        commands = {
            "web": web,
            "worker": [PYTHON, "-m", "auctionapp.worker"],
            "scheduler": [PYTHON, "-m", "auctionapp.scheduler"],
        }
        self.services = [
            Child(name, command, PROJECT, self.environment) for name, command in commands.items()
        ]

    def announce(self) -> None:
        """Wait for the first page, then print where it is and who can sign in."""
        deadline = time.monotonic() + 60
        while not serves(self.address) and time.monotonic() < deadline:
            self.look_after()
            self.pause()
        self.log.line("run", f"Gavel is open at {self.address}  (Ctrl-C stops everything)")
        accounts = config.VAR / "demo-accounts.txt"
        if accounts.exists():
            for text in accounts.read_text(encoding="utf-8").splitlines():
                self.log.line("run", text)

    def end(self) -> None:
        """Services first, Redis last, all within five seconds; a second Ctrl-C does not wait."""
        asked = self.stops
        if self.services or self.redis:
            self.log.line("run", "stopping")
        end(self.services, within_seconds=3.5, hurry=lambda: self.stops > max(asked, 1))
        if self.redis is not None:
            end([self.redis], within_seconds=1, hurry=lambda: self.stops > max(asked, 1))


def require_free_port(port: int) -> None:
    """Raises SetupProblem when something else listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = (error.strerror or "refused").lower()
            raise SetupProblem(
                f"Port {port} cannot be used ({reason}); choose another: make run PORT={port + 1}"
            ) from None


def became_silent(socket_path: Path, within_seconds: float) -> bool:
    """Whether no Redis answers here, or one that was just ending has ended."""
    deadline = time.monotonic() + within_seconds
    while answers(socket_path):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def serves(address: str) -> bool:
    """Whether the site answers at all."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=1):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def main() -> int:
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 0 < int(text) < 65536:
        print(f"PORT must be a number from 1 to 65535, not {text}.", file=sys.stderr)
        return 1
    return Runner(int(text)).run()


if __name__ == "__main__":
    sys.exit(main())
