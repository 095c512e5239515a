"""Auctions whose end has passed and that nobody has closed: what operators are woken up for (fault 27)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionapp.auctions.models import Auction

PATIENCE = timedelta(seconds=15)


def overdue_count(session: Session, now: datetime) -> int:
    """How many open auctions ended more than 15 s before `now`."""
    return session.scalar(
        select(func.count()).where(Auction.state == "open", Auction.ends_at < now - PATIENCE)
    )
