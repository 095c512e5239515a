"""What a report is about: the thing as its reporter sees it. What they may not see does not exist for them."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.errors import NotFound


@dataclass(frozen=True)
class Subject:
    kind: str
    id: int
    name: str
    """In a sentence: `the lot “Brass telescope”`."""
    text: str
    """What is kept of it with the report."""
    author_id: int
    path: str
    """Where its reader finds it, and goes back to."""


def subject(session: Session, kind: str, subject_id: int, reader_id: int) -> Subject:
    """The thing that this person wants to report. Raises NotFound for what they may not see (fault 41)."""
    find = FINDERS.get(kind)
    if find is None:
        raise NotFound()
    return find(session, subject_id, reader_id)


def _auction(session: Session, auction_id: int, reader_id: int) -> Subject:
    lot = session.get(Auction, auction_id, populate_existing=True)
    if lot is None or (lot.state == "draft" and lot.seller_id != reader_id):
        raise NotFound()
    return Subject("auction", lot.id, f"the lot “{lot.title}”", f"{lot.title}\n\n{lot.description}", lot.seller_id,
                   f"/auctions/{lot.id}")


def _person(session: Session, user_id: int, _reader_id: int) -> Subject:
    person = session.get(User, user_id, populate_existing=True)
    if person is None or not person.is_active:
        raise NotFound()
    return Subject("person", person.id, person.display_name, f"{person.display_name}\n\n{person.about}".strip(), person.id,
                   f"/people/{person.id}")


FINDERS: dict[str, Callable[[Session, int, int], Subject]] = {"auction": _auction, "person": _person}
