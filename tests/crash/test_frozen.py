"""Processes that stand still or die in the middle of a transaction; PostgreSQL, where locks are rows of a server."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psutil
import psycopg
import pytest
from sqlalchemy import func, make_url, select, text

from auctionapp.auctions.models import Auction, Bid
from auctionapp.auctions.services import bidding, closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests import factories
from tests.crash import proof
from tests.crash.conftest import new_token
from tests.crash.program import Offer, Program
from tests.live import PROJECT

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@contextmanager
def all_wallets_locked(database):
    """While it lasts, whoever wants to move money stands in the middle of a transaction."""
    with psycopg.connect(make_url(database.url).set(drivername="postgresql").render_as_string(False)) as connection:
        connection.execute("SELECT id FROM accounts FOR UPDATE")
        yield


def wait_until_somebody_waits():
    def waits():
        db.session.rollback()
        return db.session.scalar(text("SELECT count(*) FROM pg_stat_activity"
                                      " WHERE datname = current_database() AND wait_event_type = 'Lock'"))

    proof.eventually(waits, 15, "somebody waits for the wallets")


def test_a_process_that_freezes_while_it_closes_holds_nobody_up_and_wakes_up_to_nothing(app, database, parts):
    end = datetime.now(UTC)
    lot = factories.auction(ends_at=end).id
    bidding.place_bid(lot, bidding.Offer(factories.bidder(5000), "manual", 2000), SetClock(end - timedelta(minutes=1)))
    with all_wallets_locked(database):
        frozen = subprocess.Popen([sys.executable, "-m", "flask", "auctions", "close-due"], env=parts.environment,
                                  cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_until_somebody_waits()
        frozen.send_signal(signal.SIGSTOP)
    thaw = threading.Timer(proof.CLOSED_WITHIN_SECONDS, frozen.send_signal, [signal.SIGCONT])
    thaw.start()
    started = time.monotonic()
    assert closing.close(lot)
    assert time.monotonic() - started < proof.CLOSED_WITHIN_SECONDS
    thaw.cancel()
    frozen.send_signal(signal.SIGCONT)
    said, errors = frozen.communicate(timeout=20)
    assert (said, frozen.returncode) == ("0 auctions closed.\n", 0), errors
    assert db.session.get(Auction, lot, populate_existing=True).close_failures == 0, errors
    proof.closed_once([lot])
    factories.assert_ledger_clean()


def test_of_a_bid_whose_process_is_killed_in_its_transaction_nothing_stays(app, database, parts):
    person = factories.bidder(5000)
    lot = factories.auction().id
    offer = Offer(person, lot, 2000, "manual")
    program = Program(parts.port, new_token(person))
    parts.start("web")
    program.get(f"/auctions/{lot}")
    with all_wallets_locked(database):
        bidder = threading.Thread(target=offer.make, args=[program])
        bidder.start()
        wait_until_somebody_waits()
        for process in psutil.Process(parts.processes["web"].pid).children():
            process.kill()
        proof.eventually(lambda: offer.lost > 0, 10, "the answer is lost")
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Bid)) == 0
    bidder.join(30)
    assert offer.status == 201
    proof.every_bid_was_answered_and_happened_once([offer], [lot])
    factories.assert_ledger_clean()
