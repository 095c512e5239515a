"""A post's Markdown comes out as HTML that does nothing but show it (fault 55)."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auctionapp.posts import markdown, rules

ALLOWED = {tag: set() for tag in markdown.TAGS} | {"a": {"href", "rel"}}
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))", "[x](data:text/html,<script>)", "[x](vbscript:x)", "<javascript:alert(1)>",
    "![x](https://e.example/p.png)",
    '[x](https://e.example "onmouseover=alert(1)")', "```x\" hx-get=/auctions onload=\ncode\n```",
    "<div hx-get='/account/logout' hx-trigger=load>",
    "<a href=x class=button id=content style=position:fixed>", "<style>*{display:none}</style>",
    "<base href=//e.example>", "<form action=//e>",
    "<svg onload=alert(1)>", "&lt;script&gt;", "<!-- x -->", "<![CDATA[<b>]]>", "[a]: javascript:alert(1)\n\n[a]",
    "<hx-partial hx-target=body>",
    "{onclick=1}", "{: .class #id onclick=1}", "# x {#content}", "<x\n<y", "\x00<script>",
    "<a href='&#106;avascript:alert(1)'>",
    "[x](&#106;avascript:alert(1))", "<details open ontoggle=alert(1)>", "`<img src=x onerror=1>`",
    "http://e.example/\"onmouseover=1",
    "data: forged\n\nevent: closed\n\n", "[x](//e.example)", "</article></main><script>", "{{ config }}",
    "{% include 'x' %}",
]


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.wrong, self.links = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = {name for name, _ in attrs}
        if tag not in ALLOWED or names - ALLOWED[tag]:
            self.wrong.append((tag, attrs))
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "a" and "href" in names and "nofollow" not in dict(attrs).get("rel", ""):
            self.wrong.append((tag, attrs))

    def handle_comment(self, data):
        self.wrong.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_inert(text):
    html = markdown.to_html(text)
    reader = Reader(html)
    assert reader.wrong == [], (text, html)
    for link in reader.links:
        target = re.sub(r"[\x00-\x20]", "", link).lower()
        scheme = re.match(r"[a-z][a-z0-9+.-]*:", target)
        assert scheme is None or scheme[0] in ("http:", "https:", "mailto:"), (text, link)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_is_shown_or_left_out_but_never_done(text):
    assert_inert(text)
    assert_inert(f"> - {text}\n\n{text} **{text}**")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20), st.sampled_from(
    ["<", ">", '"', "'", "`", "[", "](", ")", "!", "*", "_", "~~", "# ", "> ", "- ", "\n", "\n\n", "    ",
    "hx-get=", "style=", "class=", "&", ":", "/auctions/1"])),
    max_size=14))
def test_no_mixture_of_marks_and_words_leaves_more_than_the_allowed_tags(parts):
    assert_inert("".join(parts))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_plain_words_and_excerpts_of_any_text_are_words(text):
    words = rules.excerpt(markdown.to_words(text))
    assert len(words) <= 300 and "\n" not in words
    assert markdown.linked_auction(text, "http://gavel.example") is None or "auctions/" in text


def test_marks_become_tags_and_headings_stand_below_the_title():
    html = markdown.to_html("# One\n## Two\n\n**b** *i* ~~s~~ `c`\n\n1. x\n2. y\n\n> q\n\n---\n[w](https://e.example/?a=1&b=2)")
    for tag in ("<h2>One", "<h3>Two", "<strong>b", "<em>i", "<s>s", "<code>c", "<ol>", "<blockquote>", "<hr>",
                '<a href="https://e.example/?a=1&amp;b=2" rel="nofollow ugc noopener noreferrer">w</a>'):
        assert tag in html
    assert "<h1" not in html


def test_addresses_become_links_and_own_paths_too_but_not_within_a_link():
    assert markdown.to_html("See https://e.example/x, and /auctions/5.").count("<a ") == 2
    assert markdown.to_html("[see /auctions/5](https://e.example)").count("<a ") == 1
    assert "<a " not in markdown.to_html("`/auctions/5` and example.com")


@pytest.mark.parametrize(("text", "found"), [
    ("[x](/auctions/5)", 5), ("/auctions/5", 5), ("http://gavel.example/auctions/5", 5),
    ("http://gavel.example/auctions/5/", 5),
    ("[x](http://gavel.example/auctions/5)", 5), ("https://gavel.example/auctions/5", None),
    ("http://gavel.example/auctions/5/bids", None),
    ("http://gavel.example.evil.example/auctions/5", None), ("//gavel.example/auctions/5", None),
    ("[x](http://[/auctions/5)", None),
    ("http://user@gavel.example/auctions/5", None), ("a [b](/auctions/7) /auctions/8", 7)])
def test_only_links_to_this_house_are_its_auctions(text, found):
    assert markdown.linked_auction(text, "http://gavel.example") == found


@pytest.mark.parametrize("mark", ["[", "*a ", "_a_*", ">", "- ", "![", "[a](", "<", "http://a.b ", "~~a ", "a@",
    "[a]: /u\n", "**a *b ", "`a",
                                  "    > ", "1. ", "&amp;", "\\", "||", "[[a]", "(/auctions/1", "://", "http://x", "http://["])
def test_no_repeated_mark_takes_long(mark):
    text = (mark * rules.TEXT_LENGTH)[:rules.TEXT_LENGTH]
    started = time.process_time()
    markdown.to_html(text)
    assert time.process_time() - started < 5, "many times what the slowest of them needs"


@pytest.mark.parametrize("text", [
    "https://bank.example@evil.example/", "[Bank](https://bank.example@evil.example)", "<https://user:word@evil.example>",
    "[x](http:evil.example)", "[x](//bank.example@evil.example)"])
def test_an_address_that_leads_elsewhere_than_it_seems_to_is_no_link(text):
    assert Reader(markdown.to_html(text)).links == []


def test_nothing_turns_around_what_stands_beside_it():
    assert markdown.to_html("a\u202ecba\u202c d") == "<p>acba d</p>\n"
    assert markdown.to_words("a\u202ecba") == "acba"
