"""Bidding and closing while web processes, worker, scheduler and Redis are killed at random moments."""

import os
import random
import time
from collections import Counter
from itertools import count

from tests.crash import proof
from tests.crash.house import Trouble
from tests.crash.program import Bidder, Reader, Watcher

SEED = int(os.environ.get("CRASH_SEED") or 20_251)
STORM_SECONDS = 15.0


def test_no_bid_is_lost_or_doubled_and_every_auction_closes_while_everything_is_killed(open_house, crowd_of):
    house = open_house()
    crowd = crowd_of(house, 5)
    # Some end while the storm is at its worst, the others just after it; one moves its end with every late bid.
    ends = [10.5, 11.5, 12.5, 13.5, 15, 16]
    lots = [crowd.seller.sell(seconds) for seconds in ends] + [crowd.seller.sell(12, soft_close_seconds=4)]
    counters = {auction_id: count(1) for auction_id in lots}
    trouble = Trouble(house, STORM_SECONDS, SEED)
    watcher = Watcher(house.program(), lots)
    readers = [Reader(house.run.port, auction_id, SEED + auction_id) for auction_id in (lots[4], lots[-1])]
    bidders = [Bidder(program, person_id, counters, SEED + person_id) for person_id, program in crowd.bidders.items()]
    for thread in (watcher, *readers, *bidders, trouble):
        thread.start()
    trouble.join(STORM_SECONDS + 20)
    for bidder in bidders:
        bidder.stopping = True
    for bidder in bidders:
        bidder.join(30)
    for thread in (watcher, *readers):
        thread.join(20)
    offers = [offer for bidder in bidders for offer in bidder.offers]
    accepted = [offer for offer in offers if offer.status == 201]
    again = [offer for offer in accepted if offer.lost]
    print(f"seed {SEED}: killed {dict(Counter(house.deaths))}; {len(offers)} bids, {len(accepted)} accepted,"
          f" {sum(bool(offer.lost) for offer in offers)} answers lost ({len(again)} of accepted bids);"
          f" closed after {proof.closed_after_seconds(lots)} s,"
          f" seen after {sorted(round(late, 1) for late in watcher.late_seconds.values())} s (a start takes"
          f" {house.start_seconds:.1f} s);"
          f" readers connected {[len(reader.connections) for reader in readers]} times")

    assert not any(bidder.is_alive() for bidder in bidders)
    assert len(house.deaths) >= 6 and len(accepted) >= 20

    assert sorted(watcher.late_seconds) == sorted(lots)
    assert max(watcher.late_seconds.values()) < house.closing_limit_seconds, house.run.text()
    proof.every_bid_was_answered_and_happened_once(offers, lots)
    proof.every_accepted_bid_is_in_the_history(offers, house.program(), lots)
    proof.repeated_bids_change_nothing(
        again + random.Random(SEED).sample(accepted, 10), crowd.bidders)
    proof.every_bid_was_answered_and_happened_once(offers, lots)
    proof.closed_once(lots)
    for reader in readers:
        proof.the_reader_saw_everything_once(reader)
    proof.the_books_balance(house)
    proof.eventually(lambda: proof.winner_and_seller_can_write(lots), 10, "the thread of winner and seller")
    proof.eventually(lambda: proof.everybody_was_told_once(lots), 10, "the notices of the result")
    started = time.monotonic()
    house.run.wait_until(house.run.ready, 20)
    print(f"ready again after {time.monotonic() - started:.1f} s")
