"""What a seller may say of a lot, as pure decisions: the fields, their limits, what may change when (R9)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from auctionapp import prose
from auctionapp.errors import DomainError

TITLE_LENGTH = 120
DESCRIPTION_LENGTH = 20_000
TAGS = 8
TAG_LENGTH = 40
PICTURES = 10
SHORTEST = timedelta(seconds=10)
GRACE = timedelta(seconds=5)
"""An end 10 s ahead by the sender's watch has come nearer when it is read here."""
LONGEST = timedelta(days=90)
LONGEST_SOFT_CLOSE_SECONDS = 3600
LARGEST_CENTS = 999_999_999_999


class InvalidLot(DomainError):
    """Some fields need another look; `errors` says which and why."""

    slug = "invalid-lot"

    def __init__(self, errors: dict[str, str]):
        super().__init__(" ".join(errors.values()), errors=errors)
        self.errors = errors


@dataclass(frozen=True)
class Draft:
    """A lot as its seller describes it: amounts in cents, times aware UTC.

    Without `starts_at` it starts when it is published. Its end is `ends_at`, or a duration counted from its start.
    `soft_close_seconds` None is the house's default, 0 is off (R5).
    """

    title: str
    category_slug: str
    starting_price_cents: int
    description: str = ""
    tags: tuple[str, ...] = field(default=())
    bid_step_cents: int | None = None
    reserve_price_cents: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    duration_hours: float | None = None
    soft_close_seconds: int | None = None
    format: str = "english"


FIELDS = frozenset(one.name for one in fields(Draft))
SCHEDULE = frozenset({"starts_at", "ends_at", "duration_hours"})


def clean_text(text: str) -> str:
    """Text as databases take it: one kind of line break, no control characters, no halves of characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) != "Cc").strip()


def clean_line(text: str) -> str:
    return prose.line(clean_text(text))


def tag_slug(name: str) -> str:
    """`Brass & Copper` is brass-copper; letters of every script stay."""
    folded = unicodedata.normalize("NFKC", clean_line(name)).casefold()
    return re.sub(r"[\W_]+", "-", folded).strip("-")


def tag_names(typed: str) -> tuple[str, ...]:
    """The tags of a field where people separate them by commas, each once."""
    return distinct_tags(typed.split(","))


def distinct_tags(names: Iterable[str]) -> tuple[str, ...]:
    by_slug = {tag_slug(name): clean_line(name) for name in reversed(list(names))}
    by_slug.pop("", None)
    return tuple(reversed(by_slug.values()))


def duration_seconds(draft: Draft) -> int | None:
    return None if draft.duration_hours is None else round(draft.duration_hours * 3600)


def duration_is_possible(hours: float | None) -> bool:
    return hours is not None and 0 < hours <= LONGEST / timedelta(hours=1)


def schedule(draft: Draft, now: datetime) -> tuple[datetime, datetime]:
    """When a draft starts and ends if it goes on sale now."""
    starts_at = max(draft.starts_at, now) if draft.starts_at else now
    if draft.ends_at is not None:
        return starts_at, draft.ends_at
    return starts_at, starts_at + timedelta(seconds=duration_seconds(draft) or 0)


def refuse_wrong(draft: Draft, now: datetime) -> None:
    """Raises InvalidLot, naming each field that a lot cannot have so."""
    errors = _wrong_words(draft) | _wrong_amounts(draft) | _wrong_times(draft, now)
    if draft.format != "english":
        errors["format"] = "Only english auctions are held here so far."
    if errors:
        raise InvalidLot(errors)


def _wrong_words(draft: Draft) -> dict[str, str]:
    errors = {}
    if not prose.is_seen(draft.title):
        errors["title"] = "Give the lot a name."
    elif len(draft.title) > TITLE_LENGTH:
        errors["title"] = f"At most {TITLE_LENGTH} characters."
    if len(draft.description) > DESCRIPTION_LENGTH:
        errors["description"] = f"At most {DESCRIPTION_LENGTH} characters."
    if len(draft.tags) > TAGS:
        errors["tags"] = f"At most {TAGS} tags."
    elif any(max(len(name), len(tag_slug(name))) > TAG_LENGTH for name in draft.tags):
        errors["tags"] = f"A tag has at most {TAG_LENGTH} characters."
    return errors


def _wrong_amounts(draft: Draft) -> dict[str, str]:
    errors = {}
    for name in ("starting_price_cents", "bid_step_cents", "reserve_price_cents"):
        cents = getattr(draft, name)
        if cents is not None and not 1 <= cents <= LARGEST_CENTS:
            errors[name.removesuffix("_cents")] = "Write an amount such as 12.50, at least 0.01."
    reserve = draft.reserve_price_cents
    if reserve is not None and reserve < draft.starting_price_cents:
        errors.setdefault("reserve_price", "The reserve cannot be below the starting price.")
    if draft.soft_close_seconds is not None and not 0 <= draft.soft_close_seconds <= LONGEST_SOFT_CLOSE_SECONDS:
        errors["soft_close_seconds"] = f"From 0 (off) to {LONGEST_SOFT_CLOSE_SECONDS} seconds."
    return errors


def _wrong_times(draft: Draft, now: datetime) -> dict[str, str]:
    if draft.starts_at is not None and draft.starts_at > now + LONGEST:
        return {"starts_at": f"At most {LONGEST.days} days ahead."}
    if (draft.ends_at is None) == (draft.duration_hours is None):
        return {"ends_at": "Say when it ends: either a date and time, or a duration in hours."}
    if draft.duration_hours is not None and not duration_is_possible(draft.duration_hours):
        return {"duration_hours": f"At most {LONGEST.days} days, which are {LONGEST.days * 24} hours."}
    starts_at, ends_at = schedule(draft, now)
    name = "ends_at" if draft.duration_hours is None else "duration_hours"
    if ends_at <= starts_at and starts_at > now:
        return {name: "The end must be after the start."}
    if ends_at - starts_at < SHORTEST - GRACE:
        return {name: "The end must be at least 10 seconds ahead."}
    if ends_at - starts_at > LONGEST:
        return {name: f"An auction lasts at most {LONGEST.days} days."}
    return {}


def changed_fields(before: Draft, after: Draft) -> dict[str, Any]:
    return {name: getattr(after, name) for name in FIELDS if getattr(before, name) != getattr(after, name)}


def dated_addition(description: str, addition: str, now: datetime) -> str:
    """The description with an addition under its date: what bidders have read stays as it was (R9)."""
    heading = f"Added on {now.astimezone(UTC):%-d %b %Y, %H:%M} UTC:"
    return f"{description}\n\n{heading}\n{addition}".strip()
