"""The demo's people and lots."""

import threading

import pytest
from sqlalchemy import func, select

import config
from auctionapp import demo
from auctionapp.admin.queries import figures
from auctionapp.auctions.models import Auction, Bid
from auctionapp.auctions.services import closing
from auctionapp.clock import database_clock
from auctionapp.demo.acquaintances import FRIENDS, REQUESTS
from auctionapp.extensions import db
from auctionapp.people.models import Friendship
from auctionapp.posts.models import Comment
from auctionapp.posts.queries import posts
from auctionapp.wallet.models import Transfer


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_demo_is_whole_when_a_running_house_sweeps_while_it_is_loaded(app, tmp_path):
    loaded = threading.Event()

    def sweep_all_the_time() -> None:
        with app.app_context():
            while not loaded.is_set():
                closing.close_due()

    sweeper = threading.Thread(target=sweep_all_the_time)
    sweeper.start()
    try:
        lots = demo.load(tmp_path, config.ROOT / "static" / "demo")
    finally:
        loaded.set()
        sweeper.join()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Auction)) == lots
    assert db.session.scalar(select(func.count()).select_from(Bid)) == sum(len(lot.bids) for lot in demo.LOTS)
    assert db.session.scalar(select(func.count()).select_from(Auction).where(Auction.state == "sold")) > 0
    accepted = select(func.count()).select_from(Friendship).where(Friendship.accepted_at.is_not(None))
    assert db.session.scalar(accepted) == len(FRIENDS)
    assert db.session.scalar(select(func.count()).select_from(Friendship)) == len(FRIENDS) + len(REQUESTS)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_demo_people_did_lies_in_the_past_and_has_its_numbers_in_the_order_of_time(app, tmp_path):
    demo.load(tmp_path, config.ROOT / "static" / "demo")
    now = database_clock.now(db.session())
    for numbered, moment in ((Bid, Bid.placed_at), (Transfer, Transfer.created_at)):
        moments = db.session.scalars(select(moment).order_by(numbered.id)).all()
        assert moments == sorted(moments)
    assert sum(bids for _, bids in figures.bids(now)) > 0
    shown = posts.feed(None).posts
    assert [one.title for one in shown] == [post.title for post in reversed(demo.POSTS)]
    assert all(one.pictures and one.like_count and one.comment_count and one.created_at < now for one in shown)
    assert sum(one.auction_id is not None for one in shown) == 2
    assert db.session.scalar(select(func.max(Comment.created_at))) < now
