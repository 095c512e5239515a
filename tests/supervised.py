"""`make run`'s supervisor with its real processes, in a copy of the project so that nobody's own data is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", ".*_cache", "__pycache__", "docs", "bench")


def copy_project(folder: Path) -> Path:
    """A copy of the project inside this folder, with the virtual environment that runs the tests."""
    copy = folder / "gavel"
    shutil.copytree(PROJECT, copy, ignore=NOT_COPIED, symlinks=True)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


class Run:
    """One supervisor in a session of its own, as a terminal gives it one."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.folder = folder
        self.port = port
        self.log = folder / f"run-{port}.log"
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment = kept | {"PORT": str(port), "WEB_CONCURRENCY": "1"} | environment
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [".venv/bin/python", "-m", "devtools.run"],
                cwd=folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.session = self.process.pid

    def text(self) -> str:
        return self.log.read_text()

    def processes(self, word: str = "") -> list[psutil.Process]:
        """The living processes of the session whose command line contains a word."""
        found = []
        for process in psutil.process_iter():
            try:
                if (
                    os.getsid(process.pid) == self.session
                    and process.status() != psutil.STATUS_ZOMBIE
                    and word in " ".join(process.cmdline())
                ):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
                return json.load(answer)["ready"]
        except (OSError, urllib.error.HTTPError):
            return False

    def wait_until(self, condition: Callable[[], object], seconds: float) -> float:
        started = time.monotonic()
        while not condition():
            assert time.monotonic() - started < seconds, f"it did not happen in time\n{self.text()[-3000:]}"
            time.sleep(0.05)
        return time.monotonic() - started

    def wait_until_open(self) -> float:
        return self.wait_until(lambda: "Gavel is open" in self.text() and self.ready(), 60)

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a flask command against this house, as its operator would."""
        command = [".venv/bin/python", "-m", "flask", *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)

    def kill(self) -> None:
        """End the supervisor as a crash would; the kernel ends its children."""
        self.process.kill()
        self.process.wait()
