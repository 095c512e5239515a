"""Background and timed jobs, with a real worker and a real scheduler in processes of their own."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from rq_scheduler import Scheduler

from auctionapp import jobqueue
from auctionapp.scheduler import run_scheduler
from devtools.processes import end_with_parent

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = only_sqlite
NOTE = "tests.jobs_for_tests.note"


def start(module, database, redis_server, log=None):
    environment = os.environ | {"DATABASE_URL": database.url, "REDIS_URL": redis_server.url, "TZ": "UTC"}
    ourselves = os.getpid()
    return subprocess.Popen(
        [sys.executable, "-m", module],
        env=environment,
        stderr=log,
        preexec_fn=lambda: end_with_parent(ourselves),
    )


@pytest.fixture(scope="module")
def processes(house_of, redis_server):
    """A worker and a scheduler that run for all tests of this file."""
    database, _app = house_of("sqlite")
    database.renew()
    started = [start(module, database, redis_server) for module in ("auctionapp.worker", "auctionapp.scheduler")]
    yield started
    for process in started:
        process.terminate()
    for process in started:
        assert process.wait(5) == 0


@pytest.fixture
def running(app, processes):
    """The application while both processes show that they are alive."""
    wait_until(lambda: all(jobqueue.health().values()), 15)
    return app


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def notes(redis_server, *words):
    """(word, time) of every job that ran with one of these words.

    The emptying of Redis between two tests may hit a job just before its end, which makes it run again: a job of an
    earlier test must not disturb the next.
    """
    pairs = (entry.decode().split() for entry in redis_server.client.lrange("notes", 0, -1))
    return [(word, float(at)) for word, at in pairs if word in words]


def test_a_queued_job_runs_in_an_application_context(running, redis_server):
    assert jobqueue.enqueue(NOTE, "now")
    wait_until(lambda: notes(redis_server, "now"))
    assert notes(redis_server, "now")[0][0] == "now"


def timed_jobs(redis_server):
    """The names of the jobs that wait for their time."""
    waiting = redis_server.client.zrange(Scheduler.scheduled_jobs_key, 0, -1)
    names = redis_server.client.hgetall(jobqueue.NAMES_KEY)
    return [name.decode() for name, job_id in names.items() if job_id in waiting]


def test_a_timed_job_runs_at_its_time_and_never_before(running, redis_server):
    due = datetime.now(UTC) + timedelta(seconds=0.73)
    assert jobqueue.schedule_at("close-1", due, NOTE, "timed")
    wait_until(lambda: notes(redis_server, "timed"))
    [(_word, at)] = notes(redis_server, "timed")
    # A tenth of a second late on a quiet machine; the tests often run on a busy one.
    assert 0 <= at - due.timestamp() < 2


def test_scheduling_again_under_the_same_name_moves_the_job(running, redis_server):
    now = datetime.now(UTC)
    jobqueue.schedule_at("close-2", now + timedelta(seconds=0.4), NOTE, "old")
    jobqueue.schedule_at("close-2", now + timedelta(seconds=0.8), NOTE, "new")
    assert timed_jobs(redis_server) == ["close-2"]
    wait_until(lambda: notes(redis_server, "old", "new"))
    assert [word for word, _at in notes(redis_server, "old", "new")] == ["new"]
    assert timed_jobs(redis_server) == []


def test_a_job_may_schedule_itself_again_while_it_runs(running, redis_server):
    jobqueue.schedule_at(
        "close-3", datetime.now(UTC), "tests.jobs_for_tests.note_and_come_back_once", "close-3"
    )
    wait_until(lambda: len(notes(redis_server, "close-3")) == 2)


def test_a_failed_job_is_tried_again(running, redis_server):
    jobqueue.enqueue("tests.jobs_for_tests.fail_first", "again", retries=2)
    wait_until(lambda: len(notes(redis_server, "again")) == 2, 8)


def test_an_entry_that_cannot_be_read_stops_no_other(running, redis_server):
    redis_server.client.hset("rq:job:broken", "created_at", "not a time")
    redis_server.client.zadd("rq:scheduler:scheduled_jobs", {"broken": 1.0, "missing": 2.0})
    jobqueue.schedule_at("close-6", datetime.now(UTC), NOTE, "whole")
    wait_until(lambda: notes(redis_server, "whole"))


def test_a_lock_left_behind_by_a_killed_scheduler_delays_little(running, redis_server):
    redis_server.client.set("rq:scheduler_lock", "dead", px=2000)
    jobqueue.schedule_at("close-7", datetime.now(UTC), NOTE, "late")
    wait_until(lambda: notes(redis_server, "late"), 4)


def test_worker_and_scheduler_go_on_after_redis_was_away(running, redis_server, processes):
    redis_server.kill()
    time.sleep(0.5)
    redis_server.start()
    redis_server.client.flushall()
    wait_until(lambda: jobqueue.schedule_at("close-8", datetime.now(UTC), NOTE, "after"))
    wait_until(lambda: notes(redis_server, "after"), 8)
    assert [process.poll() for process in processes] == [None, None]


@pytest.mark.parametrize(
    "module, says", [("auctionapp.worker", "running jobs"), ("auctionapp.scheduler", "firing timed jobs")]
)
def test_processes_end_when_asked_while_redis_is_away(database, redis_server, tmp_path, module, says):
    log = tmp_path / "log"
    with open(log, "wb") as file:
        process = start(module, database, redis_server, file)
    wait_until(lambda: says in log.read_text(), 15)
    time.sleep(0.5)
    redis_server.kill()
    try:
        time.sleep(0.3)
        process.terminate()
        assert process.wait(15) == 0
    finally:
        process.kill()
        redis_server.start()


def test_a_scheduler_that_is_asked_to_stop_again_and_again_ends(database, redis_server, tmp_path):
    log = tmp_path / "log"
    with open(log, "wb") as file:
        process = start("auctionapp.scheduler", database, redis_server, file)
    wait_until(lambda: "firing timed jobs" in log.read_text(), 15)
    try:
        for _ in range(200):
            process.terminate()
            time.sleep(0.001)
        assert process.wait(15) == 0
    finally:
        process.kill()


def test_a_naive_time_is_refused(app):
    with pytest.raises(ValueError, match="aware"):
        jobqueue.schedule_at("close-9", datetime(2030, 1, 1), NOTE, "never")


@pytest.fixture
def frozen_redis(redis_server):
    """Redis accepts connections but answers nothing: the worst way of being away."""
    redis_server.process.send_signal(signal.SIGSTOP)
    yield
    redis_server.process.send_signal(signal.SIGCONT)


def test_a_frozen_redis_holds_a_caller_up_for_a_quarter_of_a_second_at_most_and_only_once(app, frozen_redis):
    for limit in (0.5, 0.1, 0.1):  # for a busy machine; without a timeout it would never end
        started = time.monotonic()
        assert jobqueue.enqueue(NOTE, "lost") is False
        assert time.monotonic() - started < limit


def test_health_says_within_half_a_second_that_redis_is_away(app, frozen_redis):
    started = time.monotonic()
    assert jobqueue.health() == {"redis": False, "worker": False, "scheduler": False}
    assert time.monotonic() - started < 1  # twice as long, for a busy machine


def test_a_stopped_redis_makes_no_job_fail_its_caller(app, redis_server):
    redis_server.kill()
    try:
        assert jobqueue.schedule_at("close-10", datetime.now(UTC), NOTE, "lost") is False
    finally:
        redis_server.start()


def test_periodic_functions_run_without_redis_and_after_a_failure(app, make_app):
    alone = make_app(REDIS_URL="unix:///nowhere/redis.sock", TICKS=[])
    stop = threading.Event()
    periodic = [(0.05, "tests.jobs_for_tests.tick_and_fail")]
    thread = threading.Thread(target=run_scheduler, args=(alone, stop, periodic))
    thread.start()
    try:
        wait_until(lambda: len(alone.config["TICKS"]) >= 3)
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()
