"""Reactions of the chat to what happened; `wiring.py` binds them to events.

Counters and how far was read wait in gatherers: a lively chat costs a few rounds a second, however many write in it.
"""

from collections.abc import Sequence

from auctionapp import bus, topics
from auctionapp.chat import live, queries, services
from auctionapp.events import (
    AccountBlocked,
    AuctionClosed,
    MembersGone,
    PersonBlocked,
    ReadFurther,
    UnreadChanged,
)
from auctionapp.gather import Gatherer

COUNT_PAUSE_SECONDS = 0.3
READ_PAUSE_SECONDS = 0.5


def open_handover(event: AuctionClosed) -> None:
    """Winner and seller get a thread of their own. A lost reaction is made good by the first message."""
    services.open_handover(event.auction_id)


def _count(events: Sequence[UnreadChanged]) -> None:
    live.tell_unread({one for event in events for one in event.conversation_ids},
                     {one for event in events for one in event.user_ids})


def _show_reads(events: Sequence[ReadFurther]) -> None:
    live.tell_reads(event.conversation_id for event in events)


_counted = Gatherer(_count, COUNT_PAUSE_SECONDS)
_read = Gatherer(_show_reads, READ_PAUSE_SECONDS)


def count_unread(event: UnreadChanged) -> None:
    """The counter in the bar of every page of the people concerned."""
    _counted.submit(event)


def show_reads(event: ReadFurther) -> None:
    """The others see how far somebody has read."""
    _read.submit(event)


def hand_groups_on(event: AccountBlocked) -> None:
    """No group is left with an administrator who cannot come in."""
    services.hand_on(event.user_id)


def end_streams(event: MembersGone) -> None:
    """Who is no member any more hears nothing more (fault 37); the streams' keeper finds what this misses."""
    bus.publish(bus.News(topics.conversation_topic(event.conversation_id), close_people=event.user_ids))


def silence(event: PersonBlocked) -> None:
    """The streams of a direct chat end for both once one has blocked the other; what they open anew tells nothing of it."""
    conversation_id = queries.direct_of(event.by_id, event.blocked_id)
    if conversation_id is not None:
        bus.publish(bus.News(topics.conversation_topic(conversation_id), close=True))
