"""Watching a lot."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.auctions.models import Auction, Watch
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotFound


def toggle_watch(user_id: int, auction_id: int, clock: Clock = database_clock) -> bool:
    """Put a lot on the person's watchlist, or take it off; returns whether it is on it now."""
    def work(session: Session) -> bool:
        _visible(session, user_id, auction_id)
        watch = session.get(Watch, (user_id, auction_id))
        if watch is not None:
            session.delete(watch)
            return False
        session.execute(insert(Watch).values(user_id=user_id, auction_id=auction_id, created_at=clock.now(session)))
        return True

    return transaction.write(work)


def _visible(session: Session, user_id: int, auction_id: int) -> None:
    """The lot's row, locked, so that two clicks at once come one after the other. Raises NotFound."""
    lot = session.execute(select(Auction.seller_id, Auction.state).where(Auction.id == auction_id)
                          .with_for_update(key_share=True)).first()
    if lot is None or (lot.state == "draft" and lot.seller_id != user_id):
        raise NotFound()
