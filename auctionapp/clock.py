"""The database's clock decides (R6). A service takes a clock and reads it once, after its locks."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

MICROSECONDS = {
    "postgresql": literal_column("CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"),
    "sqlite": literal_column("CAST(strftime('%s', 'now') AS integer) * 1000000"
                             " + CAST(substr(strftime('%f', 'now'), 4) AS integer) * 1000"),
}
"""The database's time since 1970 as a whole number, which a statement may read beside other things. By dialect."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(microseconds: int) -> datetime:
    """The time that a statement has read as MICROSECONDS."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds_of(moment: datetime) -> int:
    """The other way round."""
    return (moment - EPOCH) // timedelta(microseconds=1)


class Clock(Protocol):
    def now(self, session: Session) -> datetime: ...


class DatabaseClock:
    """Reads the time in a statement of its own: inside a locking SELECT it would be older than the lock (fault 17)."""

    _statements = {dialect: select(expression) for dialect, expression in MICROSECONDS.items()}

    def now(self, session: Session) -> datetime:
        return moment(session.execute(self._statements[session.get_bind().dialect.name]).scalar_one())


class SetClock:
    """A clock that stands where it is put: for tests and for replaying past auctions."""

    def __init__(self, moment: datetime):
        self.moment = moment

    def now(self, session: Session) -> datetime:
        return self.moment


database_clock = DatabaseClock()


@lru_cache(maxsize=256)
def rfc3339(moment: datetime) -> str:
    """An aware time as the API writes it: UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
