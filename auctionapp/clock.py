"""The database's clock decides (R6). A service takes a clock and reads it once, after its locks."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session


class Clock(Protocol):
    def now(self, session: Session) -> datetime: ...


class DatabaseClock:
    """Reads the time in a statement of its own: inside a locking SELECT it would be older than the lock (fault 17)."""

    _postgresql = text("SELECT clock_timestamp()")
    _sqlite = text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")

    def now(self, session: Session) -> datetime:
        if session.get_bind().dialect.name == "postgresql":
            return session.execute(self._postgresql).scalar_one().astimezone(UTC)
        return datetime.fromisoformat(session.execute(self._sqlite).scalar_one()).replace(tzinfo=UTC)


class SetClock:
    """A clock that stands where it is put: for tests and for replaying past auctions."""

    def __init__(self, moment: datetime):
        self.moment = moment

    def now(self, session: Session) -> datetime:
        return self.moment


database_clock = DatabaseClock()


def rfc3339(moment: datetime) -> str:
    """An aware time as the API writes it: UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
