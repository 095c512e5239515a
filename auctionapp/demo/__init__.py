"""Sample data through the real services, each at its own moment of the past: people, money, lots, bids, results, posts."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import events, pictures, transaction
from auctionapp.accounts.models import User
from auctionapp.accounts.services import people
from auctionapp.auctions.models import Auction, HouseSettings
from auctionapp.auctions.services import bidding, closing, selling
from auctionapp.chat import services as chat
from auctionapp.clock import Clock, SetClock, database_clock
from auctionapp.demo import talks
from auctionapp.demo.acquaintances import introduce
from auctionapp.demo.lots import LOTS, DemoBid, DemoLot
from auctionapp.demo.posts import POSTS, DemoPost
from auctionapp.extensions import db
from auctionapp.pictures import StoredPicture
from auctionapp.posts import services as posts
from auctionapp.storage import Place
from auctionapp.wallet import services as wallet

DOMAIN = "demo.example"
PASSWORD = "lots-of-brass-26"
PEOPLE = {
    "mira": ("Mira Halvorsen", "seller"), "theo": ("Theo Lindqvist", "seller"), "ada": ("Ada Moreau", "user"),
    "bruno": ("Bruno Keller", "user"), "chiara": ("Chiara Fontana", "user"), "dmytro": ("Dmytro Bondar", "user"),
}
MONEY_CENTS = 150_000
JOINED = timedelta(days=40)
NOW = timedelta(0)
STILL_OPEN = timedelta(days=1)
"""The end of a lot that is over while its bids are placed: the sweep of a house that runs must not close it before."""


def is_loaded(session: Session) -> bool:
    return session.scalar(select(User.id).where(User.email == address("mira"))) is not None


def is_empty(session: Session) -> bool:
    """Nobody has registered here: a new house."""
    return session.scalar(select(User.id).limit(1)) is None


def address(person: str) -> str:
    return f"{person}@{DOMAIN}"


def load(media: Place, pictures_folder: Path, clock: Clock = database_clock) -> int:
    """Make the demo's people, lots and posts; returns how many lots. Nobody is told: it all happened before."""
    now = _now(clock)
    with events.unheard():
        ids = {person: people.create_user(address(person), PASSWORD, name, role, SetClock(now - JOINED))
               for person, (name, role) in PEOPLE.items()}
        for person, (_, role) in PEOPLE.items():
            if role == "user":
                wallet.deposit_by_operator(ids[person], MONEY_CENTS, SetClock(now - JOINED))
        introduce(ids, {person: name for person, (name, _) in PEOPLE.items()}, media, pictures_folder,
                  SetClock(now - JOINED))
        drawn = {lot.picture: _stored(pictures_folder / f"{lot.picture}.webp", media) for lot in LOTS}
        lots = {lot.picture: _put_on_sale(lot, ids, drawn[lot.picture], now) for lot in LOTS}
        _bid_and_close(ids, lots, now)
        for post in POSTS:
            _publish(post, ids, lots, media, drawn, now)
        talks.load(ids, lots, media, drawn, now)
    return len(LOTS)


def _stored(file: Path, media: Place) -> StoredPicture:
    with file.open("rb") as opened:
        return pictures.store(media, opened)


def _publish(post: DemoPost, ids: dict[str, int], lots: dict[str, int], media: Place, drawn: dict[str, StoredPicture],
             now: datetime) -> None:
    written = now - post.before_now
    text = re.sub(r"{lot:([a-z-]+)}", lambda named: f"/auctions/{lots[named[1]]}", post.text)
    with pictures.copied(media, [drawn[name] for name in post.pictures]) as stored:
        post_id, _ = posts.publish(ids[post.author], posts.Draft(post.title, text, post.tags), stored, clock=SetClock(written))
    for number, one in enumerate(post.comments, start=1):
        said = written + post.before_now * number / (len(post.comments) + 2)
        comment_id = posts.comment(post_id, ids[one.author], one.text, clock=SetClock(said))
        for author, answer in one.answers:
            posts.comment(post_id, ids[author], answer, comment_id, clock=SetClock(said + post.before_now / 9))
    for person in post.likes:
        posts.like(post_id, ids[person], True, clock=SetClock(written + post.before_now / 3))


