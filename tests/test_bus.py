"""Publishing never holds anybody up."""

import json
import os
import signal
import time

import pytest

from auctionapp import bus
from auctionapp.events import TopicNews
from auctionapp.realtime import handlers
from tests.ears import Ear


@pytest.fixture
def ear(redis_server):
    ear = Ear(redis_server.client)
    yield ear
    ear.close()


def test_news_reach_who_listens_with_their_topic(app, ear):
    news = {"sequence": 3, "kind": "bid", "payload": {"id": 1}}
    assert bus.publish(bus.News("auction:7", [news], state=True))

    assert ear.hear() == [("auction:7", {"events": [news], "state": True, "html": None, "close": False, "close_people": []})]


def test_what_is_told_at_once_is_one_message_and_words_may_have_lines(app, ear):
    words = "two\nlines\r\u2028 and\N{BELL}"
    assert bus.publish_all([bus.News("post:1", html=words), bus.News("person:2", state=True)])

    message = ear.pubsub.get_message(timeout=1)
    assert [topic for topic, _ in bus.heard(message["data"])] == ["post:1", "person:2"]
    assert json.loads(next(bus.heard(message["data"]))[1])["html"] == words
    assert not ear.hear(0.05)


def test_news_that_were_gathered_leave_room_for_what_another_process_tells(app, ear):
    rows = [{"topic": "auction:7", "sequence": number, "kind": "bid", "payload": {}} for number in (3, 4, 6, 1)]
    handlers._tell_all([TopicNews((rows[0], rows[1])), TopicNews((rows[2],)), TopicNews((rows[3],))])

    assert [[row["sequence"] for row in told["events"]] for _, told in ear.hear()] == [[1], [3, 4], [6]]


def test_a_frozen_redis_costs_a_publisher_a_quarter_of_a_second_once(app, redis_server):
    app.extensions["bus"].skip_until = 0
    assert bus.publish(bus.News("auction:7"))
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert not bus.publish(bus.News("auction:7"))
        assert time.monotonic() - started < 0.5  # twice as long, for a busy machine
        started = time.monotonic()
        assert not bus.publish(bus.News("auction:7"))
        assert time.monotonic() - started < 0.1
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)
        app.extensions["bus"].skip_until = 0
    assert bus.publish(bus.News("auction:7"))
