"""Whom a seller takes bids from (R11)."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.accounts.models import SellerBlock
from auctionapp.auctions.models import Auction, BidderAlias
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotFound

LARGEST_ALIAS = 2**31 - 1
"""The column is no id: an address may hold a larger number, which PostgreSQL refuses to compare."""


def block(auction_id: int, seller_id: int, alias: int, clock: Clock = database_clock) -> None:
    """Take no more bids from a bidder of this lot, on any lot of this seller. Bids that stand already stay.

    Raises NotFound for another's lot and for an alias that nobody has there.
    """
    def work(session: Session) -> None:
        values = {"seller_id": seller_id, "bidder_id": _bidder_id(session, auction_id, seller_id, alias),
                  "created_at": clock.now(session)}
        session.execute(bulk.dialect_insert(session, SellerBlock).values(values).on_conflict_do_nothing())

    transaction.write(work)


def unblock(auction_id: int, seller_id: int, alias: int) -> None:
    """Take bids from that bidder again. Raises NotFound as `block` does."""
    def work(session: Session) -> None:
        session.execute(delete(SellerBlock).where(
            SellerBlock.seller_id == seller_id,
            SellerBlock.bidder_id == _bidder_id(session, auction_id, seller_id, alias)))

    transaction.write(work)


def _bidder_id(session: Session, auction_id: int, seller_id: int, alias: int) -> int:
    found = None if alias > LARGEST_ALIAS else session.scalar(
        select(BidderAlias.user_id).join(Auction, Auction.id == BidderAlias.auction_id)
        .where(Auction.id == auction_id, Auction.seller_id == seller_id, BidderAlias.alias == alias))
    if found is None:
        raise NotFound()
    return found
