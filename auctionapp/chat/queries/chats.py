"""One conversation as its page shows it, for those who may see it; for all others there is none (fault 41)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, or_, select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Member
from auctionapp.chat.queries.lines import Line, list_id, page
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.people.models import PersonBlock
from auctionapp.people.queries import friends_of

MOST_CANDIDATES = 500


@dataclass(frozen=True)
class Person:
    """A member as the others see them."""

    id: int
    name: str
    picture: str | None
    is_admin: bool
    read_number: int
    joined_at: datetime | None


@dataclass(frozen=True)
class Chat:
    """What the chat's partial shows: the newest lines, oldest first, and how to go on."""

    kind: str
    title: str
    path: str
    """Where it is read, and where messages are posted."""
    post_path: str
    list_id: str
    lines: list[Line]
    next_before: int | None
    conversation_id: int | None = None
    topic_sequence: int = 0
    """Where its topic stood before the lines were read."""
    last_number: int = 0
    read_number: int = 0
    """How far its reader had read."""
    is_admin: bool = False
    name: str = ""
    picture: str | None = None
    people: list[Person] = field(default_factory=list)
    """Members, the reader among them, in the order of their coming; of the lobby and an auction's chat none."""

    is_newest: bool = True
    """Whether its lines are the newest, to which new ones may be appended."""

    @property
    def unread(self) -> int:
        return self.last_number - self.read_number if self.people else 0

    @property
    def first_unread(self) -> int | None:
        """The number of the message above which a mark says that what follows is new; none above the very first."""
        return self.read_number + 1 if self.people and 0 < self.read_number < self.last_number else None

    def seen(self, reader_id: int | None) -> tuple[int, str] | None:
        """The reader's own newest message that others have read, by its id, and in words by whom (chat-own.js)."""
        others = [one.read_number for one in self.people if one.id != reader_id]
        for line in reversed(self.lines):
            count = sum(number >= line.number for number in others)
            if count and line.author_id == reader_id and not line.system:
                return line.id, rules.seen_words(count, len(others))
        return None


_conversation = Conversation.__table__.select().where(
    Conversation.auction_id == bindparam("auction_id"), Conversation.kind == bindparam("kind"))


def conversation(auction_id: int, kind: str) -> Row | None:
    return db.session.connection().execute(_conversation, {"auction_id": auction_id, "kind": kind}).first()


def chat_of(auction_id: int, before: int | None = None) -> Chat:
    """The open chat of an auction, for its page. Whether the auction may be seen is the page's affair."""
    found = conversation(auction_id, "auction")
    lines, next_before = page(found.id if found else None, before)
    path = f"/auctions/{auction_id}/messages"
    return Chat("auction", "Chat", path, path, list_id("auction", auction_id, None), lines[::-1], next_before,
                found.id if found else None, is_newest=before is None)


def handover_of(auction_id: int, reader_id: int, before: int | None = None) -> Chat:
    """The private thread of winner and seller; who may read it is said by `handover_people`.

    Before its first message it may not be there yet.
    """
    found = conversation(auction_id, "handover")
    path = f"/auctions/{auction_id}/handover"
    if found is None:
        return Chat("handover", "Hand-over", path, path, list_id("handover", auction_id, None), [], None)
    return _chat(found, reader_id, "Hand-over", path, path, before)


def private_chat(conversation_id: int, reader_id: int, before: int | None = None) -> Chat:
    """A direct or group chat, a hand-over, or the lobby. Raises NotFound for everybody but its members."""
    found = db.session.execute(Conversation.__table__.select().where(
        Conversation.id == conversation_id, Conversation.kind != "auction")).first()
    if found is None:
        raise NotFound()
    path = "/lobby" if found.kind == "lobby" else f"/inbox/{conversation_id}"
    return _chat(found, reader_id, "", path, f"/inbox/{conversation_id}/messages", before)


def _chat(found: Row, reader_id: int, title: str, path: str, post_path: str, before: int | None) -> Chat:
    people = people_of(found.id) if found.kind != "lobby" else []
    own = next((one for one in people if one.id == reader_id), None)
    if own is None and found.kind != "lobby":
        raise NotFound()
    if not title:
        title = title_of(found.kind, found.name, next((one.name for one in people if one.id != reader_id), ""))
    lines, next_before = page(found.id, before, reader_id if found.kind == "lobby" else None)
    return Chat(
        found.kind, title, path, post_path, list_id(found.kind, found.auction_id, found.id), lines[::-1], next_before,
        found.id, found.topic_sequence, found.last_number, own.read_number if own else 0, bool(own and own.is_admin),
        found.name or "", found.picture, people, before is None)


def title_of(kind: str, name: str | None, other: str) -> str:
    """What a chat is called: by its name, or by the other person."""
    if kind == "lobby":
        return "Lobby"
    return name or other or "Chat"


