"""What happened, told after the commit. Services announce; `wiring.py` says who reacts.

An event carries ids and plain facts only: a handler looks at the database again.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SessionsEnded:
    """Sign-ins of this person ended (sign-out, new password, block): private streams must end (fault 37)."""

    user_id: int
    session_ids: tuple[int, ...]
    token_ids: tuple[int, ...] = ()
    """API tokens that ended with them."""


@dataclass(frozen=True)
class AccountBlocked:
    """The house has blocked a person."""

    user_id: int


@dataclass(frozen=True)
class MailQueued:
    mail_id: int


@dataclass(frozen=True)
class WalletChanged:
    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class PaymentFinished:
    payment_id: int


@dataclass(frozen=True)
class AuctionChanged:
    """Published, edited or suspended: whoever watches should see the present state."""

    auction_id: int


@dataclass(frozen=True)
class PicturesDropped:
    """No row names these pictures any more: their files may go."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class AuctionScheduled:
    """The effective end is new or has moved: the close must be scheduled (again)."""

    auction_id: int


@dataclass(frozen=True)
class BidsPlaced:
    """Some bids of one auction were accepted in one transaction, in order."""

    auction_id: int
    outbid: tuple[tuple[int, int], ...]
    """(bidder_id, bid_id): people who led before or within this transaction and no longer do, with the bid that lost
    the lead."""
    version: int
    """Of the auction after it: a bid may lose the lead again after others went (R10), and each loss is told once."""


@dataclass(frozen=True)
class AuctionClosed:
    auction_id: int


@dataclass(frozen=True)
class ReserveReached:
    """The seller lowered the reserve to within the leader's maximum: the lot will be sold (R4)."""

    auction_id: int


@dataclass(frozen=True)
class AuctionStopped:
    """The house suspended or withdrew it, or lets it go on: seller and bidders are told."""

    auction_id: int
    version: int
    """Of the auction after it, so that each time is told once."""


@dataclass(frozen=True)
class AuctionEndedEarly:
    """Its seller ended it before its time, its bids are void: bidders are told (R9)."""

    auction_id: int


@dataclass(frozen=True)
class SecondChanceChanged:
    """A second-chance offer was made, or declined, withdrawn or has lapsed; who accepts one closes the auction (R4)."""

    offer_id: int


@dataclass(frozen=True)
class BidsPassedOver:
    """These people would lead again after other bids went, but cannot be held (R10)."""

    auction_id: int
    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class LeadReturned:
    """Others' bids went, and somebody leads again who had been outbid (R10)."""

    auction_id: int


@dataclass(frozen=True)
class TopicNews:
    """Events were appended to the log of topics (`topics.record`): their rows, as dicts."""

    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class NoticesCreated:
    notice_ids: tuple[int, ...]
    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class MessagePosted:
    """Somebody wrote in a private conversation (direct, group or hand-over)."""

    conversation_id: int
    message_id: int
    author_id: int


@dataclass(frozen=True)
class UnreadChanged:
    """How much is unread in these conversations or for these people: the counters of all of them move."""

    conversation_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReadFurther:
    """Somebody has read on in a private conversation."""

    conversation_id: int


@dataclass(frozen=True)
class MembersGone:
    """People left a conversation or were removed: their streams of it must end (fault 37)."""

    conversation_id: int
    user_ids: tuple[int, ...]


@dataclass(frozen=True)
class PersonBlocked:
    """One person blocked another: their direct chat falls silent (fault 37)."""

    by_id: int
    blocked_id: int


@dataclass(frozen=True)
class FriendRequested:
    from_id: int
    to_id: int


@dataclass(frozen=True)
class FriendAccepted:
    by_id: int
    """Who said yes."""
    to_id: int
    """Who had asked."""


@dataclass(frozen=True)
class FriendRefused:
    """A request was declined, or who sent it was blocked. Only who did so hears of it."""

    by_id: int
    from_id: int


@dataclass(frozen=True)
class PostCommented:
    """Somebody wrote under a post; a comment with a parent answers another comment."""

    comment_id: int


@dataclass(frozen=True)
class PostLiked:
    """Somebody likes a post, who did not before."""

    post_id: int
    user_id: int


@dataclass(frozen=True)
class WordsGone:
    """A post was deleted or, with `comment_id`, a comment under it removed."""

    post_id: int
    comment_id: int | None = None


@dataclass(frozen=True)
class ReportMade:
    report_id: int


_handlers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(table: dict[type, list[Callable[[Any], None]]]) -> None:
    """Replace the table of reactions by this one (called once, by `wiring.py`)."""
    _handlers.clear()
    _handlers.update(table)


_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def unheard() -> Iterator[None]:
    """Within it nobody reacts to what this thread does: for playing the past in a scratch database."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def announce(session: Session, event: object) -> None:
    """Remember an event of this transaction; `transaction.write` tells it after the commit."""
    session.info.setdefault("announced", []).append(event)


def take_announced(session: Session) -> list[object]:
    return session.info.pop("announced", [])


def dispatch(event: object) -> None:
    """Run the reactions. The fact stands already, so a reaction that fails is logged and stops no other."""
    if _silent.get():
        return
    for handler in _handlers.get(type(event), ()):
        try:
            handler(event)
        except Exception:
            log.exception("The reaction %s to %s failed", handler.__qualname__, event)
