"""How often people may ask for friendship, and how a person without a picture is drawn."""

import unicodedata


def initials(name: str) -> str:
    """One or two letters of a display name: `Mira Halvorsen` is MH."""
    first = [letter for word in name.split() if (letter := _first_sign(word))]
    return "".join(first if len(first) < 2 else (first[0], first[-1]))


def _first_sign(word: str) -> str:
    return next((one.upper()[0] for one in word if unicodedata.category(one)[0] in "LNS"), "")
