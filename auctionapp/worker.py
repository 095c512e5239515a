"""The process that runs queued jobs, and sweeps too: python -m auctionapp.worker"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from types import FrameType

from flask import Flask
from redis.exceptions import RedisError

from auctionapp import jobqueue
from auctionapp.periodic import Periodic
from auctionapp.schedule import IN_WORKERS

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
PAUSE_SECONDS = 1.0


def run_worker(app: Flask) -> None:
    """Run jobs until SIGTERM or SIGINT; when Redis goes away, wait for it and go on."""
    threading.Thread(target=_beat, args=(app,), daemon=True).start()
    for seconds, path in IN_WORKERS:
        Periodic(app, seconds, path, threading.Event()).start()
    while True:
        _end_at_once_on_signals()
        worker = None
        try:
            worker = jobqueue.make_worker(app)
            worker.work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            log.warning("waiting for Redis (%s)", error)
        if worker is not None and worker.asked_to_stop:
            return
        time.sleep(PAUSE_SECONDS)


def _beat(app: Flask) -> None:
    while True:
        try:
            jobqueue.show_alive(app, "worker")
        except (RedisError, OSError):
            pass
        time.sleep(BEAT_SECONDS)


def _end_at_once_on_signals() -> None:
    """Without a job at hand there is nothing to finish (RQ's own handlers come with its working loop)."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def main() -> int:
    from auctionapp import create_app
    from auctionapp.processlog import set_up_logging

    set_up_logging()
    app = create_app()
    log.info("running jobs")
    run_worker(app)
    return 0


if __name__ == "__main__":
    sys.exit(main())
