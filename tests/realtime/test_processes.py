"""Streams under load, at the end of the server, and without gunicorn."""

import random
import threading
import time

import pytest

from tests import factories
from tests.realtime.conftest import events_path, page_path, tell_news

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_none_of_1200_events_is_missed_or_told_twice_however_often_a_reader_comes_back(app, web, lot):
    """Four publishers at once, and a reader who hangs up again and again and resumes with Last-Event-ID."""
    total = 1200

    def publish():
        with app.app_context():
            for _ in range(total // 4):
                tell_news(lot)

    publishers = [threading.Thread(target=publish) for _ in range(4)]
    steady = web.read(events_path(lot), **{"Last-Event-ID": "0"})
    for publisher in publishers:
        publisher.start()
    numbers, last = [], "0"
    deadline = time.monotonic() + 60
    while len(numbers) < total:
        assert time.monotonic() < deadline, numbers[-5:]
        reader = web.read(events_path(lot), **{"Last-Event-ID": last})
        time.sleep(random.uniform(0.05, 0.3))
        got = reader.events
        reader.hang_up()
        numbers += [int(frame.id) for frame in got]
        last = str(numbers[-1]) if numbers else "0"
    for publisher in publishers:
        publisher.join()
    assert numbers == list(range(1, total + 1))
    steady.wait_for(lambda reader: len(reader.events) >= total, 10)
    assert [int(frame.id) for frame in steady.events] == list(range(1, total + 1))
    steady.hang_up()


@only_sqlite
def test_streams_end_properly_when_the_server_is_told_to_stop(app, web, lot):
    readers = [web.read(page_path(lot)).wait_until_open() for _ in range(50)]
    web.processes["web"].terminate()
    assert web.processes["web"].wait(30) == 0
    for reader in readers:
        reader.wait_for(lambda reader: reader.ended_cleanly, 1)


@only_sqlite
def test_a_stream_for_a_server_that_asks_piece_by_piece(app, lot):
    """Without gunicorn's gevent worker (the development server, TLS in gunicorn) a generator does the same."""
    person = factories.user()
    client = app.test_client()
    factories.sign_in(client, person)
    answer = client.get(page_path(lot))
    assert answer.mimetype == "text/event-stream" and answer.headers["X-Accel-Buffering"] == "no"
    pieces = (piece for piece in answer.response if b"heartbeat" not in piece)
    assert next(pieces) == b": welcome\n\n"
    assert f"id: a{lot}.0-p{person.id}.0".encode() in next(pieces)
    tell_news(lot, html="<b>price</b>")
    assert next(pieces) == f"id: a{lot}.1-p{person.id}.0\ndata: <b>price</b>\n\n".encode()
    answer.close()
    assert client.head(page_path(lot)).status_code == 200

