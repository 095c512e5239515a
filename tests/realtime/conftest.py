"""Two real web processes for streams, and news to tell."""

import time
import urllib.request

import pytest
from sqlalchemy import update

from auctionapp import bus, topics, transaction
from auctionapp.auctions.models import Auction
from auctionapp.clock import database_clock
from tests import factories
from tests.live import Site
from tests.realtime.reader import Reader


class Web(Site):
    """The web processes alone."""

    def start_web(self):
        self.start("web")
        deadline = time.monotonic() + 20
        while not self.answers():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)
        return self

    def answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except OSError:
            return False

    def read(self, path, **headers):
        return Reader(self.port, path, **headers)

    def open_streams(self):
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("gavel_open_streams "))

    def memory_kb(self):
        """What the web processes hold, shared parts divided."""
        total = 0
        for pid in self.workers():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return total

    def workers(self):
        master = self.processes["web"].pid
        with open(f"/proc/{master}/task/{master}/children") as file:
            return file.read().split()


@pytest.fixture
def web(app, database, redis_server, tmp_path):
    site = Web(database.url, redis_server.url, tmp_path, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics"))
    yield site.start_web()
    site.stop_all()


@pytest.fixture
def lot(app):
    return factories.auction().id


def commit_news(auction_id, count=1, kind="bid"):
    """Some events of one auction, committed and not yet told; their rows."""

    def work(session):
        last = session.execute(
            update(Auction).where(Auction.id == auction_id).values(topic_sequence=Auction.topic_sequence + count)
            .returning(Auction.topic_sequence)).scalar_one()
        rows = [{"topic": topics.auction_topic(auction_id), "sequence": number, "kind": kind,
                 "payload": {"number": number}, "created_at": database_clock.now(session)}
                for number in range(last - count + 1, last + 1)]
        topics.record(session, rows)
        return [{"sequence": row["sequence"], "kind": kind, "payload": row["payload"]} for row in rows]

    return transaction.write(work)


def tell_news(auction_id, count=1, html=None):
    """Some events, committed and told; their rows."""
    news = commit_news(auction_id, count)
    bus.publish(topics.auction_topic(auction_id), news[-1]["sequence"], html, news)
    return news


