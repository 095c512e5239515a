"""Background jobs and timed jobs: the only file that imports rq and rq_scheduler.

A job is a plain function named by its dotted path; its arguments are ids. It may run twice and it may get lost with
Redis, so it looks at the database again, and a sweep (see schedule.py) finds what a lost job missed. For the same
reason putting a job into the queue never raises and never takes long: it is logged when it fails.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any
from uuid import uuid4

from flask import Flask, current_app
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry, SimpleWorker
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.registry import ScheduledJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import as_text
from rq_scheduler import Scheduler

log = logging.getLogger(__name__)

QUEUE_NAME = "default"
# While Redis is away: the longest a caller waits for it, and for how long nobody asks again after a failure.
TIMEOUT_SECONDS = 0.2
SKIP_SECONDS = 1.0
# A job that takes longer has hung; the sweep does its work later.
JOB_TIMEOUT_SECONDS = 60
FAILED_KEPT_SECONDS = 24 * 3600
RETRY_AFTER_SECONDS = (1, 5, 30, 120, 600)
# name of a timed job -> id of the entry that holds it now
NAMES_KEY = "gavel:scheduled"
ALIVE_KEY = "gavel:alive:{}"
ALIVE_SECONDS = 10


class PlainJob(Job):
    """A job whose arguments are kept as JSON: whoever can write to Redis cannot have an object unpickled."""

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: Any = None) -> None:
        super().__init__(id, connection=connection, serializer=JSONSerializer)


class PreciseScheduler(Scheduler):
    """rq-scheduler with times as floats: as it is, it rounds down and fires up to a second early."""

    lock_milliseconds = 2000

    def get_jobs_to_queue(self, with_times: bool = False) -> Any:
        return self.get_jobs(time.time(), with_times=with_times)

    def acquire_lock(self) -> bool:
        """A lock that a killed process leaves behind for two seconds, not for ten."""
        self._lock_acquired = bool(
            self.connection.set(self.scheduler_lock_key, self.name, px=self.lock_milliseconds, nx=True)
        )
        return self._lock_acquired

    def enqueue_jobs(self) -> None:
        """Queue what is due; an entry that cannot be read is dropped, so that it does not stop the others."""
        for job in self.get_jobs_to_queue():
            try:
                self.enqueue_job(job)
            except RedisError:
                raise
            except Exception:
                log.exception("the timed job %s cannot be queued and is dropped", job.id)
                self.cancel(job)

    def enqueue_job(self, job: Job) -> None:
        super().enqueue_job(job)
        name = job.meta.get("name")
        entry = self.connection.hget(NAMES_KEY, name) if name else None
        if entry and as_text(entry) == job.id:
            self.connection.hdel(NAMES_KEY, name)

    def enqueue_retries(self, queue: Queue) -> None:
        """Queue the failed jobs whose waiting time is over (RQ leaves that to a scheduler of its own)."""
        registry = ScheduledJobRegistry(queue=queue)
        for job_id in registry.get_jobs_to_schedule():
            try:
                queue.enqueue_job(self.job_class.fetch(job_id, connection=self.connection))
            except NoSuchJobError:
                pass
            registry.connection.zrem(registry.key, job_id)


class JobQueue:
    """The queue of one application, with short timeouts and a pause after each failure to reach Redis."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.redis = Redis(
            connection_pool=ConnectionPool.from_url(
                url,
                max_connections=1000,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
                retry=RedisRetry(NoBackoff(), 0),
            )
        )
        self.queue = Queue(
            QUEUE_NAME, connection=self.redis, job_class=PlainJob, default_timeout=JOB_TIMEOUT_SECONDS
        )
        self._skip_until = 0.0

    def attempt(self, what: str, action: Callable[[], None]) -> bool:
        """Do it unless Redis has just been away; says whether it was done, never raises for Redis' sake."""
        if time.monotonic() < self._skip_until:
            return False
        try:
            action()
        except (RedisError, OSError) as error:
            self._skip_until = time.monotonic() + SKIP_SECONDS
            log.warning("%s was left to the sweep: Redis is away (%s)", what, type(error).__name__)
            return False
        return True

    def forget(self, name: str) -> None:
        """Remove a timed job that has not been queued yet."""
        entry = self.redis.hget(NAMES_KEY, name)
        if entry:
            job_id = as_text(entry)
            with self.redis.pipeline() as pipe:
                pipe.zrem(Scheduler.scheduled_jobs_key, job_id)
                pipe.delete(PlainJob.key_for(job_id))
                pipe.hdel(NAMES_KEY, name)
                pipe.execute()


def init_app(app: Flask) -> None:
    """Give the application its queue; nothing is connected yet."""
    app.extensions["jobqueue"] = JobQueue(app.config["REDIS_URL"])


def _jobqueue() -> JobQueue:
    return current_app.extensions["jobqueue"]


def enqueue(func_path: str, *ids: Any, retries: int = 3) -> bool:
    """Queue a job now. Needs an application context; call it after the commit, never inside a transaction.

    `retries`: how often it is tried again after an error, with growing pauses. Returns False, within 0.25 s, when
    Redis is away: the sweep must find the work then.
    """
    jobqueue = _jobqueue()
    retry = Retry(max=retries, interval=RETRY_AFTER_SECONDS[:retries]) if retries else None

    def put() -> None:
        jobqueue.queue.enqueue_call(
            func_path, args=ids, retry=retry, result_ttl=0, failure_ttl=FAILED_KEPT_SECONDS
        )

    return jobqueue.attempt(f"{func_path}{ids}", put)


