"""Whether the parts of the house answer, and whether anything that is due has been left undone."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from auctionapp import jobqueue, storage
from auctionapp.auctions.queries.overdue import overdue_count
from auctionapp.clock import database_clock
from auctionapp.extensions import db
from auctionapp.storage import Place

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Health:
    """`parts` says of each part whether it answers; the count is None while the database does not."""

    parts: dict[str, bool]
    overdue_closes: int | None

    @property
    def ready(self) -> bool:
        return all(self.parts.values()) and self.overdue_closes == 0


def health(pictures: Place) -> Health:
    """Ask every part once, also the place of pictures where it is a bucket."""
    overdue = None
    try:
        overdue = overdue_count(db.session(), database_clock.now(db.session()))
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        db.session.rollback()
    parts = {"database": overdue is not None} | jobqueue.health()
    bucket = storage.bucket_answers(pictures)
    return Health(parts if bucket is None else parts | {"pictures": bucket}, overdue)
