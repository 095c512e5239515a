"""A whole house as `make run` starts it, whose processes are killed, frozen and found again."""

from __future__ import annotations

import random
import signal
import threading
import time
from pathlib import Path

import psutil
from redis import Redis
from redis.exceptions import RedisError

from tests.crash.program import Lost, Program
from tests.live import free_port
from tests.supervised import Run

PARTS = {"worker": "auctionapp.worker", "scheduler": "auctionapp.scheduler", "redis": "redis-server"}


class House:
    """The supervisor's processes by the names of their parts: web, web child, worker, scheduler, redis."""

    def __init__(self, folder: Path, var: Path, **environment: str) -> None:
        settings = {"VAR_DIR": str(var), "RATELIMIT_ENABLED": "0", "WEB_CONCURRENCY": "2"}
        self.run = Run(folder, free_port(), **(settings | environment))
        self.url = f"http://127.0.0.1:{self.run.port}"
        self.deaths: list[str] = []
        self.start_seconds = 0.0

    def wait_until_open(self) -> None:
        self.start_seconds = self.run.wait_until_open()

    @property
    def closing_limit_seconds(self) -> float:
        """Ten seconds (R7); more on a machine so busy that nothing could be started again in that time."""
        return max(10.0, 2 * self.start_seconds)

    def program(self, token: str = "") -> Program:
        return Program(self.run.port, token)

    def processes(self, part: str) -> list[psutil.Process]:
        if part in PARTS:
            return self.run.processes(PARTS[part])
        found = self.run.processes("gunicorn")
        pids = {process.pid for process in found}
        children = [process for process in found if process.ppid() in pids]
        return children if part == "web child" else [process for process in found if process not in children]

    def signal(self, part: str, number: int) -> None:
        """Send a signal to one process of a part, if there is one at the moment."""
        for process in self.processes(part)[:1]:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                return
            if number == signal.SIGKILL:
                self.deaths.append(part)

    def kill(self, part: str) -> None:
        self.signal(part, signal.SIGKILL)

    def redis(self) -> Redis:
        """A connection to the Redis that the supervisor started."""
        [process] = self.processes("redis")
        for connection in process.net_connections("unix"):
            if connection.laddr:
                # Its own folder where the path is relative.
                return Redis(unix_socket_path=str(Path(process.cwd(), connection.laddr)), socket_timeout=2)
        raise AssertionError("Redis listens nowhere")

    def flush_redis(self) -> None:
        try:
            self.redis().flushall()
            self.deaths.append("flush")
        except (RedisError, psutil.Error, ValueError):
            pass


class Trouble(threading.Thread):
    """Kills processes of a house at random moments, each part about equally often, and flushes Redis halfway.

    What has just been killed is spared until the house answers again: on a slow machine it would never come to work.
    """

    def __init__(self, house: House, seconds: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.house = house
        self.seconds = seconds
        self.random = random.Random(seed)

    def run(self) -> None:
        started = time.monotonic()
        flushed = False
        parts: list[str] = []
        while time.monotonic() - started < self.seconds:
            if not flushed and time.monotonic() - started > self.seconds / 2:
                self.house.flush_redis()
                flushed = True
            if not parts:
                parts = ["web child", "web child", "web", "worker", "scheduler", "redis"]
                self.random.shuffle(parts)
            part = parts.pop()
            self.house.kill(part)
            time.sleep(self.random.uniform(0.3, 1.3))
            if part.startswith("web"):
                self._wait_for_an_answer()

    def _wait_for_an_answer(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.house.program().send("GET", "/categories", timeout=2)
                return
            except Lost:
                time.sleep(0.1)
