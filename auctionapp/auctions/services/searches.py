"""Searches of the catalogue that people keep."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import SavedSearch
from auctionapp.auctions.queries.catalogue import Wish
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, DomainError, NotFound

MOST = 50


def save(user_id: int, wish: Wish, clock: Clock = database_clock) -> None:
    """Keep a search; the same again changes nothing.

    Raises DomainError when it asks for nothing, Conflict beyond 50 of one person.
    """
    asked = {"words": wish.words, "category": wish.category, "tag": wish.tag, "status": wish.status}
    if not any(asked.values()):
        raise DomainError("Search for words or choose a filter first: there is nothing to save yet.")

    def work(session: Session) -> None:
        # The person's row is locked, so that two clicks at once are one search.
        session.execute(select(User.id).where(User.id == user_id).with_for_update())
        if session.scalar(select(SavedSearch.id).filter_by(user_id=user_id, **asked)):
            return
        number = session.scalar(select(func.count()).select_from(SavedSearch).filter_by(user_id=user_id)) or 0
        if number >= MOST:
            raise Conflict(f"You keep {MOST} searches already. Remove one on your watchlist first.")
        session.add(SavedSearch(user_id=user_id, created_at=clock.now(session), **asked))

    transaction.write(work)


def remove(user_id: int, search_id: int) -> None:
    """Give up a search of one's own. Raises NotFound for any other."""
    def work(session: Session) -> None:
        gone = session.execute(
            delete(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.user_id == user_id)
            .returning(SavedSearch.id)).first()
        if gone is None:
            raise NotFound()

    transaction.write(work)
