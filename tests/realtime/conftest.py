"""Two real web processes for streams, and news to tell."""

import time
import urllib.request

import pytest
from sqlalchemy import update

from auctionapp import bus, events, topics, transaction
from auctionapp.auctions.models import Auction
from auctionapp.clock import database_clock
from tests import factories
from tests.live import Site
from tests.realtime.reader import Reader


def events_path(lot):
    return f"/api/v1/auctions/{lot}/events"


def page_path(lot):
    return f"/auctions/{lot}/stream"


class Web(Site):
    """The web processes alone."""

    def __init__(self, database_url, redis_url, folder):
        super().__init__(database_url, redis_url, folder, PROMETHEUS_MULTIPROC_DIR=str(folder / "metrics"))
        self.readers = []

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
        self.readers.append(Reader(self.port, path, **headers))
        return self.readers[-1]

    def hang_up(self):
        """All readers leave; wait until the server has noticed."""
        while self.readers:
            self.readers.pop().hang_up()
        deadline = time.monotonic() + 5
        while self.open_streams():
            assert time.monotonic() < deadline, "a stream is open whose reader has left"
            time.sleep(0.02)

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
    site = Web(database.url, redis_server.url, tmp_path)
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
                 "payload": {"number": number}}
                for number in range(last - count + 1, last + 1)]
        topics.record(session, rows, database_clock.now(session))
        return [{"sequence": row["sequence"], "kind": kind, "payload": row["payload"]} for row in rows]

    with events.unheard():
        return transaction.write(work)


def tell_news(auction_id, count=1, html=None):
    """Some events, committed and told; their rows."""
    news = commit_news(auction_id, count)
    bus.publish(bus.News(topics.auction_topic(auction_id), news, html=html))
    return news


