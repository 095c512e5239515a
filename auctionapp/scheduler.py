"""The process that fires timed jobs and runs the periodic functions: python -m auctionapp.scheduler

Timed jobs are kept in Redis and fired within 0.1 s. The periodic functions of schedule.py need only the database: they
run in threads of their own, whatever happens to Redis.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from flask import Flask
from redis.exceptions import RedisError

from auctionapp import jobqueue
from auctionapp.periodic import Periodic
from auctionapp.schedule import PERIODIC

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
BEAT_SECONDS = 1.0
RETRY_SECONDS = 0.5
SIGNALS = {signal.SIGTERM, signal.SIGINT}
# How long the periodic functions have to finish what they are at.
END_SECONDS = 2.0


def run_scheduler(
    app: Flask, stop: threading.Event, periodic: Sequence[tuple[float, str]] = PERIODIC
) -> None:
    """Fire timed jobs and run periodic functions until `stop` is set."""
    threads = [Periodic(app, seconds, path, stop) for seconds, path in periodic]
    for thread in threads:
        thread.start()
    scheduler = jobqueue.make_scheduler(app)
    away = False
    next_beat = 0.0
    while not stop.is_set():
        try:
            jobqueue.fire_due_jobs(scheduler)
            if time.monotonic() >= next_beat and not any(thread.hangs() for thread in threads):
                jobqueue.show_alive(app, "scheduler")
                next_beat = time.monotonic() + BEAT_SECONDS
            if away:
                log.info("Redis is back")
            away = False
        except (RedisError, OSError) as error:
            if not away:
                log.warning("Redis is away (%s); the periodic functions go on", error)
            away = True
            next_beat = 0.0
            stop.wait(RETRY_SECONDS)
        except Exception:
            # One broken entry must not stop the others for good.
            log.exception("a pass over the timed jobs failed")
            stop.wait(RETRY_SECONDS)
        stop.wait(TICK_SECONDS)
    ends_at = time.monotonic() + END_SECONDS
    for thread in threads:
        thread.join(max(0.0, ends_at - time.monotonic()))


def main() -> int:
    from auctionapp import create_app
    from auctionapp.processlog import set_up_logging

    set_up_logging()
    # Signals are waited for and not handled: a handler would set the event in the middle of this thread's own wait
    # for it, and stand still for ever on the event's lock.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    app = create_app()
    stop = threading.Event()
    failed = threading.Event()

    def fire() -> None:
        try:
            run_scheduler(app, stop)
        finally:
            if not stop.is_set():
                # The process ends with it, to be started again.
                failed.set()
                os.kill(os.getpid(), signal.SIGTERM)

    log.info("firing timed jobs, %d periodic functions", len(PERIODIC))
    firing = threading.Thread(target=fire, daemon=True)
    firing.start()
    signal.sigwait(SIGNALS)
    stop.set()
    firing.join(END_SECONDS + 1)
    return int(failed.is_set())


if __name__ == "__main__":
    sys.exit(main())
