"""Beginning conversations: a direct chat for a pair, a group, the thread of winner and seller."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from auctionapp import bulk, idempotency, quotas, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.chat import rules
from auctionapp.chat.models import Conversation, Member
from auctionapp.chat.services import writing
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotAllowed, NotFound
from auctionapp.events import UnreadChanged, announce
from auctionapp.idempotency import Key
from auctionapp.people import queries as people
from auctionapp.pictures import StoredPicture


@dataclass(frozen=True)
class Opened:
    conversation_id: int
    new: bool


def open_direct(user_id: int, other_id: int, clock: Clock = database_clock) -> Opened:
    """The one chat of these two, begun if it is the first time, also when both begin it at the same moment.

    Raises NotFound, NotAllowed (with oneself, or blocked), TooManyChats.
    """
    if user_id == other_id:
        raise NotAllowed("You cannot write to yourself.")
    low_id, high_id = sorted((user_id, other_id))
    pair = select(Conversation.id).where(Conversation.low_id == low_id, Conversation.high_id == high_id)

    def work(session: Session) -> Opened:
        found = session.scalar(pair)
        if found is not None:
            return Opened(found, False)
        _lock(session, user_id)
        writing.active_person(session, user_id)
        others(session, user_id, [other_id])
        now = clock.now(session)
        _refuse_many_chats(session, user_id, now)
        made = session.execute(
            bulk.dialect_insert(session, Conversation.__table__)
            .values(kind="direct", low_id=low_id, high_id=high_id, creator_id=user_id, created_at=now, last_message_at=now)
            .on_conflict_do_nothing(index_elements=["low_id", "high_id"]).returning(Conversation.__table__.c.id)).scalar()
        if made is None:
            return Opened(session.scalars(pair).one(), False)
        _join(session, made, [low_id, high_id], now)
        return Opened(made, True)

    return transaction.write(work)


def open_group(creator_id: int, name: str, user_ids: Collection[int], picture: str | None = None,
               key: Key | None = None, clock: Clock = database_clock) -> int:
    """Begin a group with these people; its creator is its administrator. Without a name it is called after them.

    Raises NotFound, NotAllowed (somebody has blocked the creator), NobodyChosen, NameInvalid, GroupFull, TooManyChats,
    TooManyAdded, IdempotencyKeyReuse.
    """
    chosen = sorted(set(user_ids) - {creator_id})
    if not chosen:
        raise rules.NobodyChosen()
    if len(chosen) >= rules.MOST_MEMBERS:
        raise rules.GroupFull()
    kept_name = rules.group_name(name) if name.strip() else ""

    def work(session: Session) -> int:
        _lock(session, creator_id)
        earlier = idempotency.earlier_result(session, key)
        if earlier is not None:
            session.rollback()
            return int(earlier["id"])
        creator = writing.active_person(session, creator_id)
        names = others(session, creator_id, chosen)
        now = clock.now(session)
        _refuse_many_chats(session, creator_id, now)
        refuse_many_added(session, creator_id, len(chosen), now)
        group_id = session.execute(insert(Conversation.__table__).values(
            kind="group", picture=picture, name=kept_name or rules.name_of([creator.display_name, *names]), creator_id=creator_id,
            created_at=now, last_message_at=now).returning(Conversation.__table__.c.id)).scalar_one()
        _join(session, group_id, [creator_id, *chosen], now, creator_id)
        writing.append(session, writing.lock(session, group_id), creator, f"{creator.display_name} began this group.",
                       now, system=True)
        idempotency.keep(session, key, {"id": group_id}, now)
        return group_id

    return transaction.write(work)


def _lock(session: Session, user_id: int) -> None:
    """One new chat of a person after the other, so that quotas and keys hold for many at once too."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def others(session: Session, user_id: int, wanted: Sequence[int]) -> list[str]:
    """Names of people with whom somebody begins to talk. Raises NotFound, and NotAllowed if one has blocked them."""
    rows = session.execute(
        select(User.id, User.display_name).where(User.id.in_(wanted), User.confirmed_at.is_not(None),
                                                 User.blocked_at.is_(None)).order_by(User.id)).all()
    if len(rows) != len(set(wanted)):
        raise NotFound("There is no such person.")
    blockers = people.blockers_of(session, user_id, wanted)
    refusing = [row.display_name for row in rows if row.id in blockers]
    if refusing:
        raise NotAllowed(f"{refusing[0]} does not take messages from you.")
    return [row.display_name for row in rows]


def _refuse_many_chats(session: Session, user_id: int, now: datetime) -> None:
    if quotas.used_up(session, "chats", now, Conversation.created_at, Conversation.creator_id == user_id) is not None:
        raise rules.TooManyChats()


def refuse_many_added(session: Session, user_id: int, count: int, now: datetime) -> None:
    """Raises TooManyAdded if this person would have added too many people to groups."""
    if quotas.used_up(session, "added", now, Member.joined_at, Member.added_by_id == user_id, more=count) is not None:
        raise rules.TooManyAdded()


def _join(session: Session, conversation_id: int, user_ids: Sequence[int], now: datetime,
          creator_id: int | None = None) -> None:
    session.execute(insert(Member.__table__), [
        {"conversation_id": conversation_id, "user_id": user_id, "joined_at": now, "is_admin": user_id == creator_id,
         "added_by_id": creator_id if user_id != creator_id else None}
        for user_id in user_ids])


def post_handover(auction_id: int, author_id: int, text: str, key: Key | None = None,
                  picture: StoredPicture | None = None, clock: Clock = database_clock) -> dict[str, Any]:
    """Write in the thread of winner and seller, which begins with it if it is not there yet.

    Raises NotFound for everybody else, and as `writing.post`.
    """
    text = rules.clean(text, picture is not None)

    def work(session: Session) -> dict[str, Any]:
        thread_id = session.scalar(select(Conversation.id).where(
            Conversation.auction_id == auction_id, Conversation.kind == "handover"))
        if thread_id is None:
            thread_id = _open_handover(session, auction_id, clock)
        if thread_id is None:
            raise NotFound()
        return writing.post_locked(session, thread_id, author_id, text, picture, key, clock)

    return transaction.write(work)


def open_handover(auction_id: int, clock: Clock = database_clock) -> int | None:
    """Give winner and seller of a sold auction a thread of their own, once; its id, or None when nothing was sold."""
    return transaction.write(lambda session: _open_handover(session, auction_id, clock))


def _open_handover(session: Session, auction_id: int, clock: Clock) -> int | None:
    auction = session.scalars(
        select(Auction).where(Auction.id == auction_id, Auction.state == "sold").with_for_update(of=Auction)
        .execution_options(populate_existing=True)).first()
    if auction is None:
        return None
    winner_id = session.scalar(select(Bid.bidder_id).where(Bid.id == auction.winning_bid_id))
    thread_id = writing.of_auction(session, auction_id, "handover", clock).id
    missing = {auction.seller_id, winner_id} - set(writing.member_ids(session, thread_id)) - {None}
    if missing:
        _join(session, thread_id, sorted(missing), clock.now(session))
        announce(session, UnreadChanged((thread_id,)))
    return thread_id
