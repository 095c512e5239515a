"""Reactions of the wallet to what happened."""

from auctionapp import bus
from auctionapp.events import WalletChanged
from auctionapp.extensions import db
from auctionapp.topics import person_topic
from auctionapp.wallet import live


def show_figures(event: WalletChanged) -> None:
    """Tell each person's open pages the new figures."""
    fragments = list(live.rendered(event.user_ids))
    db.session.rollback()
    for figures, html in fragments:
        bus.publish(person_topic(figures.user_id), figures.topic_sequence, html=html)
