"""What may be said, and how often."""

import unicodedata

from auctionapp.errors import DomainError

LONGEST = 4096
QUOTA = ((10, 20), (600, 300))
"""Pairs of (seconds, messages): one person may write so many in any such span (fault 52)."""


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


def clean(text: str) -> str:
    """The text as it is kept: line ends are `\\n`, blanks around and characters that nobody can see are gone.

    Raises MessageBlank, MessageTooLong (counted in characters, after trimming).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(character for character in text if character in "\n\t" or not _unprintable(character)).strip()
    if not any(unicodedata.category(character)[0] not in "ZC" for character in text):
        raise MessageBlank()
    if len(text) > LONGEST:
        raise MessageTooLong()
    return text


def _unprintable(character: str) -> bool:
    """Control characters and half surrogates, which no database keeps."""
    return unicodedata.category(character) in ("Cc", "Cs")