def _put_on_sale(lot: DemoLot, ids: dict[str, int], picture: StoredPicture, now: datetime) -> int:
    starts_at, ends_at = now + lot.starts, now + (STILL_OPEN if lot.ends <= NOW else lot.ends)
    made_at = SetClock(min(starts_at, now) - timedelta(hours=2))
    auction_id = selling.create_draft(ids[lot.seller], selling.Draft(
        title=lot.title, category_slug=lot.category, description=lot.description, tags=lot.tags,
        starting_price_cents=lot.starting_price_cents, bid_step_cents=lot.bid_step_cents,
        reserve_price_cents=lot.reserve_price_cents, soft_close_seconds=lot.soft_close_seconds,
        starts_at=starts_at, ends_at=ends_at), made_at, pictures=[picture])
    selling.publish(auction_id, ids[lot.seller], made_at)
    for minute, (author, text) in enumerate(lot.chat):
        chat.post(auction_id, ids[author], text, clock=SetClock(now - timedelta(hours=5) + timedelta(minutes=17 * minute)))
    return auction_id


def _bid_and_close(ids: dict[str, int], lots: dict[str, int], now: datetime) -> None:
    """All lots together in the order of time, in which a house's bids and money have their numbers."""
    happened: list[tuple[timedelta, DemoLot, DemoBid | None]] = [(lot.ends, lot, None) for lot in LOTS if lot.ends <= NOW]
    happened += [(-one.before_now, lot, one) for lot in LOTS for one in lot.bids]
    for since, lot, one in sorted(happened, key=itemgetter(0)):
        auction_id, moment = lots[lot.picture], now + since
        if one:
            bidding.place_bid(auction_id, bidding.Offer(ids[one.bidder], one.kind, one.amount_cents), SetClock(moment))
        else:
            transaction.write(partial(_put_end, auction_id=auction_id, ends_at=moment))
            closing.close(auction_id, SetClock(moment))


def _put_end(session: Session, auction_id: int, ends_at: datetime) -> None:
    auction = session.get_one(Auction, auction_id)
    auction.ends_at = auction.first_ends_at = ends_at


def renew_ends(clock: Clock = database_clock) -> int:
    """Demo lots whose end passed while the house was shut get their ends anew (in place of R7's extension).

    Returns how many.
    """
    def work(session: Session) -> int:
        now = clock.now(session)
        planned = _planned_durations()
        count = 0
        for auction_id in closing.due_auctions(session, now):
            auction = closing.lock_auction(session, auction_id)
            duration = planned.get(auction.title) if auction and _is_of_demo(session, auction) else None
            if auction is None or duration is None:
                continue
            auction.ends_at = auction.first_ends_at = now + duration
            auction.version += 1
            events.announce(session, events.AuctionScheduled(auction_id))
            count += 1
        if count:
            session.get_one(HouseSettings, 1).last_sweep_at = now
        return count

    return transaction.write(work)


def _planned_durations() -> dict[str, timedelta]:
    return {lot.title: lot.ends for lot in LOTS if lot.ends > NOW}


def _is_of_demo(session: Session, auction: Auction) -> bool:
    return session.scalar(select(User.email).where(User.id == auction.seller_id)).endswith("@" + DOMAIN)


def sign_ins() -> Iterator[str]:
    """The lines that tell how to try it, for the run command and `flask demo`."""
    by_role: dict[str, list[str]] = defaultdict(list)
    for person, (_, role) in PEOPLE.items():
        by_role[role].append(address(person))
    yield f"sellers  {', '.join(by_role['seller'])}"
    yield f"bidders  {', '.join(by_role['user'])}"
    yield f"password {PASSWORD}"


def _now(clock: Clock) -> datetime:
    now = clock.now(db.session())
    db.session.rollback()
    return now
