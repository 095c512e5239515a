"""Times that people type: a date and an hour of a named zone, stored in UTC (R16)."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class NoSuchTime(ValueError):
    """The clocks of this zone skip that time (fault 19)."""


_REGIONS = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
            "Pacific/")


@cache
def zone_names() -> tuple[str, ...]:
    """The zones that people choose from, by the name of a place, and UTC."""
    return ("UTC", *sorted(zone for zone in available_timezones() if zone.startswith(_REGIONS)))


def parse_local(text: str, zone: ZoneInfo, later: bool = False) -> datetime:
    """The moment that `2026-11-21T18:00` is in a zone, in UTC.

    A time that comes twice, when clocks go back, means the earlier unless `later`. Raises ValueError for what is no
    time, NoSuchTime for one that the clocks skip.
    """
    local = datetime.fromisoformat(text.strip())
    if local.tzinfo is not None:
        raise ValueError("a time with a zone of its own")
    try:
        moment = local.replace(tzinfo=zone, fold=int(later)).astimezone(UTC)
        seen_again = moment.astimezone(zone).replace(tzinfo=None)
    except OverflowError as error:
        raise ValueError("outside of the calendar") from error
    if seen_again != local:
        raise NoSuchTime()
    return moment


def comes_twice(text: str, zone: ZoneInfo) -> bool:
    return parse_local(text, zone) != parse_local(text, zone, later=True)


def typed(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as a date-and-time field holds it, to the minute."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
