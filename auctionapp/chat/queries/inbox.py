"""The list of a person's chats, and how much of them is unread: a constant number of statements, however many."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, tuple_, union
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.chat.queries.chats import title_of
from auctionapp.extensions import db

PER_PAGE = 20
_other, _author = aliased(User), aliased(User)


@dataclass(frozen=True)
class Entry:
    """One chat in the list."""

    id: int
    kind: str
    title: str
    auction_id: int | None
    other_id: int | None
    """Of a direct chat: the other person."""
    picture: str | None
    """Of the group, or of the other person."""
    last_message_id: int | None
    last_author_id: int | None
    last_author: str | None
    last_text: str
    last_picture: bool
    last_system: bool
    last_deleted: bool
    last_at: datetime
    last_number: int
    unread: int
    created_at: datetime

    @property
    def path(self) -> str:
        return f"/inbox/{self.id}"

    @property
    def handover_path(self) -> str | None:
        """Of a hand-over: the page that `path` leads to."""
        return f"/auctions/{self.auction_id}/handover" if self.kind == "handover" else None

    @property
    def cursor(self) -> str:
        """For `?before=`: what comes after it in the list."""
        return f"{int(self.last_at.timestamp() * 1_000_000)}-{self.id}"


def _entries(user_id: int) -> Any:
    other_id = case((Conversation.low_id == user_id, Conversation.high_id), else_=Conversation.low_id)
    return (
        select(Conversation.id, Conversation.kind, Conversation.name, Conversation.auction_id, Conversation.picture,
               Conversation.last_message_id, Conversation.last_message_at, Conversation.last_number, Conversation.created_at,
               (Conversation.last_number - Member.read_number).label("unread"),
               _other.id.label("other_id"), _other.display_name.label("other"), _other.picture.label("other_picture"),
               Auction.title, Message.author_id, _author.display_name.label("author"), Message.text,
               Message.picture.label("last_picture"), Message.kind.label("last_kind"), Message.deleted_at)
        .select_from(Member).join(Conversation, Conversation.id == Member.conversation_id)
        .outerjoin(_other, _other.id == other_id)
        .outerjoin(Auction, Auction.id == Conversation.auction_id)
        .outerjoin(Message, Message.id == Conversation.last_message_id)
        .outerjoin(_author, _author.id == Message.author_id)
        .where(Member.user_id == user_id, Member.left_at.is_(None)))


def _shown(user_id: int) -> Any:
    """A direct chat in which nobody has written yet is its beginner's alone."""
    return or_(Conversation.kind != "direct", Conversation.last_number > 0, Conversation.creator_id == user_id)


def _listed(user_id: int) -> Any:
    return _entries(user_id).where(_shown(user_id)).order_by(
        Conversation.last_message_at.desc(), Conversation.id.desc())


def _entry(row: Any) -> Entry:
    title = f"Hand-over of {row.title}" if row.kind == "handover" else title_of(row.kind, row.name, row.other)
    return Entry(
        row.id, row.kind, title, row.auction_id, row.other_id, row.picture or row.other_picture,
        row.last_message_id, row.author_id, row.author, row.text or "", row.last_picture is not None, row.last_kind == "system",
        row.deleted_at is not None, row.last_message_at, row.last_number, row.unread, row.created_at)


def entries(user_id: int, before: tuple[datetime, int] | None = None, limit: int = PER_PAGE) -> tuple[list[Entry], str | None]:
    """A person's chats, last used first, after a place in the list; and the place where the next ones begin."""
    wanted = _listed(user_id).limit(limit + 1)
    if before is not None:
        wanted = wanted.where(tuple_(Conversation.last_message_at, Conversation.id) < before)
    found = [_entry(row) for row in db.session.execute(wanted)]
    return found[:limit], found[limit - 1].cursor if len(found) > limit else None


def numbered(user_id: int, page: int, per_page: int) -> tuple[list[Entry], int]:
    """One page of the same, and how many chats there are in all (the API's lists have numbers)."""
    total = db.session.scalar(
        select(func.count()).select_from(Member).join(Conversation, Conversation.id == Member.conversation_id)
        .where(Member.user_id == user_id, Member.left_at.is_(None), _shown(user_id))) or 0
    rows = db.session.execute(_listed(user_id).limit(per_page).offset((page - 1) * per_page))
    return [_entry(row) for row in rows], total


def entry(user_id: int, conversation_id: int) -> Entry:
    """One chat of a person, also before anything is written in it."""
    return _entry(db.session.execute(
        _entries(user_id).where(Conversation.id == conversation_id)).one())


def unread(user_ids: Collection[int]) -> dict[int, int]:
    """How many messages each of these people has not read, over all their chats."""
    rows = db.session.execute(_unread().where(Member.user_id.in_(user_ids)))
    return dict.fromkeys(user_ids, 0) | {row.user_id: int(row.unread) for row in rows}


def unread_around(conversation_ids: Iterable[int], user_ids: Iterable[int]) -> dict[int, int]:
    """The same of all members of these conversations and of these people besides."""
    inside = select(Member.user_id).where(Member.conversation_id.in_(list(conversation_ids)), Member.left_at.is_(None))
    people = union(inside, select(User.id).where(User.id.in_(list(user_ids)))).subquery()
    rows = db.session.execute(_unread().where(Member.user_id.in_(select(people))))
    return {row.user_id: int(row.unread) for row in rows}


def _unread() -> Any:
    """A person who left all chats still has a row, with nothing unread."""
    return (
        select(Member.user_id, func.coalesce(func.sum(Conversation.last_number - Member.read_number).filter(
            Member.left_at.is_(None)), 0).label("unread"))
        .join(Conversation, Conversation.id == Member.conversation_id).group_by(Member.user_id))
