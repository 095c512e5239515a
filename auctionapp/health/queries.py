"""Whether the parts of the house answer."""

from __future__ import annotations

import logging

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from auctionapp import jobqueue
from auctionapp.extensions import db

log = logging.getLogger(__name__)


def parts_up() -> dict[str, bool]:
    """Each part of the house and whether it answers now."""
    return {"database": database_answers()} | jobqueue.health()


def database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        db.session.rollback()
        return False
    return True
