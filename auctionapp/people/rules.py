"""How people stand to each other, what becomes of requests, how one without a picture is drawn."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from auctionapp.errors import Conflict, DomainError, NotAllowed

DECLINED_LASTS = timedelta(days=30)
"""So long a declined request looks unanswered to who sent it, and reaches nobody when it is sent again."""
TOLD_AGAIN_AFTER = timedelta(days=1)
"""Who withdraws a request and sends it again does not knock at the door each time."""
PICTURES_KEPT = 12


class WithOneself(DomainError):
    slug = "with-oneself"
    text = "This is you."


class TooManyRequests(DomainError):
    slug = "too-many-requests"
    status = 429

    def __init__(self, most: int):
        super().__init__(f"You have asked {most} people within a day. Ask the next one tomorrow.")


class TooManyOpenRequests(DomainError):
    slug = "too-many-open-requests"
    status = 429

    def __init__(self, most: int):
        super().__init__(f"{most} of your requests are still open. Withdraw one, or wait for answers.")


class RequestGone(Conflict):
    slug = "request-gone"
    text = "This request is no longer open."


class Blocking(NotAllowed):
    text = "You have blocked this person. Unblock first."


class CannotFollow(NotAllowed):
    text = "You cannot follow this person."


class TooManyPictures(DomainError):
    slug = "too-many-pictures"
    text = f"{PICTURES_KEPT} pictures are kept. Remove one first."


class FriendshipRow(Protocol):
    requester_id: int
    accepted_at: datetime | None
    declined_at: datetime | None
    withdrawn_at: datetime | None


def is_quiet(row: FriendshipRow, now: datetime) -> bool:
    """Whether a request was declined, or never arrived, not so long ago that it may be sent anew."""
    return row.declined_at is not None and row.declined_at + DECLINED_LASTS > now


def asks(row: FriendshipRow | None, asker_id: int, now: datetime) -> bool:
    """Whether this person wants friendship with the other of the row and, as far as they can see, waits.

    A declined request counts: who changes their mind accepts it, and the asker sees no difference.
    """
    return (row is not None and row.requester_id == asker_id and row.accepted_at is None and row.withdrawn_at is None
            and (row.declined_at is None or is_quiet(row, now)))


def friendship(row: FriendshipRow | None, viewer_id: int, now: datetime) -> str:
    """What a person sees: `friends`, `asked` (by the viewer), `asks` (the other one), or `none`."""
    if row is None:
        return "none"
    if row.accepted_at is not None:
        return "friends"
    if asks(row, viewer_id, now):
        return "asked"
    waits = row.requester_id != viewer_id and row.withdrawn_at is None and row.declined_at is None
    return "asks" if waits else "none"


@dataclass(frozen=True)
class Standing:
    """How a viewer stands to another person."""

    person_id: int
    friendship: str = "none"
    follows: bool = False
    blocks: bool = False


def initials(name: str) -> str:
    """One or two letters of a display name: `Mira Halvorsen` is MH."""
    first = [letter for word in name.split() if (letter := _first_sign(word))]
    return "".join(first if len(first) < 2 else (first[0], first[-1]))


def _first_sign(word: str) -> str:
    return next((one.upper()[0] for one in word if unicodedata.category(one)[0] in "LNS"), "")
