"""Child processes that are watched: started again when they die, and ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# A process that lived this long has started properly, so that its next restart is quick again.
SETTLED_SECONDS = 5.0
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0
PR_SET_PDEATHSIG = 1
COLOURS = (36, 33, 35, 32, 34)

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Ask the kernel to signal this process when its parent dies, however it dies (Linux only)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


class Log:
    """One log for all: every line with the time and the name of the process it came from."""

    def __init__(self) -> None:
        self.coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.broken = False
        self._names: list[str] = []
        self._lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        """Write one line; when nobody reads any more, remember that and stay quiet."""
        label = f"{name:<9}"
        with self._lock:
            if self.coloured:
                if name not in self._names:
                    self._names.append(name)
                colour = COLOURS[self._names.index(name) % len(COLOURS)]
                label = f"\x1b[{colour}m{label}\x1b[0m"
            try:
                print(f"{time.strftime('%H:%M:%S')} {label} | {text}", flush=True)
            except (BrokenPipeError, OSError):
                self.broken = True


def start(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own (Ctrl-C reaches only us, so that we choose the order of ending)
    but in our session. Must be called from the main thread: the kernel ties the parent's death to the thread."""
    ourselves = os.getpid()
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=lambda: end_with_parent(ourselves),
    )


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    quick_deaths: int = 0
    output: threading.Thread | None = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def pump(self, log: Log, process: subprocess.Popen[bytes]) -> None:
        """Copy the child's output into the log until it closes it."""
        assert process.stdout is not None
        for raw in process.stdout:
            text = raw.decode("utf-8", "replace").rstrip()
            if text:
                log.line(self.name, text)

    def look_after(self, log: Log) -> None:
        """Start the child if it is time to, or note its death and when to start it again."""
        if self.process is None:
            if time.monotonic() >= self.start_at:
                self.process = start(self.command, self.folder, self.environment)
                self.started_at = time.monotonic()
                self.output = threading.Thread(target=self.pump, args=(log, self.process), daemon=True)
                self.output.start()
            return
        code = self.process.poll()
        if code is None:
            return
        lived = time.monotonic() - self.started_at
        # Killed from outside is no sign of a fault in the program: start it again at once.
        killed = code in (-signal.SIGKILL, -signal.SIGTERM)
        self.quick_deaths = 0 if killed or lived > SETTLED_SECONDS else self.quick_deaths + 1
        delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**self.quick_deaths)
        reason = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        log.line("run", f"{self.name} {reason} and is started again in {delay:.1f} s")
        # What it left behind in its group (a web server's children) must not hold the port.
        signal_group(self.process.pid, signal.SIGKILL)
        self.process = None
        self.start_at = time.monotonic() + delay


def signal_group(group: int, number: int) -> None:
    """Send a signal to every process of a group, if there is one left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        pass


def end(children: list[Child], within_seconds: float, hurry: Callable[[], bool] = lambda: False) -> None:
    """End the children and everything they started: SIGTERM first, SIGKILL for whatever is left in the end."""
    processes = [child.process for child in children if child.process is not None]
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline and not hurry() and any(process.poll() is None for process in processes):
        time.sleep(0.02)
    for process in processes:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
