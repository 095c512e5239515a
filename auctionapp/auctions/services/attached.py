"""What is attached to a lot, and to a post in the same way: tags and pictures, in tables of one row each.

The column that names the owner (`AuctionImage.auction_id`, `PostTag.post_id`) says which table is meant.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from auctionapp.auctions.services.tags import tag_ids
from auctionapp.events import PicturesDropped, announce
from auctionapp.pictures import StoredPicture


def write_tags(session: Session, owner: Any, owner_id: int, names: Sequence[str]) -> None:
    """Link the tags with these names, made where they are new."""
    ids = tag_ids(session, names)
    if ids:
        session.execute(insert(owner.class_), [{owner.key: owner_id, "tag_id": tag_id} for tag_id in ids])


def append_pictures(session: Session, owner: Any, owner_id: int, pictures: Sequence[StoredPicture], most: int,
                    too_many: Callable[[], Exception]) -> None:
    """Put pictures behind those that are there; raises what `too_many` makes where there would be more than `most`."""
    if not pictures:
        return
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(owner.class_.position), 0)).where(owner == owner_id)).one()
    if count + len(pictures) > most:
        raise too_many()
    session.execute(insert(owner.class_), [
        {owner.key: owner_id, "name": one.name, "width": one.width, "height": one.height, "position": last + number}
        for number, one in enumerate(pictures, start=1)])


def drop_pictures(session: Session, owner: Any, owner_id: int, ids: Sequence[int] | None = None) -> None:
    """Remove the pictures with these ids, or all; their files go after the commit."""
    these = [owner == owner_id] if ids is None else [owner == owner_id, owner.class_.id.in_(ids)]
    if ids is not None and not ids:
        return
    names = session.scalars(select(owner.class_.name).where(*these)).all()
    if names:
        session.execute(delete(owner.class_).where(*these))
        announce(session, PicturesDropped(tuple(names)))
