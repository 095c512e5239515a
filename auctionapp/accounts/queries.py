"""Reads about people, their sessions and tokens."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionapp.accounts.models import ApiToken, SignIn, User


def user_by_token(session: Session, token_hash: str) -> User | None:
    """Whose API token this is (`identity.token_hash`), unless it expired or the person is blocked."""
    found = session.execute(
        select(User, ApiToken.id).join(ApiToken, ApiToken.user_id == User.id)
        .where(ApiToken.token_hash == token_hash, ApiToken.expires_at > datetime.now(UTC),
               User.blocked_at.is_(None))
    ).first()
    if found is None:
        return None
    user, token_id = found
    user.api_token_id = token_id
    return user


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email))


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
