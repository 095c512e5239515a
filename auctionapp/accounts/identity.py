"""Who asks: Flask-Login's cookie names a sign-in kept on the server, so that it ends when it should (fault 45)."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import select

from auctionapp.accounts.models import SignIn, User
from auctionapp.extensions import db, login_manager

# A sign-in ends on the server; that a phone changes its network is no reason to doubt it.
login_manager.session_protection = None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@login_manager.user_loader
def load_signed_in(token: str) -> User | None:
    """The person behind a sign-in that has neither ended nor expired, unless blocked."""
    found = db.session.execute(
        select(User, SignIn).join(SignIn, SignIn.user_id == User.id)
        .where(SignIn.token_hash == token_hash(token), SignIn.expires_at > datetime.now(UTC),
               User.blocked_at.is_(None))
    ).first()
    if found is None:
        return None
    user, sign_in = found
    user.sign_in_token = token
    user.sign_in_id = sign_in.id
    user.sign_in_seen_at = sign_in.seen_at
    user.sign_in_remembered = sign_in.remembered
    user.sign_in_proved_at = sign_in.proved_at or sign_in.created_at
    return user
