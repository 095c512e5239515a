"""Calls that wait for the same work are done together, each with its own answer."""

import json
import subprocess
import sys
import threading
import time

import pytest

from auctionapp.batching import Batcher


def run_all(calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def test_one_call_is_done_alone_at_once():
    batcher = Batcher(lambda items: ([item * 2 for item in items], None))
    assert batcher.do(21) == 42


@pytest.mark.parametrize("slots", [1, 2])
def test_what_gathers_during_one_list_is_done_in_the_next(slots):
    lists, lock = [], threading.Lock()

    def work(items):
        with lock:
            lists.append(list(items))
        time.sleep(0.02)
        return [item * 2 for item in items], None

    batcher = Batcher(work, slots=slots)
    answers = {}
    run_all([lambda item=item: answers.update({item: batcher.do(item)}) for item in range(40)])
    assert answers == {item: item * 2 for item in range(40)}
    assert len(lists) < 20


def test_one_key_is_never_worked_on_twice_at_once_and_its_items_keep_together():
    at_work, overlaps, sizes = set(), [], []

    def work(items):
        keys = {key for key, _ in items}
        overlaps.extend(keys & at_work)
        at_work.update(keys)
        sizes.append(len(items))
        time.sleep(0.005)
        at_work.difference_update(keys)
        return items, None

    batcher = Batcher(work, key=lambda item: item[0], slots=2)
    run_all([lambda n=n: [batcher.do((n % 3, n)) for _ in range(10)] for n in range(12)])
    assert overlaps == [] and max(sizes) > 1


def test_those_who_were_answered_are_waited_for_so_that_all_come_in_one_list():
    lists = []

    def work(items):
        lists.append(len(items))
        time.sleep(0.005)
        return items, None

    batcher = Batcher(work, gather_seconds=0.5, patience_seconds=5)
    run_all([lambda: [batcher.do(number) for number in range(10)] for _ in range(12)])
    assert sum(lists) == 120
    assert sum(lists[len(lists) // 2:]) / len(lists[len(lists) // 2:]) > 8


def test_a_failure_reaches_every_call_of_its_list_and_the_next_list_works():
    def work(items):
        time.sleep(0.01)
        if "bad" in items:
            raise ValueError("bad")
        return items, None

    batcher = Batcher(work)
    failures = []

    def call(item):
        try:
            assert batcher.do(item) == item
        except ValueError:
            failures.append(item)

    run_all([lambda: call("bad")] + [lambda n=n: call(n) for n in range(10)])
    assert "bad" in failures
    assert batcher.do("good") == "good"


def test_what_is_left_to_do_runs_after_the_other_callers_have_their_answers():
    order = []
    first_runs, go = threading.Event(), threading.Event()

    def work(items):
        first_runs.set()
        go.wait(5)
        return items, lambda: (time.sleep(0.05), order.append("afterwards"))

    batcher = Batcher(work)
    worker = threading.Thread(target=lambda: batcher.do("a"))
    worker.start()
    first_runs.wait(5)
    others = [threading.Thread(target=lambda: (batcher.do("b"), order.append("answer"))) for _ in range(2)]
    for thread in others:
        thread.start()
    time.sleep(0.02)
    go.set()
    for thread in [worker, *others]:
        thread.join(10)
    assert order[0] == "answer"


def test_a_list_that_takes_long_keeps_only_its_own_items_waiting():
    release = threading.Event()

    def work(items):
        if items[0][0] == "slow":
            release.wait(5)
        return items, None

    batcher = Batcher(work, key=lambda item: item[0], slots=2, patience_seconds=0.02)
    slow = threading.Thread(target=lambda: batcher.do(("slow", 1)))
    slow.start()
    time.sleep(0.01)
    began = time.monotonic()
    assert batcher.do(("quick", 1)) == ("quick", 1)
    assert time.monotonic() - began < 2 and slow.is_alive()
    release.set()
    slow.join(5)
    assert not slow.is_alive()


def test_what_came_while_the_worker_waited_for_a_lock_is_let_in_at_its_place_if_it_has_the_same_key():
    lists, waits, go = [], threading.Event(), threading.Event()

    def work(items):
        waits.set()
        go.wait(5)
        items.let_in()
        lists.append(list(items))
        return [item * 10 for _, item in items], None

    batcher = Batcher(work, key=lambda item: item[0], limit=4, patience_seconds=5)
    answers = {}
    calls = [threading.Thread(target=lambda item=item: answers.update({item: batcher.do(item)}))
             for item in (("a", 1), ("b", 2), ("a", 3), ("a", 4), ("a", 5), ("a", 6))]
    for call in calls:
        call.start()
        waits.wait(5)
        time.sleep(0.01)
    go.set()
    for call in calls:
        call.join(10)
    assert lists == [[("a", 1), ("a", 3), ("a", 4), ("a", 5)], [("b", 2), ("a", 6)]]
    assert answers == {item: item[1] * 10 for item in answers} and len(answers) == 6


UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent, json
from auctionapp.batching import Batcher

lists = []

def work(items):
    lists.append(list(items))
    gevent.sleep(0.05)
    return items, None

batcher = Batcher(work, rank=lambda item: item)
"""

IN_ONE_TURN = UNDER_GEVENT + """
gevent.joinall([gevent.spawn(batcher.do, item) for item in (0, 5, 3, 4)])
first = gevent.spawn(batcher.do, 9)
gevent.sleep(0.002)
later = gevent.spawn(batcher.do, 8)
gevent.sleep(0.002)
gevent.joinall([first, later, gevent.spawn(batcher.do, 1)])
print(json.dumps(lists))
"""


def test_what_came_in_one_turn_of_the_loop_is_ranked_and_what_came_later_stays_behind():
    said = subprocess.run([sys.executable, "-c", IN_ONE_TURN], capture_output=True, text=True, check=True, timeout=30)
    first_turn, *others = json.loads(said.stdout)
    assert first_turn + others[0] == sorted(first_turn + others[0]) == [0, 3, 4, 5]
    assert others[1:] == [[9], [8, 1]]


FOUND_AT_ONCE_OR_ASKED_FOR = UNDER_GEVENT + """
import socket

def when_it_can_be_read(receiver):
    batcher.do(int(receiver.recv(1)))

pairs = [socket.socketpair() for _ in range(2)]
calls = [gevent.spawn(batcher.do, 0), *(gevent.spawn(when_it_can_be_read, receiver) for _, receiver in pairs)]
gevent.sleep(0.01)
for (sender, _), text in zip(pairs, (b"3", b"4")):
    sender.send(text)
calls.append(gevent.spawn(batcher.do, 5))  # runs before the loop asks which sockets can be read
gevent.joinall(calls)
print(json.dumps(lists))
"""


def test_what_is_found_at_once_does_not_go_before_what_waits_in_other_sockets():
    said = subprocess.run([sys.executable, "-c", FOUND_AT_ONCE_OR_ASKED_FOR], capture_output=True, text=True, check=True,
                          timeout=30)
    assert json.loads(said.stdout) == [[0], [3, 4, 5]]
