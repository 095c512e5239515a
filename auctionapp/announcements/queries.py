"""Reads of announcements. Every page asks what shows now, so each process keeps the answer for some seconds."""

import math
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from auctionapp.announcements.models import Announcement
from auctionapp.extensions import db

AT_ONCE = 3
KEPT_SECONDS = 10.0

_showing = (
    select(Announcement.id, Announcement.text, Announcement.tone, Announcement.starts_at, Announcement.ends_at)
    .order_by(Announcement.id.desc())
)
_kept: tuple[float, Sequence[Any]] | None = None


def showing(now: datetime) -> list[Any]:
    """The announcements that show at `now`, newest first, at most three. The rows may be some seconds old."""
    global _kept
    if _kept is None or _kept[0] < time.monotonic():
        rows = db.session.execute(_showing.where(Announcement.ends_at > now).limit(20)).all()
        _kept = time.monotonic() + KEPT_SECONDS, rows
    return [row for row in _kept[1] if row.starts_at <= now < row.ends_at][:AT_ONCE]


def forget_kept() -> None:
    """Look again at the next page: this process has just changed one."""
    global _kept
    _kept = None


def expect_none() -> None:
    """Do not look before one is changed here: for a house that has just begun, as in tests."""
    global _kept
    _kept = math.inf, ()


def newest(limit: int = 50) -> Sequence[Announcement]:
    return db.session.scalars(select(Announcement).order_by(Announcement.id.desc()).limit(limit)).all()
