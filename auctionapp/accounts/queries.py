"""Reads about people's sessions and tokens."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp.accounts.models import ApiToken, SignIn


def sign_ins(session: Session, user_id: int) -> Sequence[SignIn]:
    """The sessions that have not ended, the one seen last first."""
    return session.scalars(
        select(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at > datetime.now(UTC))
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc()).limit(100)
    ).all()


def api_tokens(session: Session, user_id: int) -> Sequence[ApiToken]:
    return session.scalars(
        select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.expires_at > datetime.now(UTC))
        .order_by(ApiToken.id.desc()).limit(100)
    ).all()
