"""Functions that are called again and again by a process, each in its own thread."""

from __future__ import annotations

import logging
import threading
import time
from importlib import import_module

from flask import Flask

log = logging.getLogger(__name__)

# A periodic function that has not come back for this long has hung: its process no longer counts as alive.
HUNG_SECONDS = 60.0


class Periodic(threading.Thread):
    """One periodic function in its own thread, so that a slow one delays no other."""

    def __init__(self, app: Flask, seconds: float, path: str, stop: threading.Event) -> None:
        super().__init__(name=path, daemon=True)
        self.app = app
        self.seconds = seconds
        self.stop = stop
        module_path, _, name = path.rpartition(".")
        self.function = getattr(import_module(module_path), name)
        self.last_end = time.monotonic()

    def run(self) -> None:
        last_failure = ""
        while not self.stop.is_set():
            try:
                with self.app.app_context():
                    self.function()
                last_failure = ""
            except Exception as error:
                # The whole story once; while it stays the same, one line each time.
                failure = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
                log.error(
                    "%s failed (%s) and is tried again in %.0f s",
                    self.name,
                    failure,
                    self.seconds,
                    exc_info=failure != last_failure,
                )
                last_failure = failure
            self.last_end = time.monotonic()
            self.stop.wait(self.seconds)

    def hangs(self) -> bool:
        return time.monotonic() - self.last_end > self.seconds + HUNG_SECONDS
