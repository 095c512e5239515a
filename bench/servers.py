"""The servers that a measurement needs: PostgreSQL and Redis of its own, web processes as in production."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.postgres_server import PostgresServer
from devtools.processes import end_with_parent
from tests.services import RedisServer

ROOT = Path(__file__).resolve().parent.parent
WEB_PROCESSES = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """A server with PostgreSQL's own defaults: every commit reaches the disk."""
    server = PostgresServer(settings=())
    try:
        yield server
    finally:
        server.stop()


def tool(server: PostgresServer, name: str, *arguments: str) -> str:
    """Run one of PostgreSQL's own programs against the server; return what it printed."""
    command = [str(server.binaries / name), "-h", str(server.folder), "-U", "postgres", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    try:
        yield server
    finally:
        server.remove()


class Web:
    """The site under gunicorn with gevent, two processes, limits off."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]):
        self.port = port
        self.process = process

    def pids(self) -> list[int]:
        """The web processes themselves."""
        return children(self.process.pid)

    def cpu_seconds(self) -> float:
        """Processor time that the web processes have used."""
        return sum(cpu_seconds(pid) for pid in self.pids())

    def memory_bytes(self) -> int:
        """Memory that the web processes have of their own (what they share is counted once in neither)."""
        return sum(_private_bytes(pid) for pid in self.pids())


@contextmanager
def web(environment: dict[str, str], app: str = "wsgi:app") -> Iterator[Web]:
    """Start the site with these settings and wait until it answers."""
    port, ourselves = free_port(), os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", app], cwd=ROOT,
        env=os.environ | {"PORT": str(port), "WEB_CONCURRENCY": str(WEB_PROCESSES), "RATELIMIT_ENABLED": "0"} | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE if not os.environ.get("BENCH_LOG") else None,
        preexec_fn=lambda: end_with_parent(ourselves))
    try:
        _wait_until_it_answers(port, process)
        yield Web(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stderr.read().decode()[-2000:] if process.stderr else ""
            raise RuntimeError(f"the web processes ended: {said}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web processes did not answer within 30 s")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _private_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))
