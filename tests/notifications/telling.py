"""Telling somebody something, and what they then see."""

from datetime import UTC, datetime

from flask import current_app

from auctionapp import transaction
from auctionapp.extensions import db
from auctionapp.mail.site import Site
from auctionapp.notifications import queries
from auctionapp.notifications.services.writing import notify


def told(notice, again=False) -> set[str]:
    """The keys of what was new."""
    site = Site.of(current_app.config)
    return transaction.write(lambda session: notify(session, [notice], site, datetime.now(UTC), again))


def listed(person_id) -> list[queries.Listed]:
    """What the person's list shows, newest first."""
    db.session.rollback()
    return queries.newest(person_id)[0]
