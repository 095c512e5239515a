"""(a) Bids answered per second through HTTP, against pgbench running one bid a statement per step."""

import itertools
import json
import random
import re
import subprocess
from pathlib import Path

from bench import http_load, servers
from bench.house import House, build

HERE = Path(__file__).parent
CLIENTS = 32
SECONDS = 6.0
WATCHERS = 20


def measure(hot: bool) -> dict[str, float]:
    """One repetition: pgbench, then our bids, on the same PostgreSQL; on 1,000 auctions, or all on one (`hot`)."""
    with servers.postgres() as postgres, servers.redis() as redis:
        reference = pgbench(postgres, 1 if hot else 1000)
        servers.tool(postgres, "createdb", "gavel")
        url = postgres.url("gavel")
        house = build(url, auctions=1 if hot else 1000, bidders=1000)
        # What was written until now is on the disk then, and not written while bids are measured.
        servers.tool(postgres, "psql", "-q", "-d", "gavel", "-c", "CHECKPOINT")
        with servers.web({"DATABASE_URL": url, "REDIS_URL": redis.url}) as web, watchers(web.port, house.auction_ids[0]):
            http_load.run(web.port, CLIENTS, 1.5, bids(house, first_cents=100))
            load = http_load.run(web.port, CLIENTS, SECONDS, bids(house, first_cents=1_000_000))
        check_books(url)
    accepted = load.statuses[201] / len(load.latencies)
    return {"pgbench_per_second": reference, "bids_per_second": load.per_second, "ratio": load.per_second / reference,
            "accepted_share": accepted, "p50_ms": load.percentile_ms(0.5), "p99_ms": load.percentile_ms(0.99)}


def pgbench(postgres: servers.PostgresServer, auctions: int) -> float:
    """Transactions per second of the reference's bid, a statement per step, 32 clients, in a database that is gone after."""
    servers.tool(postgres, "createdb", "reference")
    servers.tool(postgres, "psql", "-q", "-d", "reference", "-f", str(HERE / "reference" / "reference.sql"), "-c", "CHECKPOINT")
    said = servers.tool(
        postgres, "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-T", str(int(SECONDS)),
                        "-D", f"na={auctions}", "-f", str(HERE / "reference" / "multi.pgb"), "reference")
    servers.tool(postgres, "dropdb", "reference")
    found = re.search(r"tps = ([0-9.]+)", said)
    if not found:
        raise RuntimeError(f"pgbench said no rate: {said}")
    return float(found[1])


def bids(house: House, first_cents: int):
    """Requests of random bidders on random lots, their amounts drawn from one rising counter, 0.01 apart."""
    amounts = itertools.count(first_cents)
    chance = random.Random(1)

    def request() -> bytes:
        cents = next(amounts)
        body = json.dumps({"amount": f"{cents // 100}.{cents % 100:02d}"})
        return (f"POST /api/v1/auctions/{chance.choice(house.auction_ids)}/bids HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {chance.choice(house.tokens)}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}").encode()

    return request


class watchers:
    """Some open streams of one lot, read and thrown away: publishing is part of a bid."""

    def __init__(self, port: int, auction_id: int):
        self.commands = ["curl", "-sN", f"http://127.0.0.1:{port}/auctions/{auction_id}/stream"]

    def __enter__(self) -> None:
        self.processes = [subprocess.Popen(self.commands, stdout=subprocess.DEVNULL) for _ in range(WATCHERS)]

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
            process.wait()


def check_books(database_url: str) -> None:
    """The books balance after all of it, or the figures mean nothing."""
    from auctionapp import create_app
    from auctionapp.extensions import db
    from auctionapp.wallet import check

    app = create_app({"SQLALCHEMY_DATABASE_URI": database_url})
    with app.app_context():
        if differences := check.differences(db.session):
            raise RuntimeError(f"the ledger does not balance: {differences[:3]}")
        db.session.remove()
        db.engine.dispose()