def lobby_id() -> int:
    return db.session.scalars(select(Conversation.id).where(Conversation.kind == "lobby")).one()


def picture_of(group_id: int) -> str | None:
    """A group's, as a name of `pictures.py`."""
    return db.session.scalar(select(Conversation.picture).where(Conversation.id == group_id))


def direct_of(user_id: int, other_id: int) -> int | None:
    """The chat of a pair, if it was begun."""
    low_id, high_id = sorted((user_id, other_id))
    return db.session.scalar(
        select(Conversation.id).where(Conversation.low_id == low_id, Conversation.high_id == high_id))


def candidates(user_id: int) -> list[Any]:
    """Whom a person may easily ask into a group: friends, and the others of direct chats; who blocked them is not."""
    pairs = select(case((Conversation.low_id == user_id, Conversation.high_id), else_=Conversation.low_id)).where(
        Conversation.kind == "direct", Conversation.last_number > 0,
        or_(Conversation.low_id == user_id, Conversation.high_id == user_id))
    blocking = select(PersonBlock.blocker_id).where(PersonBlock.blocked_id == user_id)
    return list(db.session.execute(
        select(User.id, User.display_name, User.picture)
        .where(or_(User.id.in_(pairs), User.id.in_(friends_of(user_id))), User.id.not_in(blocking), User.id != user_id,
               User.confirmed_at.is_not(None), User.blocked_at.is_(None))
        .order_by(func.lower(User.display_name), User.id).limit(MOST_CANDIDATES)))


def people_of(conversation_id: int) -> list[Person]:
    """The members of a conversation, longest first."""
    return people_of_all([conversation_id])[conversation_id]


def people_of_all(conversation_ids: Collection[int]) -> dict[int, list[Person]]:
    """The same of several."""
    rows = db.session.execute(
        select(Member.conversation_id, User.id, User.display_name, User.picture, Member.is_admin, Member.read_number,
               Member.joined_at)
        .join(Member, Member.user_id == User.id)
        .where(Member.conversation_id.in_(conversation_ids), Member.left_at.is_(None))
        .order_by(Member.joined_at, User.id))
    found: dict[int, list[Person]] = {one: [] for one in conversation_ids}
    for row in rows:
        found[row.conversation_id].append(Person(*row[1:]))
    return found


def members(conversation_id: int) -> Sequence[int]:
    """Ids of the people of a private conversation, in order."""
    return db.session.scalars(
        select(Member.user_id).where(Member.conversation_id == conversation_id, Member.left_at.is_(None))
        .order_by(Member.user_id)).all()


def see(conversation_id: int, reader_id: int) -> Row:
    """Id and kind of a conversation that this person may read. Raises NotFound; an auction's chat is its page's."""
    found = db.session.execute(
        select(Conversation.id, Conversation.kind, Conversation.auction_id, Member.is_admin).outerjoin(
            Member, and_(Member.conversation_id == Conversation.id, Member.user_id == reader_id, Member.left_at.is_(None)))
        .where(Conversation.id == conversation_id, Conversation.kind != "auction",
               (Conversation.kind == "lobby") | Member.user_id.is_not(None))).first()
    if found is None:
        raise NotFound()
    return found


def silent(conversation_ids: Collection[int]) -> set[int]:
    """Those of them that are direct chats of which one has blocked the other: nothing is told there any more."""
    return set(db.session.scalars(
        select(Conversation.id).join(PersonBlock, or_(
            and_(PersonBlock.blocker_id == Conversation.low_id, PersonBlock.blocked_id == Conversation.high_id),
            and_(PersonBlock.blocker_id == Conversation.high_id, PersonBlock.blocked_id == Conversation.low_id)))
        .where(Conversation.id.in_(conversation_ids))))


@dataclass(frozen=True)
class HandoverPeople:
    """Who see each other's name once a lot is sold."""

    auction: Auction
    seller: User
    winner: User


def handover_people(auction_id: int, reader_id: int | None) -> HandoverPeople:
    """Seller and winner of a sold auction, for the two of them. Raises NotFound for everybody else (fault 41)."""
    auction = db.session.get(Auction, auction_id)
    if auction is None or auction.state != "sold":
        raise NotFound()
    winner_id = db.session.scalar(select(Bid.bidder_id).where(Bid.id == auction.winning_bid_id))
    if reader_id is None or reader_id not in (auction.seller_id, winner_id):
        raise NotFound()
    return HandoverPeople(auction, db.session.get_one(User, auction.seller_id), db.session.get_one(User, winner_id))


def public_auction(auction_id: int, reader_id: int | None = None) -> Auction:
    """An auction whose chat this reader may see. Raises NotFound; a draft is its seller's alone."""
    found = db.session.get(Auction, auction_id)
    if found is None or (found.state == "draft" and found.seller_id != reader_id):
        raise NotFound()
    return found
