"""What may be said, and what a group may be. How often: quotas.py."""

import unicodedata
from datetime import datetime, timedelta

from auctionapp import prose
from auctionapp.errors import Conflict, DomainError

LONGEST = 4096
LONGEST_NAME = 80
MOST_MEMBERS = 100
CHANGEABLE = timedelta(minutes=15)
"""How long a message may be edited or deleted."""
MOST_COUNTED = 99
"""A counter shows no more, but a plus."""


class MessageBlank(DomainError):
    slug = "message-blank"
    text = "Write something first."


class MessageTooLong(DomainError):
    slug = "message-too-long"
    text = f"A message holds at most {LONGEST:,} characters."


class TooManyMessages(DomainError):
    slug = "too-many-messages"
    status = 429
    text = "That was a lot in a short time. Wait a moment, then write on."

    def __init__(self, seconds: int):
        super().__init__()
        self.retry_after_seconds = seconds


class TooManyChats(DomainError):
    slug = "too-many-conversations"
    status = 429
    text = "You have begun many chats lately. Go on in those, or come back tomorrow."


class TooManyAdded(DomainError):
    slug = "too-many-added"
    status = 429
    text = "You have added many people today. Come back tomorrow."


class NameInvalid(DomainError):
    slug = "name-invalid"
    text = f"Give the group a name of at most {LONGEST_NAME} characters."


class GroupFull(DomainError):
    slug = "group-full"
    text = f"A group has at most {MOST_MEMBERS} members."


class NobodyChosen(DomainError):
    slug = "nobody-chosen"
    text = "Choose at least one person."


class TooLate(Conflict):
    slug = "too-late"
    text = f"A message can be changed for {CHANGEABLE.seconds // 60} minutes. This one stays as it is."


def changeable(created_at: datetime, now: datetime) -> bool:
    """Whether its author may still edit or delete a message."""
    return now < created_at + CHANGEABLE


def group_name(name: str) -> str:
    """The name as it is kept, on one line. Raises NameInvalid."""
    name = prose.line("".join(one for one in name if one.isspace() or not _unprintable(one)))
    if not prose.is_seen(name) or len(name) > LONGEST_NAME:
        raise NameInvalid()
    return name


def name_of(people: list[str]) -> str:
    """What a group is called that nobody gave a name: its first members."""
    return ", ".join(people)[:LONGEST_NAME].rstrip(", ")


def counter(unread: int) -> str:
    """How many messages are unread, as a counter shows it."""
    return "" if unread <= 0 else str(unread) if unread <= MOST_COUNTED else f"{MOST_COUNTED}+"


def seen_words(count: int, others: int) -> str:
    """What stands under a message that so many of the others have read."""
    if others == 1:
        return "Seen"
    return "Seen by all" if count == others else f"Seen by {count}"


def clean(text: str, with_picture: bool = False) -> str:
    """The text as it is kept: line ends are `\\n`, blanks around and characters that nobody can see are gone.

    Raises MessageBlank (but not beside a picture), MessageTooLong (counted in characters, after trimming).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(character for character in text if character in "\n\t" or not _unprintable(character)).strip()
    if not prose.is_seen(text):
        if with_picture:
            return ""
        raise MessageBlank()
    if len(text) > LONGEST:
        raise MessageTooLong()
    return text


def _unprintable(character: str) -> bool:
    """Control characters and half surrogates, which no database keeps."""
    return unicodedata.category(character) in ("Cc", "Cs")
