"""Who calls: the person behind the bearer token. Cookies mean nothing here, so a foreign page can do nothing."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from flask import g, request
from sqlalchemy import Executable, bindparam, select

from auctionapp import bulk
from auctionapp.accounts.models import ROLES, ApiToken, User
from auctionapp.batching import Batcher
from auctionapp.errors import TokenEnded, Unauthorized
from auctionapp.extensions import db


@dataclass(frozen=True, slots=True)
class Caller:
    id: int
    email: str
    display_name: str
    role: str
    token_id: int

    @property
    def roles(self) -> list[str]:
        """Roles add up: a seller is a user too."""
        return list(ROLES[: ROLES.index(self.role) + 1])


@lru_cache
def _by_token(dialect: str) -> Executable:
    # The tokens first, by themselves: PostgreSQL may choose to go through all people and ask each for such a token.
    tokens = (
        select(ApiToken.id.label("token_id"), ApiToken.user_id, ApiToken.token_hash)
        .where(bulk.among(ApiToken.token_hash, "token_hashes", dialect), ApiToken.expires_at > bindparam("now"))
        .cte("tokens").prefix_with("MATERIALIZED", dialect="postgresql"))
    return (
        select(User.id, User.email, User.display_name, User.role, tokens.c.token_id, tokens.c.token_hash)
        .join(tokens, tokens.c.user_id == User.id)
        .where(User.blocked_at.is_(None)))


def authenticate(required: bool, checked_later: bool = False) -> Caller | None:
    """Find out who calls and remember it for `caller`. Raises Unauthorized for a token that is not valid, and for
    none where one is required.

    With `checked_later` a token that this process has seen is taken as it was: the operation itself looks whether
    `token_id` is still valid, in its own transaction.
    """
    g.caller = None
    given = request.environ.get("HTTP_AUTHORIZATION")
    if given is None:
        if required:
            raise Unauthorized()
        return None
    token_hash = _token_hash(given)
    if token_hash is None:
        raise Unauthorized()
    found = _seen.get(token_hash) if checked_later else None
    if found is None:
        found = _waiting_tokens.do(token_hash)
        if found is None:
            raise TokenEnded()
        if checked_later:
            _remember(token_hash, found)
    g.caller = found
    return found


def seen(given: str | None) -> Caller | None:
    """Whom this process knows by this Authorization header. Whether `token_id` is still valid is for the caller to look
    at, as with `checked_later`."""
    token_hash = given and _token_hash(given)
    return _seen.get(token_hash) if token_hash else None


def _token_hash(given: str) -> str | None:
    """What the database knows of the token in an Authorization header; None where there is none."""
    scheme, _, token = given.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return None
    return hashlib.sha256(token.encode("latin-1", "replace")).hexdigest()


def caller() -> Caller:
    """The authenticated person of this request."""
    found: Caller = g.caller
    return found


def viewer_id() -> int | None:
    """Whose eyes these are, where a token is optional."""
    return g.caller.id if g.caller else None


def _find_all(token_hashes: list[str]) -> tuple[list[Caller | None], None]:
    """Requests that come at once ask the database once."""
    with db.engine.connect() as connection:
        rows = connection.execute(_by_token(connection.dialect.name), {"token_hashes": token_hashes, "now": datetime.now(UTC)})
        found = {row.token_hash: Caller(*row[:-1]) for row in rows}
    return [found.get(token_hash) for token_hash in token_hashes], None


def _remember(token_hash: str, found: Caller) -> None:
    if len(_seen) >= MOST_SEEN:
        _seen.clear()
    _seen[token_hash] = found


MOST_SEEN = 20_000
_seen: dict[str, Caller] = {}
"""By the token's hash; never trusted by itself."""
_waiting_tokens: Batcher[str, Caller | None] = Batcher(_find_all)
