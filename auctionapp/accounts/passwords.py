"""Hashing with argon2. It takes some 40 ms and 32 MB each, in a thread of its own where gevent runs."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from auctionapp.threads import beside_the_loop

_hasher = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)


def hash_secret(secret: str) -> str:
    """The argon2 hash of a password or a code. Takes long: never inside a transaction."""
    return beside_the_loop(_hasher.hash, secret)


def matches(stored: str | None, secret: str) -> bool:
    """Whether the secret gives this hash. Takes as long when there is none, so that time tells nothing (fault 46)."""
    try:
        return beside_the_loop(_hasher.verify, stored or _nobodys_hash(), secret) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