def schedule_at(name: str, when: datetime, func_path: str, *ids: Any) -> bool:
    """Run a job at an aware time, within about 0.1 s after it. A second call with the same name moves it.

    `name` is made of letters, digits, `_` and `-`. Raises ValueError for a naive time. Returns False when Redis is
    away, like enqueue.
    """
    if when.tzinfo is None:
        raise ValueError("a timed job needs an aware time")
    jobqueue = _jobqueue()

    def put() -> None:
        jobqueue.forget(name)
        # An id of its own for each entry: a job that runs and schedules itself again must not lose the new entry
        # when its own record is deleted.
        job = PlainJob.create(
            func_path,
            args=ids,
            connection=jobqueue.redis,
            id=f"{name}-{uuid4().hex[:12]}",
            result_ttl=0,
            failure_ttl=FAILED_KEPT_SECONDS,
            timeout=JOB_TIMEOUT_SECONDS,
            status=JobStatus.SCHEDULED,
            meta={"name": name},
            origin=QUEUE_NAME,
            retry=Retry(max=len(RETRY_AFTER_SECONDS), interval=RETRY_AFTER_SECONDS),
        )
        with jobqueue.redis.pipeline() as pipe:
            job.save(pipeline=pipe)
            pipe.zadd(Scheduler.scheduled_jobs_key, {job.id: when.timestamp()})
            pipe.hset(NAMES_KEY, name, job.id)
            pipe.execute()

    return jobqueue.attempt(f"{func_path}{ids} at {when.isoformat()}", put)


@dataclass(frozen=True)
class Look:
    """What lies in Redis: jobs that wait, jobs that failed for good, times by the name of a timed job."""

    waiting: int
    failed: int
    timed: dict[str, float]


def look() -> Look | None:
    """For people who watch over it; None while Redis is away."""
    jobqueue = _jobqueue()
    try:
        scored: Any = jobqueue.redis.zrange(Scheduler.scheduled_jobs_key, 0, -1, withscores=True)
        times = dict(scored)
        names = jobqueue.redis.hgetall(NAMES_KEY)
        return Look(jobqueue.queue.count, jobqueue.queue.failed_job_registry.count,
                    {as_text(name): times[job_id] for name, job_id in names.items() if job_id in times})
    except (RedisError, OSError):
        return None


def health() -> dict[str, bool]:
    """Whether Redis answers and a worker and a scheduler have shown themselves lately; takes at most 0.5 s."""
    redis = _jobqueue().redis
    try:
        worker, scheduler = redis.mget(ALIVE_KEY.format("worker"), ALIVE_KEY.format("scheduler"))
    except (RedisError, OSError):
        return {"redis": False, "worker": False, "scheduler": False}
    return {"redis": True, "worker": worker is not None, "scheduler": scheduler is not None}


def show_alive(app: Flask, role: str) -> None:
    """Note in Redis that a process of this role is alive; forgotten after ten seconds."""
    redis: Redis = app.extensions["jobqueue"].redis
    redis.set(ALIVE_KEY.format(role), 1, ex=ALIVE_SECONDS)


def long_lived_redis(url: str) -> Redis:
    """A connection for a process that waits long for answers, and asks a silent peer whether it is still there.

    One retry for a connection that was closed in the meantime; more would only make a process deaf to SIGTERM, since
    its own loop tries again anyway.
    """
    retry = RedisRetry(NoBackoff(), 1)
    return Redis.from_url(url, socket_connect_timeout=2, health_check_interval=15, retry=retry)


class ContextWorker(SimpleWorker):
    """RQ's worker without a fork for each job, that runs each inside the application's context."""

    # After an outage the queue must move again at once, not after a minute.
    max_connection_wait_time = 1.0
    app: Flask
    asked_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        super().request_stop(signum, frame)

    def execute_job(self, job: Job, queue: Queue) -> None:
        with self.app.app_context():
            super().execute_job(job, queue)


def make_worker(app: Flask, queue_name: str = QUEUE_NAME) -> ContextWorker:
    """A worker of one queue for this application. Needs Redis: raises RedisError when it is away."""
    connection = long_lived_redis(app.config["REDIS_URL"])
    queue = Queue(queue_name, connection=connection, job_class=PlainJob)
    # Maintenance gives the job of a killed worker back to the queue; every 10 minutes would be too rare. The short
    # time to live makes it ask Redis again every 15 s, so that a connection that silently died is noticed.
    worker = ContextWorker(
        [queue], connection=connection, job_class=PlainJob, maintenance_interval=15, worker_ttl=30
    )
    worker.app = app
    return worker


def make_scheduler(app: Flask) -> PreciseScheduler:
    """A scheduler of the default queue; `fire_due_jobs` makes one pass with it."""
    connection = long_lived_redis(app.config["REDIS_URL"])
    connection.connection_pool.connection_kwargs["socket_timeout"] = 2
    return PreciseScheduler(QUEUE_NAME, connection=connection, interval=1, job_class=PlainJob)


def fire_due_jobs(scheduler: PreciseScheduler) -> None:
    """Queue the timed jobs that are due, unless another scheduler is at it. Raises RedisError when Redis is away."""
    if scheduler.acquire_lock():
        try:
            scheduler.enqueue_jobs()
            scheduler.enqueue_retries(
                Queue(QUEUE_NAME, connection=scheduler.connection, job_class=PlainJob)
            )
        finally:
            scheduler.remove_lock()
