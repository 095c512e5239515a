"""(c) Catalogue and auction page with 10,000 auctions, against the least Flask page that shows the same rows."""

import random
from collections.abc import Callable

from sqlalchemy import event

from bench import http_load, servers
from bench.house import build

AUCTIONS = 10_000
CLIENTS = 16
SECONDS = 5.0


def measure() -> dict[str, dict[str, float]]:
    """One repetition: requests per second of both pages, ours and the least, on the same database."""
    results: dict[str, dict[str, float]] = {}
    with servers.postgres() as postgres, servers.redis() as redis:
        servers.tool(postgres, "createdb", "gavel")
        url = postgres.url("gavel")
        house = build(url, auctions=AUCTIONS, bidders=20)
        servers.tool(postgres, "psql", "-q", "-d", "gavel", "-c", "ANALYZE")
        queries = count_queries(url, house.auction_ids[0])
        environment = {"DATABASE_URL": url, "REDIS_URL": redis.url}
        chance = random.Random(2)
        pages: dict[str, Callable[[], str]] = {
            "catalogue": lambda: "/auctions", "auction": lambda: f"/auctions/{chance.choice(house.auction_ids)}"}
        loads = {}
        for app in ("bench.least_page:app", "wsgi:app"):
            with servers.web(environment, app) as web:
                for page, path in pages.items():
                    http_load.run(web.port, CLIENTS, 1.0, get(path))
                    loads[app, page] = http_load.run(web.port, CLIENTS, SECONDS, get(path))
    for page in pages:
        least, ours = loads["bench.least_page:app", page], loads["wsgi:app", page]
        if set(least.statuses) != {200} or set(ours.statuses) != {200}:
            raise RuntimeError(f"{page}: not every answer was 200: {least.statuses} {ours.statuses}")
        results[page] = {"least_per_second": least.per_second, "ours_per_second": ours.per_second,
                         "ratio": ours.per_second / least.per_second, "p99_ms": ours.percentile_ms(0.99),
                         "queries": queries[page]}
    return results


def get(path: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: f"GET {path()} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def count_queries(database_url: str, auction_id: int) -> dict[str, int]:
    """The statements that each page sends once warm."""
    from auctionapp import create_app
    from auctionapp.extensions import db

    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url})
    counts = {}
    with app.app_context():
        engine = db.engine
    for page, path in (("catalogue", "/auctions"), ("auction", f"/auctions/{auction_id}")):
        app.test_client().get(path)
        seen: list[str] = []

        def remember(_connection: object, _cursor: object, statement: str, *_: object, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", remember)
        app.test_client().get(path)
        event.remove(engine, "before_cursor_execute", remember)
        counts[page] = len(seen)
    engine.dispose()
    return counts
