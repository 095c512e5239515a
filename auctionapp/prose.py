"""Text that people wrote, as HTML that does nothing (fault 55): all of it escaped, web addresses as links.

Line breaks stay line breaks; the element around keeps them (`.person-text`, `.chat-text`) and says `dir="auto"`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

LONGEST_ADDRESS = 2000
"""In characters. A longer word stays text, which also bounds the time that one word can take."""
SHOWN = 60
"""Characters of an address that are shown."""
CARDS = 3
"""Lots that one text may show as cards."""

_BLANKS = re.compile(r"(\s+)")
_EMBEDDINGS = re.compile("[\u202a-\u202e]")
"""They turn around whatever stands beside them, so that an address or a name reads as another."""
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a sign by their kind, and drawn as nothing."""
_DIRECTIONS = re.compile("[\u200e\u200f\u061c\u2066-\u2069]")
_OWN_PATH = re.compile(r"(?<![\w/.:@?&=#%-])/auctions/([1-9][0-9]{0,17})(?![\w/-])", re.ASCII)
_AUCTION = re.compile(r"/auctions/([1-9][0-9]{0,17})/?", re.ASCII)

_finder = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
for _schema in ("ftp:", "mailto:", "//"):
    _finder.add(_schema, None)


class _Piece(NamedTuple):
    text: str
    href: str = ""
    """Where it leads; empty for plain text."""
    auction_id: int | None = None
    """The lot of ours behind it."""


def html(text: str, public_url: str = "") -> Markup:
    """The text as safe HTML. `public_url` is this house's own address, under which its lots are known."""
    return Markup("").join(
        _link(piece) if piece.href else escape(piece.text) for piece in _pieces(text, public_url))


def linked_auctions(text: str, public_url: str = "") -> list[int]:
    """Ids of our lots that the text links to, each once, in order, at most CARDS. Whether they exist is another matter."""
    found = dict.fromkeys(piece.auction_id for piece in _pieces(text, public_url) if piece.auction_id)
    return list(found)[:CARDS]


def plain(text: str) -> str:
    """The text in one line, for a preview."""
    return " ".join(untwisted(text).split())


def untwisted(text: str) -> str:
    """The text without what turns around the direction of all that follows."""
    return _EMBEDDINGS.sub("", text)


def line(text: str) -> str:
    """A title or name in one line, which turns nothing around in a sentence that names it: in a notice the price stands
    behind it."""
    return " ".join(_TURNS.sub("", text).split())


def is_seen(text: str) -> bool:
    """Whether there is something to be seen: blanks, invisible characters and marks on nothing are not."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _BLANK_LETTERS for one in text)


def _link(piece: _Piece) -> Markup:
    shown = piece.text if len(piece.text) <= SHOWN else piece.text[: SHOWN - 1] + "…"
    return Markup('<a href="{}" rel="nofollow noopener ugc" dir="ltr">{}</a>').format(piece.href, shown)


def _pieces(text: str, public_url: str) -> Iterator[_Piece]:
    text = untwisted(text)
    if "/" not in text:
        yield _Piece(text)
        return
    for word in _BLANKS.split(text):
        if "/" not in word or len(word) > LONGEST_ADDRESS:
            yield _Piece(word)
        elif "://" in word:
            yield from _addresses(word, public_url)
        else:
            yield from _own_paths(word)


def _addresses(word: str, public_url: str) -> Iterable[_Piece]:
    end = 0
    for found in _finder.match(word) or ():
        if found.index > end:
            yield _Piece(word[end:found.index])
        address = trusted(found.url)
        yield _Piece(found.raw, found.url, _auction_of(address, public_url)) if address else _Piece(found.raw)
        end = found.last_index
    yield _Piece(word[end:])


def _own_paths(word: str) -> Iterator[_Piece]:
    end = 0
    for found in _OWN_PATH.finditer(word):
        yield _Piece(word[end:found.start()])
        yield _Piece(found[0], found[0], int(found[1]))
        end = found.end()
    yield _Piece(word[end:])


def trusted(address: str) -> SplitResult | None:
    """The parts of a web address that leads where it seems to; None for any other.

    A name before an @ is not the host that it looks like, and marks of direction show an address in another order.
    """
    try:
        parts = urlsplit(address)
        seems = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return None
    return parts if seems and address.isprintable() and not _DIRECTIONS.search(address) else None


def _auction_of(address: SplitResult, public_url: str) -> int | None:
    own = urlsplit(public_url)
    if not own.netloc or (address.scheme, address.netloc) != (own.scheme, own.netloc):
        return None
    found = _AUCTION.fullmatch(address.path)
    return int(found[1]) if found else None
