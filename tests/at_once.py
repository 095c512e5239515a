"""Several calls at the same moment, each with a database session of its own."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask


def at_once(app: Flask, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; their results, or the exceptions that they raised, in order."""
    results: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(index: int, call: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[index] = call()
            except Exception as refusal:
                results[index] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
