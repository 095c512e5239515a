"""Things that tests need, made through the real tables and services: people, lots, money."""

from datetime import UTC, datetime, timedelta
from itertools import count

from auctionapp import transaction
from auctionapp.accounts.models import SellerBlock, SignIn, User
from auctionapp.auctions.models import Auction, Bid, Category
from auctionapp.audit import Actor
from auctionapp.extensions import db
from auctionapp.people.models import Follow, Friendship, PersonBlock
from auctionapp.wallet import services

_numbers = count(1)


def kept(row):
    """The row, written in a transaction that waits for its turn: the house of a test may be writing too."""
    transaction.write(lambda session: session.add(row))
    return row


def user(role: str = "user", **given) -> User:
    """A confirmed person. The password is not usable: sign in with `sign_in`."""
    number = next(_numbers)
    fields = {
        "email": f"person{number}@example.org", "display_name": f"Person {number}", "password_hash": "!",
        "role": role, "created_at": datetime.now(UTC), "confirmed_at": datetime.now(UTC),
    }
    return kept(User(**(fields | given)))


def seller(**given) -> User:
    return user(role="seller", **given)


def bidder(available_cents: int = 0, **given) -> int:
    """The id of a confirmed person with this money in the wallet, deposited through the ledger."""
    person_id = user(**given).id
    if available_cents:
        give_money(person_id, available_cents)
    return person_id


def give_money(person_id: int, amount_cents: int) -> None:
    """A completed deposit in cents."""
    services.deposit_by_operator(person_id, amount_cents)


def seller_block(seller_id: int, bidder_id: int) -> None:
    kept(SellerBlock(seller_id=seller_id, bidder_id=bidder_id))


def assert_ledger_clean() -> None:
    """Every invariant of the books holds (`flask ledger check`)."""
    from auctionapp.wallet import check

    db.session.rollback()
    assert check.differences(db.session) == []


def auction(seller_id: int | None = None, **given) -> Auction:
    """A lot that is live for an hour unless told otherwise; amounts in cents."""
    now = datetime.now(UTC)
    fields = {
        "seller_id": seller_id or seller().id, "title": "Brass telescope", "description": "In its case.",
        "category_id": db.session.query(Category.id).order_by(Category.id).limit(1).scalar(),
        "state": "open", "starting_price_cents": 1000, "increment_table_id": 1, "soft_close_seconds": 0,
        "starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1), "created_at": now,
    }
    fields |= given
    fields.setdefault("first_ends_at", fields["ends_at"])
    return kept(Auction(**fields))


def sold_auction(seller: User, winner: User, hammer_price_cents: int = 12000) -> Auction:
    """A lot that was sold, without the money that moved."""
    lot = auction(seller_id=seller.id)
    now = datetime.now(UTC)
    bid = Bid(auction_id=lot.id, number=1, bidder_id=winner.id, kind="manual", maximum_cents=hammer_price_cents,
              placed_at=now)
    db.session.add(bid)
    db.session.flush()
    lot.state, lot.winning_bid_id, lot.hammer_price_cents, lot.closed_at = "sold", bid.id, hammer_price_cents, now
    db.session.commit()
    return lot


def sign_in(client, person: User) -> None:
    """Give a test client this person's session, as the sign-in page would."""
    from auctionapp.accounts.identity import token_hash

    now = datetime.now(UTC)
    token = f"test-sign-in-{next(_numbers)}"
    kept(SignIn(user_id=person.id, token_hash=token_hash(token), created_at=now, seen_at=now,
                 expires_at=now + timedelta(days=1)))
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True


def post(author_id: int | None = None, title: str = "A clock that runs again", text: str = "It took **two** evenings.",
         **given) -> int:
    """The id of a post, published through the service."""
    from auctionapp.posts import services as posts

    return posts.publish(author_id or user().id, posts.Draft(title, text, given.pop("tags", ())), **given)[0]


def person_block(blocker_id: int, blocked_id: int) -> None:
    kept(PersonBlock(blocker_id=blocker_id, blocked_id=blocked_id, created_at=datetime.now(UTC)))


def block_by_house(user_id: int) -> None:
    transaction.write(lambda session: setattr(session.get_one(User, user_id), "blocked_at", datetime.now(UTC)))


def friends(one_id: int, other_id: int) -> None:
    low, high = sorted((one_id, other_id))
    kept(Friendship(low_id=low, high_id=high, requester_id=low, created_at=datetime.now(UTC),
                     accepted_at=datetime.now(UTC)))


def follow(follower_id: int, followed_id: int) -> None:
    kept(Follow(follower_id=follower_id, followed_id=followed_id, created_at=datetime.now(UTC)))


def admin(**given) -> User:
    return user(role="admin", **given)


def actor(person: User | None = None) -> Actor:
    """An administrator at the desk, as services take one."""
    return Actor((person or admin()).id, "127.0.0.1")


def bid(auction_id: int, bidder_id: int, amount_cents: int, kind: str = "auto") -> None:
    """An accepted bid through the service; raises what it refuses."""
    from auctionapp.auctions.services.bidding import Offer, place_bids

    [outcome] = place_bids(auction_id, [Offer(bidder_id, kind, amount_cents)])
    if isinstance(outcome, Exception):
        raise outcome
