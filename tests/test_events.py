"""What happened is told to those who react, and only the past is played in silence."""

import threading

from auctionapp import events


def test_playing_the_past_keeps_nobody_else_silent():
    heard = []
    reactions = dict(events._handlers)
    events.subscribe({events.AuctionChanged: [heard.append]})
    both_inside, first_left = threading.Barrier(2), threading.Event()

    def first():
        with events.unheard():
            both_inside.wait()
            events.dispatch(events.AuctionChanged(1))
        first_left.set()

    def second():
        with events.unheard():
            both_inside.wait()
            first_left.wait()

    try:
        threads = [threading.Thread(target=work) for work in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert heard == []
        events.dispatch(events.AuctionChanged(2))
        assert heard == [events.AuctionChanged(2)]
    finally:
        events.subscribe(reactions)
