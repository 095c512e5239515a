"""Reads of the searches that people keep."""

from collections.abc import Sequence

from sqlalchemy import select

from auctionapp.auctions.models import SavedSearch
from auctionapp.auctions.queries.catalogue import Wish
from auctionapp.extensions import db


def saved(user_id: int) -> Sequence[tuple[int, Wish]]:
    """A person's own, newest first: the id of each and what it asks for."""
    rows = db.session.scalars(
        select(SavedSearch).where(SavedSearch.user_id == user_id).order_by(SavedSearch.id.desc()))
    return [(row.id, Wish(row.words, row.category, row.tag, row.status)) for row in rows]
