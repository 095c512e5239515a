"""Reactions of the wallet to what happened; `wiring.py` binds them to events.

They wait in a gatherer: under a storm of bids one reading of the figures tells of many, and no answer waits for it.
"""

from collections.abc import Sequence

from auctionapp import bus
from auctionapp.events import WalletChanged
from auctionapp.extensions import db
from auctionapp.gather import Gatherer
from auctionapp.topics import person_topic
from auctionapp.wallet import live


def _show_all(events: Sequence[WalletChanged]) -> None:
    fragments = list(live.rendered({user_id for event in events for user_id in event.user_ids}))
    db.session.rollback()
    for figures, html in fragments:
        bus.publish(person_topic(figures.user_id), figures.topic_sequence, html=html)


_tellers = Gatherer(_show_all)


def show_figures(event: WalletChanged) -> None:
    """Each person's open pages show the new figures."""
    _tellers.submit(event)
