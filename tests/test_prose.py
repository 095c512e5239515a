"""Text from people does nothing anywhere (fault 55), whatever it holds; addresses in it become links that say so."""

import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auctionapp import prose
from auctionapp.auctions import lots
from auctionapp.chat import rules as chat

HOUSE = "https://gavel.example"


class Reader(HTMLParser):
    """What a browser makes of it: elements with their attributes, and the text."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.elements, self.text, self.others = [], "", []
        self.feed(str(markup))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = unknown_decl = handle_pi = handle_comment


def links(text):
    return [(attributes["href"], attributes) for tag, attributes in Reader(prose.html(text, HOUSE)).elements]


HOSTILE = st.text() | st.lists(st.sampled_from([
    "<script>", "</p>", "<img src=x onerror=alert(1)>", "<hx-partial hx-target='#content'>", 'hx-get="/account/logout"',
    '"', "'", "&", "&lt;", ">", "<!--", "-->", "javascript:alert(1)", "JaVaScRiPt://x", "data:text/html,x", "http://", "https://",
    "//evil.example", "ftp://a.example", "a.example/", "@", "?a=\"b", "\u202e", "\u2066", "\u200f", "\n", "\r\n", "\t", " ", "\0",
    "/auctions/7", "/auctions/0", HOUSE, "[", "]", "(", ")", "http://[::1", "%00", "xn--", "ж", "\ud800", "…",
])).map("".join)


@given(HOSTILE)
@example('https://a.example/"onmouseover="alert(1)')
@example("https://a.example/<img/src/onerror=alert(1)>")
@example("http://[half")
@example("https://bank.example@evil.example/")
def test_whatever_is_written_only_inert_links_come_of_it(text):
    read = Reader(prose.html(text, HOUSE))
    for tag, attributes in read.elements:
        assert tag == "a"
        assert set(attributes) == {"href", "rel", "dir"}
        assert attributes["rel"] == "nofollow noopener ugc"
        assert attributes["href"].startswith(("http://", "https://", "/auctions/"))
        assert "@" not in attributes["href"].partition("://")[2].partition("/")[0]
    assert read.others == []
    assert not set(read.text) & set("\u202a\u202b\u202c\u202d\u202e")


@given(HOSTILE.filter(lambda text: len(text) <= prose.SHOWN and not set(text) & set("\u202a\u202b\u202c\u202d\u202e\0")))
def test_every_character_that_was_written_can_be_read(text):
    # The parser reads line ends as the standard says; the text itself is compared with that.
    assert Reader(prose.html(text, HOUSE)).text == text


def test_addresses_become_links_and_their_surroundings_stay():
    text = "See https://example.org/a_(b)?c=d&e=f, (http://localhost:8000/x) or https://münchen.example."
    assert [href for href, _ in links(text)] == [
        "https://example.org/a_(b)?c=d&e=f", "http://localhost:8000/x", "https://münchen.example"]
    assert Reader(prose.html(text, HOUSE)).text == text
    assert "\n" in prose.html("one\ntwo")


@pytest.mark.parametrize("text", [
    "javascript:alert(1)", "ftp://example.org", "mailto:a@example.org", "//example.org/x", "example.org", "data:text/html,x",
    "https://bank.example@evil.example/", "https://example.org/\u2066abc", "http://", "https://" + "a" * 3000, "file:///etc/passwd"])
def test_what_is_no_plain_web_address_stays_text(text):
    assert links(text) == []


def test_a_long_address_is_shown_short_and_leads_on_whole():
    address = "https://example.org/" + "long/" * 30
    markup = prose.html(address)
    assert links(address)[0][0] == address
    assert Reader(markup).text == address[:59] + "…"


def test_marks_that_turn_text_around_are_gone():
    assert prose.html("a\u202eb\u202dc") == "abc"
    assert prose.plain("one\u202e\n two") == "one two"


@pytest.mark.parametrize(("text", "ids"), [
    ("/auctions/7", [7]), ("Look: (/auctions/7), or /auctions/8.", [7, 8]), (f"{HOUSE}/auctions/12", [12]),
    (f"{HOUSE}/auctions/12/?from=mail#chat {HOUSE}/auctions/12", [12]),
    ("/auctions/1 /auctions/2 /auctions/3 /auctions/4", [1, 2, 3]),
    ("https://other.example/auctions/12", []), ("other.example/auctions/12", []), (f"{HOUSE}/auctions/12/edit", []),
    ("/auctions/0", []), ("/auctions/" + "9" * 30, []), ("x/auctions/7", []), (f"{HOUSE}.evil.example/auctions/7", []),
    ("/auctions/٧", []), ("nothing", [])])
def test_our_own_lots_are_found_in_a_text(text, ids):
    assert prose.linked_auctions(text, HOUSE) == ids


@pytest.mark.parametrize("part", [
    "http://a.de/(", "/auctions/1", "http://", "https://a@", "(", "\u202e/", "http://a.example ", "/ "])
def test_a_huge_text_holds_no_process_up(part):
    started = time.process_time()
    prose.html(part * (160_000 // len(part)), HOUSE)
    assert time.process_time() - started < 10, "time that grows with the square would be a minute and more"


def test_a_title_turns_nothing_around_in_a_sentence_that_names_it():
    assert prose.line(" A \u202e vase\u2066\n ") == "A vase"
    assert prose.line("ساعة\u200f نحاس") == "ساعة\u200f نحاس", "marks that a language needs stay"
    assert lots.clean_line("Vase\u202e00.9") == "Vase00.9"
    assert chat.group_name("Clocks\u202e00.9") == "Clocks00.9"


@pytest.mark.parametrize("text", ["", " \u200b", "\u3164", "\u2800 \uffa0", "\u034f\ufe0f", "\u2066\u2069"])
def test_what_nobody_can_see_is_nothing(text):
    assert not prose.is_seen(text)


@pytest.mark.parametrize("text", ["a", ".", "€", "ㅎ", "👩‍🌾", "é"])
def test_what_can_be_seen_is_something(text):
    assert prose.is_seen(text)
