"""Publishing never holds anybody up."""

import json
import os
import signal
import time

from auctionapp import bus
from auctionapp.events import TopicNews
from auctionapp.realtime import handlers


def test_a_message_reaches_who_listens_on_the_topics_channel(app, redis_server):
    listener = redis_server.client.pubsub()
    listener.psubscribe("gavel:*")
    assert listener.get_message(timeout=1)["type"] == "psubscribe"

    news = {"sequence": 3, "kind": "bid", "payload": {"id": 1}}
    assert bus.publish(bus.News("auction:7", [news], state=True))

    heard = listener.get_message(timeout=1)
    assert heard["channel"] == b"gavel:auction:7"
    assert json.loads(heard["data"]) == {"events": [news], "state": True, "html": None, "close": False,
                                         "close_people": []}
    listener.close()


def test_news_that_were_gathered_leave_room_for_what_another_process_tells(app, redis_server):
    listener = redis_server.client.pubsub()
    listener.psubscribe("gavel:*")
    listener.get_message(timeout=1)

    rows = [{"topic": "auction:7", "sequence": number, "kind": "bid", "payload": {}} for number in (3, 4, 6, 1)]
    handlers._tell_all([TopicNews((rows[0], rows[1])), TopicNews((rows[2],)), TopicNews((rows[3],))])

    told = [json.loads(listener.get_message(timeout=1)["data"])["events"] for _ in range(3)]
    assert [[row["sequence"] for row in events] for events in told] == [[1], [3, 4], [6]]
    listener.close()


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
