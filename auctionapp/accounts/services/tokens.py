"""API tokens: made with the password, shown once, kept as hashes."""

import secrets
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts import identity, rules
from auctionapp.accounts.models import ApiToken
from auctionapp.accounts.services.sessions import Proven, require_unchanged
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import NotFound
from auctionapp.events import SessionsEnded, announce


def create_token(proven: Proven, name: str = "", clock: Clock = database_clock) -> tuple[str, datetime]:
    """A new token and when it expires. Raises WrongCredentials when the password changed since it was checked."""
    token = f"gavel_{secrets.token_urlsafe(32)}"
    shown_name = "".join(character for character in name if rules.is_plain_text(character))[:rules.TOKEN_NAME_MAX]

    def work(session: Session) -> datetime:
        require_unchanged(session, proven)
        now = clock.now(session)
        expires_at = now + rules.TOKEN_LASTS
        session.execute(insert(ApiToken).values(
            user_id=proven.user_id, token_hash=identity.token_hash(token), name=shown_name.strip(), created_at=now,
            expires_at=expires_at,
        ))
        return expires_at

    return token, transaction.write(work)


def revoke_token(user_id: int, token_id: int) -> None:
    """End a token of this person. Raises NotFound for one that has ended, or is somebody else's."""

    def work(session: Session) -> None:
        ended = session.execute(
            delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id).returning(ApiToken.id)
        ).first()
        if ended is None:
            raise NotFound()
        announce(session, SessionsEnded(user_id, (), (token_id,)))

    transaction.write(work)
