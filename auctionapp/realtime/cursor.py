"""Where a stream stands: the last sequence number seen of each of its topics, as the opaque id of its events.

`a42.17-p7.3` is number 17 of auction 42 and number 3 of person 7; KINDS says which letter is what. The API's streams
carry one topic: a plain number.
"""

import re

KINDS = {"a": "auction", "c": "conversation", "f": "feed", "o": "post", "p": "person"}
_LETTERS = {kind: letter for letter, kind in KINDS.items()}
_PART = re.compile(rf"([{''.join(KINDS)}])([1-9][0-9]{{0,17}})\.(0|[1-9][0-9]{{0,17}})", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_LONGEST = 200


def part(topic: str) -> str:
    """The name of a topic inside a cursor: `auction:42` is `a42`."""
    kind, number = topic.split(":")
    return _LETTERS[kind] + number


def write(seen: dict[str, int]) -> str:
    """The cursor of a page's stream: topic to last number seen. Prices have no log to go on in."""
    return "-".join(f"{part(topic)}.{sequence}" for topic, sequence in seen.items() if not topic.startswith("price:"))


def read(text: str | None) -> dict[str, int]:
    """Topics and numbers of a page's cursor; what is no cursor tells nothing, and the page gets the whole state."""
    seen: dict[str, int] = {}
    if not text or len(text) > _LONGEST:
        return seen
    for piece in text.split("-"):
        found = _PART.fullmatch(piece)
        if found is None:
            return {}
        seen[f"{KINDS[found[1]]}:{found[2]}"] = int(found[3])
    return seen


def read_number(text: str | None) -> int | None:
    """The id of an event of the API. Raises ValueError for anything but a number."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(text[:50])
    return int(text)
