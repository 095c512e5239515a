"""Reads of one lot for those who may see it."""

from collections.abc import Sequence

from sqlalchemy import select

from auctionapp.auctions.models import Auction, AuctionImage
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.extensions import db


def visible(auction_id: int, viewer_id: int | None) -> Auction:
    """The lot, unless it is somebody else's draft. Raises NotFound."""
    lot = db.session.get(Auction, auction_id)
    if lot is None or (lot.state == "draft" and lot.seller_id != viewer_id):
        raise NotFound()
    return lot


def own(auction_id: int, seller_id: int) -> Auction:
    """The seller's own lot. Raises NotFound for another's draft, NotAllowed for another's lot."""
    lot = visible(auction_id, seller_id)
    if lot.seller_id != seller_id:
        raise NotAllowed("Only its seller may change a lot.")
    return lot


def images(auction_id: int) -> Sequence[AuctionImage]:
    return db.session.scalars(
        select(AuctionImage).where(AuctionImage.auction_id == auction_id)
        .order_by(AuctionImage.position, AuctionImage.id)).all()
