"""A post's Markdown as HTML that does nothing but show it (fault 55).

Two walls: the parser knows no HTML, so whatever looks like it comes out as words, and what the parser made is cleaned
by an allow-list that leaves no style, class, id or hx-* attribute. Pictures are uploads, never links to elsewhere.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auctionapp import prose

TAGS = {"p", "br", "hr", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "h3", "h4", "a"}
SCHEMES = {"http", "https", "mailto"}
REL = "nofollow ugc noopener noreferrer"
HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
"""The post's title is the page's first heading, so those of its text begin at the second."""
MOST_BARE_ADDRESSES = 200
"""With more of them than anybody writes none becomes a link: finding them takes ever longer."""
_AUCTION = re.compile(r"/auctions/([1-9][0-9]{0,17})/?")



def _made(*rules: str) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": "linkify" in rules, "maxNesting": 20})
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    return parser.enable(list(rules)).disable(["image", "html_block", "html_inline"])


_parser, _without_addresses = _made("linkify", "strikethrough"), _made("strikethrough")
_cleaner = nh3.Cleaner(tags=TAGS, attributes={"a": {"href"}, "*": set()}, url_schemes=SCHEMES, link_rel=REL)


def _tokens(text: str) -> list[Token]:
    text = prose.untwisted(text)
    return (_parser if text.count("://") <= MOST_BARE_ADDRESSES else _without_addresses).parse(text)


@lru_cache(maxsize=256)
def to_html(text: str) -> str:
    """The text as clean HTML."""
    tokens = _tokens(text)
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
        _link_own_paths(token)
        _unlink_strange_addresses(token)
    return _cleaner.clean(_parser.renderer.render(tokens, _parser.options, {}))


def to_words(text: str) -> str:
    """The text as plain words, for lists, notices and mail."""
    blocks = ("".join(part.content or " " * (part.type in ("softbreak", "hardbreak")) for part in token.children)
              if token.children else token.content for token in _tokens(text))
    return " ".join(" ".join(blocks).split())


def linked_auction(text: str, public_url: str = "") -> int | None:
    """The id of the first of our auctions that the text links to; `public_url` is this house's own address."""
    for token in _tokens(text):
        for part in token.children or ():
            if part.type == "link_open":
                found = _auction_of(str(part.attrGet("href") or ""), public_url)
            else:
                found = next(iter(prose.linked_auctions(part.content) if part.type == "text" else ()), None)
            if found is not None:
                return found
    return None


def _link_own_paths(block: Token) -> None:
    """`/auctions/5` is a link here as it is in a chat."""
    depth = 0
    for part in block.children or ():
        depth += part.nesting if part.type in ("link_open", "link_close") else 0
        if part.type == "text" and not depth and "/auctions/" in part.content:
            part.type, part.content = "html_inline", str(prose.html(part.content))


def _unlink_strange_addresses(block: Token) -> None:
    """What would lead elsewhere than it seems to stays words here as it does in a chat (`prose.trusted`)."""
    for part in block.children or ():
        href = str(part.attrGet("href") or "") if part.type == "link_open" else ""
        address = f"https:{href}" if href.startswith("//") else href
        if address.lower().startswith(("http:", "https:")) and prose.trusted(address) is None:
            part.attrs.pop("href")


def _auction_of(href: str, public_url: str) -> int | None:
    try:
        target, own = urlsplit(href), urlsplit(public_url)
    except ValueError:
        return None
    found = _AUCTION.fullmatch(target.path)
    ours = not (target.scheme or target.netloc) or (
        own.netloc and (target.scheme, target.netloc) == (own.scheme, own.netloc))
    return int(found[1]) if found and ours else None
