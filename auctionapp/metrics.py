"""Numbers for Prometheus, added up over all web processes.

Under gunicorn PROMETHEUS_MULTIPROC_DIR is set (gunicorn.conf.py) and every process keeps its counters in files there;
without it there is only this process.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache

from flask import Flask, Response, g, request
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Counter("gavel_http_requests", "Answered requests", ["method", "endpoint", "status"])
SECONDS = Histogram(
    "gavel_http_request_seconds",
    "Time until the answer's headers",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
# Looking a child up by its labels costs more than counting.
_count = lru_cache(maxsize=2000)(lambda method, endpoint, status: REQUESTS.labels(method, endpoint, str(status)))
_seconds = lru_cache(maxsize=500)(SECONDS.labels)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def install(app: Flask) -> None:
    """Count and time every request. A stream counts when its headers are sent."""

    @app.before_request
    def note_start() -> None:
        g.request_started_at = time.perf_counter()

    @app.after_request
    def note_end(response: Response) -> Response:
        # Only our own names become labels: an invented path or method must not grow the numbers without end.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in METHODS else "other"
        started_at = g.pop("request_started_at", None)
        note(method, endpoint, response.status_code, None if started_at is None else time.perf_counter() - started_at)
        return response


def note(method: str, endpoint: str, status: int, seconds: float | None) -> None:
    """Count an answered request, and the time that it took where that is known."""
    _count(method, endpoint, status).inc()
    if seconds is not None:
        _seconds(endpoint).observe(seconds)


def text(up: dict[str, bool], numbers: dict[str, float]) -> bytes:
    """Everything in Prometheus' text format: the counters, `gavel_up` for each part, and numbers read just now."""
    now = CollectorRegistry()
    parts = Gauge("gavel_up", "Whether a part of the house answers", ["part"], registry=now)
    for part, answers in up.items():
        parts.labels(part).set(answers)
    for name, value in numbers.items():
        Gauge(f"gavel_{name}", name.replace("_", " "), registry=now).set(value)
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        kept = CollectorRegistry()
        multiprocess.MultiProcessCollector(kept)
    else:
        kept = REGISTRY
    return generate_latest(kept) + generate_latest(now)
