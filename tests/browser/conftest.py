"""Windows of a real browser, each a person's own, that remember whatever the page complained of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.person import Person
from tests.live import Site

# A refused form (422), a guarded page (403, 404) or a lost connection is also told on the console: none is a fault.
EXPECTED = ("the server responded with a status of 4", "htmx:sse:error", "net::ERR_INTERNET_DISCONNECTED",
            "net::ERR_CONNECTION_REFUSED", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_NETWORK_CHANGED",
            "net::ERR_EMPTY_RESPONSE", "Failed to fetch")

OpenWindow = Callable[..., Person]


def listen(page: Any, heard: list[str]) -> None:
    """Keep errors of scripts, breaches of the content security policy and warnings of the console."""
    page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
    page.on("console", lambda message: message.type in ("error", "warning")
            and not any(one in message.text for one in EXPECTED) and heard.append(f"{page.url}: {message.text}"))


@pytest.fixture
def open_window(chromium: Any) -> Iterator[OpenWindow]:
    """Open a window on a site: open_window(site, javascript=False). At the end nothing may have gone wrong in any."""
    contexts, heard = [], []

    def open_one(site: Site, javascript: bool = True, **settings: Any) -> Person:
        settings = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | settings
        context = chromium.new_context(base_url=site.url, java_script_enabled=javascript, **settings)
        context.set_default_timeout(15_000)
        # The first page of a demo house has its pictures drawn, which takes a busy machine its time.
        context.set_default_navigation_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        listen(page, heard)
        return Person(page, site, javascript)

    yield open_one
    for context in contexts:
        context.close()
    assert heard == []
