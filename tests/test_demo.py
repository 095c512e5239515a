"""The demo's people and lots."""

import threading

from sqlalchemy import func, select

import config
from auctionapp import demo
from auctionapp.auctions.models import Auction, Bid
from auctionapp.auctions.services import closing
from auctionapp.demo.acquaintances import FRIENDS, REQUESTS
from auctionapp.extensions import db
from auctionapp.people.models import Friendship


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
