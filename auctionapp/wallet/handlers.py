"""Reactions of the wallet to what happened; `wiring.py` binds them to events."""

from collections.abc import Sequence

from auctionapp import bus
from auctionapp.events import WalletChanged
from auctionapp.gather import Gatherer
from auctionapp.topics import person_topic


def _show_all(events: Sequence[WalletChanged]) -> None:
    people = dict.fromkeys(user_id for event in events for user_id in event.user_ids)
    bus.publish_all([bus.News(person_topic(user_id), state=True) for user_id in people])


_tellers = Gatherer(_show_all)


def show_figures(event: WalletChanged) -> None:
    """Each person's open pages show the new figures; under a storm of bids each person is told once a round."""
    _tellers.submit(event)
