"""Tags, which lots and posts share."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp import bulk
from auctionapp.auctions import lots
from auctionapp.auctions.models import Tag


def tag_ids(session: Session, names: Sequence[str]) -> Sequence[int]:
    """The ids of the tags with these names, made where they are new."""
    if not names:
        return []
    by_slug = {lots.tag_slug(name): name for name in names}
    # In one order everywhere, so that two people who make the same new tags cannot wait for each other.
    session.execute(bulk.dialect_insert(session, Tag).values(
        [{"slug": slug, "name": name} for slug, name in sorted(by_slug.items())]).on_conflict_do_nothing())
    return session.scalars(select(Tag.id).where(Tag.slug.in_(by_slug))).all()
