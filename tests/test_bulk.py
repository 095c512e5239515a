"""Rows that are written together are all there, with their defaults, or none of them is."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from auctionapp import bulk, transaction
from auctionapp.auctions.models import Auction, Bid
from auctionapp.clock import database_clock
from auctionapp.extensions import db
from tests import factories


def write_bids(auction_id: int, rows: list[tuple[int, dict]]) -> None:
    def work(session):
        connection = session.connection()
        with bulk.together(connection):
            bulk.insert_rows(connection, Bid.__table__, [
                {"auction_id": auction_id, "bidder_id": bidder_id, "kind": "auto"} | row for bidder_id, row in rows
            ], placed_at=database_clock.now(session))
            bulk.update_rows(connection, Auction.__table__, "id", [{"id": auction_id, "bid_number": len(rows)}])

    transaction.write(work)


def test_an_insert_and_an_update_written_together_are_both_there_with_the_columns_defaults(app):
    lot, person = factories.auction(), factories.bidder()
    write_bids(lot.id, [(person, {"number": 1, "maximum_cents": 100}), (person, {"number": 2, "maximum_cents": 200})])
    assert db.session.execute(select(Bid.number, Bid.maximum_cents, Bid.state).order_by(Bid.number)).all() == [
        (1, 100, "standing"), (2, 200, "standing")]
    assert db.session.scalar(select(Auction.bid_number)) == 2


def test_of_rows_written_together_none_is_there_when_one_is_refused(app):
    lot, person = factories.auction(), factories.bidder()
    with pytest.raises(IntegrityError):
        write_bids(lot.id, [(person, {"number": 1, "maximum_cents": 100}), (person, {"number": 1, "maximum_cents": 200})])
    assert db.session.scalars(select(Bid.id)).all() == []
    assert db.session.scalar(select(Auction.bid_number)) == 0
    write_bids(lot.id, [(person, {"number": 1, "maximum_cents": 100})])
    assert db.session.scalar(select(Auction.bid_number)) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_statement_for_short_lists_is_planned_once_and_not_each_time(app):
    wanted = select(Auction.id).where(bulk.among(Auction.id, "auctions", "postgresql"))
    connection = db.session.connection()
    for _ in range(20):
        connection.execute(wanted, {"auctions": [1]})
    planned, known = db.session.execute(text("""
        SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT auctions.id%'""")).one()
    assert planned <= 5 and known >= 5
