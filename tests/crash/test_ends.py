"""Auctions whose end comes at a bad moment: each is closed within ten seconds, once."""

import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.auctions.models import Auction
from auctionapp.extensions import db
from tests import factories
from tests.crash import proof
from tests.crash.program import Watcher, moment

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def wait_until(at):
    time.sleep(max(0.0, at - time.time()))


@only_sqlite
def test_auctions_close_whatever_is_killed_flushed_or_frozen_just_before_their_ends(open_house, crowd_of):
    house = open_house()
    crowd = crowd_of(house, 2)
    names = ["nothing", "redis flushed", "worker and scheduler killed", "scheduler frozen", "worker frozen"]
    lots = {name: crowd.seller.sell(seconds) for name, seconds in zip(names, (10.5, 11.5, 13, 16, 19), strict=True)}
    unsold = crowd.seller.sell(12)
    for lot in lots.values():
        for amount, program in zip(("2.00", "3.00"), crowd.bidders.values(), strict=True):
            assert program.send("POST", f"/auctions/{lot}/bids", {"amount": amount})[0] == 201
    ends = {name: moment(house.program().get(f"/auctions/{lot}")["ends_at"]) for name, lot in lots.items()}
    watcher = Watcher(house.program(), [*lots.values(), unsold])
    watcher.start()

    wait_until(ends["redis flushed"] - 0.5)
    house.flush_redis()
    wait_until(ends["worker and scheduler killed"] - 0.3)
    house.kill("worker")
    house.kill("scheduler")
    for part in ("scheduler", "worker"):
        lot = lots[f"{part} frozen"]
        wait_until(ends[f"{part} frozen"] - 0.5)
        house.run.wait_until(lambda part=part: house.processes(part), 5)
        house.signal(part, signal.SIGSTOP)
        # SQLite has one writer: a process that froze while it wrote would stop everything until it goes on.
        while lot in watcher.waiting and time.time() < ends[f"{part} frozen"] + 7:
            time.sleep(0.1)
        house.signal(part, signal.SIGCONT)
    watcher.join(15)
    late = {name: round(watcher.late_seconds.get(lot, -1), 2) for name, lot in lots.items()}
    print(f"closes seen after {late} s, without bids after {watcher.late_seconds.get(unsold, -1):.2f} s")

    assert watcher.waiting == []
    assert max(watcher.late_seconds.values()) < house.closing_limit_seconds, house.run.text()
    everything = [*lots.values(), unsold]
    assert [watcher.status[lot] for lot in everything] == ["sold"] * len(lots) + ["unsold"]
    # Whoever woke up late has had its turn.
    house.run.wait_until(house.run.ready, 20)
    time.sleep(2.5)
    proof.closed_once(everything)
    proof.the_books_balance(house)
    proof.eventually(lambda: proof.winner_and_seller_can_write(everything), 10, "the thread of winner and seller")
    proof.eventually(lambda: proof.everybody_was_told_once(everything), 10, "the notices of the result")
    wallet = crowd.seller.get("/wallet")
    assert wallet["available"] == f"{len(lots) * 2.85:.2f}"


@pytest.mark.parametrize("part", ["worker", "scheduler"])
def test_worker_or_scheduler_alone_closes_what_is_due_without_redis(app, parts, part):
    lot = factories.auction(ends_at=datetime.now(UTC) - timedelta(seconds=1)).id
    parts.environment["REDIS_URL"] = "unix:///nowhere/redis.sock"
    parts.start(part)

    def closed():
        db.session.rollback()
        return db.session.get(Auction, lot).state == "unsold"

    proof.eventually(closed, proof.CLOSED_WITHIN_SECONDS, f"the {part} closes")
