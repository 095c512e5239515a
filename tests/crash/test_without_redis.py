"""Redis is gone for a while, with limits on: what needs an answer gets it, what is due happens."""

import http.client
import signal
import time
from itertools import count
from statistics import median

import pytest

from tests.crash import proof
from tests.crash.program import Bidder, Reader, Watcher

SLOWEST_SECONDS = 3.0


def page_seconds(port, path):
    """How long a page takes; it must be a 200."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - started


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_while_redis_is_away_bids_are_answered_pages_open_and_auctions_close(open_house, crowd_of, redis_server):
    house = open_house(REDIS_URL=redis_server.url, RATELIMIT_ENABLED="1")
    crowd = crowd_of(house, 3)
    lots = [crowd.seller.sell(seconds) for seconds in (10.5, 15, 18)]
    watcher = Watcher(house.program(), lots)
    readers = [Reader(house.run.port, lot, lot) for lot in lots[:2]]
    counters = {lot: count(1) for lot in lots}
    bidders = [Bidder(program, person_id, counters, person_id, pause=0.3)
               for person_id, program in crowd.bidders.items()]
    for thread in (watcher, *readers, *bidders):
        thread.start()
    pages = []

    def look_around_until_closed(lot):
        while lot in watcher.waiting and watcher.is_alive():
            pages.extend(page_seconds(house.run.port, path)
                         for path in ("/", "/auctions", f"/auctions/{lots[2]}", "/help", "/account/login"))
            time.sleep(0.5)

    time.sleep(2)
    redis_server.kill()
    try:
        look_around_until_closed(lots[0])
    finally:
        redis_server.start()
    time.sleep(1)
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        look_around_until_closed(lots[1])
    finally:
        redis_server.process.send_signal(signal.SIGCONT)
    for thread in (watcher, *readers, *bidders):
        thread.join(20)
    offers = [offer for bidder in bidders for offer in bidder.offers]
    answers = sorted(offer.seconds for offer in offers)
    print(f"{len(offers)} bids answered within {median(answers):.3f} s (median), {answers[-1]:.2f} s (slowest);"
          f" slowest of {len(pages)} pages {max(pages):.2f} s;"
          f" closes seen after {[round(late, 1) for late in watcher.late_seconds.values()]} s")

    assert max(answers) < SLOWEST_SECONDS and max(pages) < SLOWEST_SECONDS
    assert sum(offer.status == 201 for offer in offers) >= 10 and not any(offer.lost for offer in offers)
    assert watcher.waiting == []
    assert max(watcher.late_seconds.values()) < house.closing_limit_seconds
    proof.every_bid_was_answered_and_happened_once(offers, lots)
    for reader in readers:
        proof.the_reader_saw_everything_once(reader)
    proof.closed_once(lots)
    proof.the_books_balance(house)
    proof.eventually(lambda: proof.everybody_was_told_once(lots), 10, "the notices of the result")
    house.run.wait_until(house.run.ready, 20)
