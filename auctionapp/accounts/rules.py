"""What an address, a name and a password must be, and how long codes and sessions last (faults 45 to 50)."""

import re
import unicodedata
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import email_validator
from email_validator import EmailNotValidError, validate_email

from auctionapp import prose
from auctionapp.errors import DomainError

CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
CODES_A_DAY = 6
CODES_KEPT = timedelta(days=2)
"""Longer than they are counted."""
RESEND_PAUSE = timedelta(seconds=60)

REMEMBERED_LASTS = timedelta(days=30)
SESSION_LASTS = timedelta(hours=12)
"""After it was last seen; a remembered one ends at a fixed time."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly the last visit is known: writing it at every request would cost a transaction each."""

TOKEN_LASTS = timedelta(days=90)

PASSWORD_MIN = 12
PASSWORD_MAX = 128
NAME_MIN = 2
NAME_MAX = 60
EMAIL_MAX = 254
ABOUT_MAX = 2000
TOKEN_NAME_MAX = 60
OLDEST_YEARS = 120
ADDRESS_CHANGES_A_DAY = 6
"""Codes for a new address that one person may ask for, whichever addresses they name."""

# A house on a network of its own has people at .local and .test; where no mail arrives no code is typed either.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

_JOINERS = {"\u200c", "\u200d"}
"""Invisible, but parts of emoji and of several scripts."""
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890123456789")


class InvalidEmail(DomainError):
    slug = "invalid-email"
    text = "Write an address such as name@example.org."


class InvalidName(DomainError):
    slug = "invalid-name"
    text = f"A name has {NAME_MIN} to {NAME_MAX} characters, without control characters."


class InvalidBirthday(DomainError):
    slug = "invalid-birthday"
    text = "Write the day on which you were born."


class WeakPassword(DomainError):
    slug = "weak-password"


def clean_email(given: str) -> str:
    """The address as it is stored and compared: trimmed and in lower case. Raises InvalidEmail."""
    try:
        found = validate_email(given.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except (EmailNotValidError, UnicodeError):
        raise InvalidEmail() from None
    address = (found.ascii_email or "").lower()
    # `=?` begins encoded text in a mail's header: decoded it may be somebody else's address.
    if "." not in address.partition("@")[2] or len(address) > EMAIL_MAX or "=?" in address:
        raise InvalidEmail()
    return address


def clean_name(given: str) -> str:
    """A display name with single blanks. Raises InvalidName."""
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not NAME_MIN <= len(name) <= NAME_MAX or not is_plain_text(name):
        raise InvalidName()
    if not any(unicodedata.category(character)[0] in "LNS" and prose.is_seen(character) for character in name):
        raise InvalidName("A name needs at least one letter, figure or sign.")
    return name


def clean_real_name(given: str | None) -> str:
    """A first or last name with single blanks, or nothing. Raises InvalidName."""
    name = " ".join(unicodedata.normalize("NFC", given or "").split())
    if len(name) > NAME_MAX or not is_plain_text(name):
        raise InvalidName(f"A name has at most {NAME_MAX} characters, without control characters.")
    return name


def check_birthday(born_on: date | None, today: date) -> None:
    """Raises InvalidBirthday for a day to come, or more than 120 years ago."""
    if born_on is not None and not today.replace(year=today.year - OLDEST_YEARS, day=1) <= born_on <= today:
        raise InvalidBirthday()


def is_plain_text(text: str, lines: bool = False) -> bool:
    """Without control, direction, surrogate and unassigned characters (PostgreSQL cannot keep NUL at all)."""
    return all(
        unicodedata.category(character)[0] != "C" or character in _JOINERS or (lines and character in "\n\t")
        for character in text
    )


def clean_password(given: str) -> str:
    """The password as it is hashed: the same whichever way a keyboard composes its letters."""
    return unicodedata.normalize("NFC", given)


def check_length(password: str) -> None:
    """Raises WeakPassword outside 12 to 128 characters."""
    if len(password) < PASSWORD_MIN:
        raise WeakPassword(f"Use at least {PASSWORD_MIN} characters; a few unrelated words are easy to keep in mind.")
    if len(password) > PASSWORD_MAX:
        raise WeakPassword(f"Use at most {PASSWORD_MAX} characters.")
    if any(unicodedata.category(character) == "Cs" for character in password):
        raise WeakPassword("This password has characters that cannot be stored.")


def check_password(password: str, email: str, name: str = "") -> None:
    """Raises WeakPassword when it is too short or long, common, or made of the address or the name (fault 50)."""
    check_length(password)
    if _is_common(password):
        raise WeakPassword("This is one of the first passwords that are tried. Use a few unrelated words.")
    folded = _only_letters_and_figures(password)
    parts = [email, email.partition("@")[0], name]
    if any(len(part) >= 4 and part in folded for part in map(_only_letters_and_figures, parts)):
        raise WeakPassword("A password must not contain your address or your name.")


def _only_letters_and_figures(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _is_common(password: str) -> bool:
    folded = _only_letters_and_figures(password)
    if len(set(password)) < 5:
        return True
    # What people add to reach a length: figures and signs at the ends, and the same word again.
    plain = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", password.casefold())
    for candidate in {folded, plain, _only_letters_and_figures(plain.translate(_LOOKALIKES))}:
        word = _shortest_repeated(candidate)
        if word in _common_words() or any(len(word) > 3 and word in row for row in _ROWS):
            return True
    return False


def _shortest_repeated(text: str) -> str:
    """`abcabc` → `abc`: the shortest text that gives the whole when repeated."""
    start = (text + text).find(text, 1)
    return text[:start] if start > 0 else text


@cache
def _common_words() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
