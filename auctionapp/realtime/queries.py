"""What streams read from the database: where topics stand, what was missed, which sign-ins still hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import select

from auctionapp import topics
from auctionapp.accounts.models import SignIn, User
from auctionapp.auctions.models import Auction
from auctionapp.chat import queries as chats
from auctionapp.chat.models import Conversation, Member
from auctionapp.extensions import db
from auctionapp.people.models import PersonBlock
from auctionapp.posts.models import Feed, Post

_AT_ONCE = 500
_models: dict[str, Any] = {
    "auction": Auction, "conversation": Conversation, "feed": Feed, "person": User, "post": Post, "price": Auction}


def split(topic: str) -> tuple[str, int]:
    kind, number = topic.split(":")
    return kind, int(number)


def public_auctions(auction_ids: Collection[int]) -> Sequence[int]:
    """Those of these auctions that everybody may see, in the order in which they were asked for."""
    if not auction_ids:
        return []
    found = set(db.session.scalars(select(Auction.id).where(Auction.id.in_(auction_ids), Auction.state != "draft")))
    return [one for one in auction_ids if one in found]


def _batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(numbers)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def sequences(names: Iterable[str]) -> dict[str, int]:
    """The last number of each of these topics that exists."""
    numbers: dict[str, list[int]] = {kind: [] for kind in _models}
    for name in names:
        kind, number = split(name)
        numbers[kind].append(number)
    found: dict[str, int] = {}
    for kind, model in _models.items():
        for some in _batches(numbers[kind]):
            rows = db.session.execute(select(model.id, model.topic_sequence).where(model.id.in_(some)))
            found.update({f"{kind}:{row.id}": row.topic_sequence for row in rows})
    return found


def events_between(topic: str, after: int, up_to: int, limit: int = _AT_ONCE) -> tuple[list[dict[str, Any]], int]:
    """The next rows of a topic's log after a number, and the number up to which they are all there are.

    At most `limit` at once; call it again until it has reached `up_to`.
    """
    rows = topics.read_after(db.session(), topic, after, limit=limit)
    events = [{"sequence": row.sequence, "kind": row.kind, "payload": row.payload}
              for row in rows if row.sequence <= up_to]
    complete = len(rows) < limit or rows[-1].sequence >= up_to
    return events, up_to if complete else rows[-1].sequence


def sign_ins_that_hold(ids: Iterable[int]) -> set[tuple[int, int]]:
    """Of these sign-ins, those that have neither ended nor expired, of people who are not blocked, with the person.

    With the person, as SQLite gives the id of a sign-in that ended to the next one, whosever that is.
    """
    found: set[tuple[int, int]] = set()
    for some in _batches(ids):
        found.update((row.id, row.user_id) for row in db.session.execute(
            select(SignIn.id, SignIn.user_id).join(User, User.id == SignIn.user_id)
            .where(SignIn.id.in_(some), SignIn.expires_at > datetime.now(UTC), User.blocked_at.is_(None))))
    return found


def blocked_by(user_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Whom each of these people has blocked; who blocks nobody is left out."""
    found: dict[int, set[int]] = defaultdict(set)
    for some in _batches(user_ids):
        for row in db.session.execute(
                select(PersonBlock.blocker_id, PersonBlock.blocked_id).where(PersonBlock.blocker_id.in_(some))):
            found[row.blocker_id].add(row.blocked_id)
    return {user_id: frozenset(blocked) for user_id, blocked in found.items()}


def admitted(conversation_ids: Iterable[int]) -> tuple[set[tuple[int, int]], set[int]]:
    """Who hears these conversations, as pairs of conversation and person; and which of them are everybody's.

    A direct chat of which one has blocked the other is silent for both.
    """
    members: set[tuple[int, int]] = set()
    open_to_all: set[int] = set()
    for some in _batches(conversation_ids):
        silent = chats.silent(some)
        members.update((row.conversation_id, row.user_id) for row in db.session.execute(
            select(Member.conversation_id, Member.user_id)
            .where(Member.conversation_id.in_(some), Member.left_at.is_(None))) if row.conversation_id not in silent)
        open_to_all.update(db.session.scalars(
            select(Conversation.id).where(Conversation.id.in_(some), Conversation.kind == "lobby")))
    return members, open_to_all
