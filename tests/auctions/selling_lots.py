"""Lots as the tests of selling describe and find them."""

from datetime import UTC, datetime

from auctionapp.auctions.lots import Draft
from auctionapp.auctions.models import Auction, Bid
from auctionapp.extensions import db
from tests import factories


def described(**given) -> Draft:
    fields = {"title": "Brass telescope", "category_slug": "art", "starting_price_cents": 1000, "duration_hours": 24}
    category = db.session.execute(db.text("SELECT slug FROM categories ORDER BY id LIMIT 1")).scalar_one()
    return Draft(**(fields | {"category_slug": category} | given))


def lot(auction_id: int) -> Auction:
    db.session.rollback()
    return db.session.get_one(Auction, auction_id)


def bid_on(auction: Auction, maximum_cents: int) -> None:
    """A standing bid, as the engine would have left it."""
    bidder = factories.user()
    bid = Bid(auction_id=auction.id, number=1, bidder_id=bidder.id, kind="auto", maximum_cents=maximum_cents,
              placed_at=datetime.now(UTC))
    db.session.add(bid)
    db.session.flush()
    auction.leader_id, auction.leader_maximum_cents, auction.price_cents = bidder.id, maximum_cents, 1000
    auction.leading_bid_id, auction.bid_number, auction.bid_count, auction.step_sequence = bid.id, 1, 1, 1
    db.session.execute(db.text("INSERT INTO bidder_aliases (auction_id, user_id, alias) VALUES (:a, :u, 1)"),
                       {"a": auction.id, "u": bidder.id})
    db.session.commit()
