"""(c) Catalogue and auction page with 10,000 auctions, against the least Flask page that shows the same rows."""

import random
from collections.abc import Callable

from sqlalchemy import event

from auctionapp import create_app
from auctionapp.extensions import db
from bench import http_load, servers
from bench.house import build

AUCTIONS = 10_000
CLIENTS = 16
SECONDS = 5.0


def measure(page: str) -> dict[str, float]:
    """One repetition: requests per second of a page, ours and the least, on the same database."""
    with servers.postgres() as postgres, servers.redis() as redis:
        servers.tool(postgres, "createdb", "gavel")
        url = postgres.url("gavel")
        house = build(url, auctions=AUCTIONS, bidders=20)
        servers.tool(postgres, "psql", "-q", "-d", "gavel", "-c", "ANALYZE")
        chance = random.Random(2)
        path: Callable[[], str] = {
            "catalogue": lambda: "/auctions", "auction": lambda: f"/auctions/{chance.choice(house.auction_ids)}"}[page]
        queries = count_queries(url, path)
        environment = {"DATABASE_URL": url, "REDIS_URL": redis.url}
        least, ours = (_load(environment, app, path) for app in ("bench.least_page:app", "wsgi:app"))
    return {"least_per_second": least.per_second, "ours_per_second": ours.per_second,
            "ratio": ours.per_second / least.per_second, "p99_ms": ours.percentile_ms(0.99), "queries": queries}


def _load(environment: dict[str, str], app: str, path: Callable[[], str]) -> http_load.Load:
    with servers.web(environment, app) as web:
        http_load.run(web.port, CLIENTS, 1.0, get(path))
        load = http_load.run(web.port, CLIENTS, SECONDS, get(path))
    if set(load.statuses) != {200}:
        raise RuntimeError(f"{app}: not every answer was 200: {load.statuses}")
    return load


def get(path: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: f"GET {path()} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def count_queries(database_url: str, path: Callable[[], str]) -> int:
    """The statements that a page sends once warm."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url})
    app.test_client().get(path())
    seen: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    app.test_client().get(path())
    with app.app_context():
        db.engine.dispose()
    return len(seen)
