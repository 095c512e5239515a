"""Reactions that may be done for many events at once: one rendering, one transaction for all that waits.

The first event is handled at once, in the background; those that come meanwhile wait together for the next
round. So one bid is told immediately, and a storm of bids costs one round after another and not one each.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import current_app

log = logging.getLogger(__name__)


class Gatherer:
    """Hands waiting events to `handle`, all in one list, from one background thread at a time.

    `pause_seconds` is the least time between two rounds, for work that may come a moment later when much is going on;
    `delay_seconds` is how long the first event waits, for work that may turn out to be none.
    With `GATHER_IN_BACKGROUND` off (commands, jobs, most tests) each event is handled before `submit` returns.
    """

    def __init__(self, handle: Callable[[list[Any]], None], pause_seconds: float = 0.0,
                 delay_seconds: float = 0.0):
        self.handle = handle
        self.delay_seconds = delay_seconds
        self.pause_seconds = pause_seconds
        self._waiting: list[Any] = []
        self._running = False
        self._lock = threading.Lock()

    def submit(self, event: Any) -> None:
        if not current_app.config["GATHER_IN_BACKGROUND"]:
            self.handle([event])
            return
        with self._lock:
            self._waiting.append(event)
            if self._running:
                return
            self._running = True
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(target=self._drain, args=(app,), daemon=True).start()

    def _drain(self, app: Any) -> None:
        time.sleep(self.delay_seconds)
        while True:
            with self._lock:
                events, self._waiting = self._waiting, []
                if not events:
                    self._running = False
                    return
            with app.app_context():
                try:
                    self.handle(events)
                except Exception:
                    log.exception("%s failed for %d events", self.handle.__qualname__, len(events))
            time.sleep(self.pause_seconds)
