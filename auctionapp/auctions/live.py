"""What everybody who watches an auction is sent: small regions rendered once from the database, for nobody in particular.

A fragment never reads who asks (there is no request here), shows aliases only, and replaces a whole region, so that
receiving it twice is harmless. Which words are for the reader (leading, outbid) the browser decides by comparing
`data-leader` with the page's own alias; what only one person may know travels on the person's own topic
(`notifications/live.py`).
"""

import threading
from collections import OrderedDict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from auctionapp import bus, topics
from auctionapp.auctions.queries import auction as auctions
from auctionapp.auctions.queries import history
from auctionapp.auctions.queries.auction import Panel
from auctionapp.extensions import db

REMEMBERED = 10_000
FIRST_LOOK_BACK = 20
"""How many events the first message of a process carries: it cannot know what others have told. Hubs read the log for
whatever is missing."""


class _Told:
    """Per auction the last event that this process has published; the oldest entries are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: OrderedDict[int, int] = OrderedDict()

    def up_to(self, auction_id: int) -> int | None:
        with self._lock:
            return self._last.get(auction_id)

    def note(self, auction_id: int, sequence: int) -> None:
        with self._lock:
            self._last[auction_id] = sequence
            self._last.move_to_end(auction_id)
            if len(self._last) > REMEMBERED:
                self._last.popitem(last=False)

    def forget(self) -> None:
        """As in a process that has just started."""
        with self._lock:
            self._last.clear()


told = _Told()


def publish(auction_id: int) -> None:
    """Render the auction's regions from the database and send them with the events since the last message."""
    lot = _panel(auction_id)
    if lot is None:
        return
    html = _render(lot)
    topic, sequence = topics.auction_topic(auction_id), lot.topic_sequence
    last = told.up_to(auction_id)
    since = max(0, sequence - FIRST_LOOK_BACK) if last is None else min(last, sequence)
    news = [
        {"sequence": event.sequence, "kind": event.kind, "payload": event.payload}
        for event in topics.read_after(db.session(), topic, since) if event.sequence <= sequence
    ]
    db.session.rollback()
    if bus.publish(topic, sequence, html, events=news):
        told.note(auction_id, sequence)


def render_state(auction_id: int) -> str:
    """The regions as they stand now, for a stream that has just connected; empty for what is not public."""
    lot = _panel(auction_id)
    return _render(lot) if lot else ""


def _panel(auction_id: int) -> Panel | None:
    return auctions.panel(auction_id, None, datetime.now(UTC))


def _render(lot: Panel) -> str:
    """Through the environment and not `render_template`: its context would bring the reader in."""
    template = current_app.jinja_env.get_template("auctions/_live.html")
    return template.render(
        lot=lot, last_steps=history.last(lot.id), role="watching", currency=current_app.config["CURRENCY"],
        zone=ZoneInfo(current_app.config["SITE_TIME_ZONE"]))
