"""Long computing under gevent, in a process of its own: patching cannot be taken back."""

import subprocess
import sys

PROGRAM = """
from gevent import monkey
monkey.patch_all()
import time, gevent
from auctionapp.threads import beside_the_loop

def computes(text):
    ends_at = time.monotonic() + 0.2
    while time.monotonic() < ends_at: pass
    raise ValueError(text)

turns = []
def others():
    while True:
        turns.append(1)
        gevent.sleep(0.02)
gevent.spawn(others)
try:
    beside_the_loop(computes, text="wrong")
except ValueError as error:
    print(error, len(turns) > 1, beside_the_loop(max, 3, 4))
"""


def test_others_go_on_meanwhile_and_a_refusal_comes_back_without_a_traceback_in_the_log():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=20)
    assert done.stdout == "wrong True 4\n"
    assert done.stderr == ""
