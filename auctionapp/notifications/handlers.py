"""Reactions of the notices to what happened; `wiring.py` binds them to events.

They wait in gatherers, so that no answer waits for them and a storm of bids becomes a few transactions.
"""

from collections.abc import Sequence

from flask import current_app

from auctionapp.events import (
    AuctionClosed,
    AuctionEndedEarly,
    AuctionStopped,
    BidsPassedOver,
    BidsPlaced,
    FriendAccepted,
    FriendRefused,
    FriendRequested,
    LeadReturned,
    MessagePosted,
    PaymentFinished,
    PostCommented,
    PostLiked,
    ReportMade,
    ReserveReached,
    SecondChanceChanged,
    UnreadChanged,
    WordsGone,
)
from auctionapp.gather import Gatherer
from auctionapp.mail.site import Site
from auctionapp.notifications.services import auctions, gone, house, messages, people

STORM_PAUSE_SECONDS = 0.2
"""Between two rounds in the background: the first outbid person is told at once, a storm of bids five times a second."""

SOCIAL_PAUSE_SECONDS = 1.0
READING_SECONDS = 2.0
"""So long a message waits for being read: who reads along needs no notice."""


def _settings() -> tuple[Site, str]:
    return Site.of(current_app.config), current_app.config["CURRENCY"]


def _tell_outbid(events: Sequence[BidsPlaced]) -> None:
    lost = [(event.auction_id, user_id, bid_id, event.version) for event in events for user_id, bid_id in event.outbid]
    if lost:
        auctions.tell_outbid(lost, *_settings())


def _tell_messages(events: Sequence[MessagePosted]) -> None:
    newest = {(event.conversation_id, event.author_id): event.message_id for event in events}
    messages.tell_messages(newest.values(), _settings()[0])


def _mark_read(events: Sequence[UnreadChanged]) -> None:
    people_concerned = {user_id for event in events for user_id in event.user_ids}
    if people_concerned:
        messages.mark_read_there(people_concerned)


def _tell_requests(events: Sequence[FriendRequested]) -> None:
    people.tell_requests({(event.from_id, event.to_id) for event in events}, _settings()[0])


def _tell_accepted(events: Sequence[FriendAccepted]) -> None:
    people.tell_accepted({(event.to_id, event.by_id) for event in events}, _settings()[0])


def _read_refused(events: Sequence[FriendRefused]) -> None:
    people.read_refused({(event.from_id, event.by_id) for event in events})


def _forget_words(events: Sequence[WordsGone]) -> None:
    gone.forget_words({event.post_id for event in events if event.comment_id is None},
                      {event.comment_id for event in events if event.comment_id is not None})


def _tell_comments(events: Sequence[PostCommented]) -> None:
    people.tell_comments({event.comment_id for event in events}, _settings()[0])


def _tell_likes(events: Sequence[PostLiked]) -> None:
    people.tell_likes({event.post_id for event in events}, _settings()[0])


_outbid = Gatherer(_tell_outbid, STORM_PAUSE_SECONDS)
_written = Gatherer(_tell_messages, SOCIAL_PAUSE_SECONDS, READING_SECONDS)
_read = Gatherer(_mark_read, SOCIAL_PAUSE_SECONDS)
_requested = Gatherer(_tell_requests, SOCIAL_PAUSE_SECONDS)
_accepted = Gatherer(_tell_accepted, SOCIAL_PAUSE_SECONDS)
_refused = Gatherer(_read_refused)
_gone = Gatherer(_forget_words)
_commented = Gatherer(_tell_comments, SOCIAL_PAUSE_SECONDS)
_liked = Gatherer(_tell_likes, SOCIAL_PAUSE_SECONDS)


def tell_outbid(event: BidsPlaced) -> None:
    """People who lost the lead are told at once, wherever on the site they are."""
    _outbid.submit(event)


def answer_outbid(event: LeadReturned) -> None:
    """Who leads again without doing anything is no longer told that they were outbid."""
    auctions.answer_outbid(event.auction_id)


def tell_closed(event: AuctionClosed) -> None:
    """Winner, seller and losers get the result."""
    auctions.tell_closed(event.auction_id, *_settings())


def tell_reserve_reached(event: ReserveReached) -> None:
    """Everybody with a bid learns that the lowered reserve is met (R4)."""
    auctions.tell_reserve_reached(event.auction_id, *_settings())


def tell_passed_over(event: BidsPassedOver) -> None:
    """Those whose bid would lead again, but could not be held (R10)."""
    auctions.tell_passed_over(event.auction_id, event.user_ids, *_settings())


def tell_stopped(event: AuctionStopped) -> None:
    """Seller and bidders learn what the house did to a lot."""
    auctions.tell_stopped(event.auction_id, event.version, *_settings())


def tell_ended_early(event: AuctionEndedEarly) -> None:
    """Bidders learn that the seller ended a lot before its time (R9)."""
    auctions.tell_ended_early(event.auction_id, *_settings())


def tell_second_chance(event: SecondChanceChanged) -> None:
    """Bidder or seller learn what became of an offer (R4)."""
    auctions.tell_second_chance(event.offer_id, *_settings())


def tell_payment(event: PaymentFinished) -> None:
    auctions.tell_payment(event.payment_id, *_settings())


def tell_message(event: MessagePosted) -> None:
    """Members who do not read along learn that there is something to read."""
    _written.submit(event)


def mark_read(event: UnreadChanged) -> None:
    """Who reads a chat has read its notice."""
    if event.user_ids:
        _read.submit(event)


def tell_requested(event: FriendRequested) -> None:
    _requested.submit(event)


def tell_accepted(event: FriendAccepted) -> None:
    _accepted.submit(event)


def read_refused(event: FriendRefused) -> None:
    """Who declined a request, or blocked who sent it, has seen its notice."""
    _refused.submit(event)


def forget_words(event: WordsGone) -> None:
    """Nobody is led to what was removed."""
    _gone.submit(event)


def tell_commented(event: PostCommented) -> None:
    _commented.submit(event)


def tell_liked(event: PostLiked) -> None:
    _liked.submit(event)


def tell_reported(_event: ReportMade) -> None:
    """Administrators learn that something was reported."""
    house.tell_reported(_settings()[0])
