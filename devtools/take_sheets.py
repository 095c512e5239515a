"""Take the sheets of docs/screenshots/pages anew: `python -m devtools.take_sheets`, or some: `… /feed /dashboard/bids`.

One sheet for each page of the demo house: on a desk and on a phone, light and dark, side by side. To be looked at, all
of them, when the look has changed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

from PIL import Image

from devtools.chromium import ARGUMENTS, chromium_path
from devtools.demo_pages import ADMINISTRATOR, BIDDER, GUEST, OPEN_TO_ALL, SELLER
from devtools.take_screenshots import ADMINISTRATOR as OLENA
from devtools.take_screenshots import FOLDER, demo_house, opened, sign_in

SHEETS = FOLDER / "pages"
SCALE = 0.6
TALLEST = 1600
"""Pixels of a page that are shown; the rest of a long list looks the same."""
GAP = 16
QUALITY = 55
"""Enough to judge by, and light enough for the repository."""
VIEWS: tuple[dict[str, Any], ...] = tuple(
    {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "is_mobile": width < 600}
    for width, height in ((1280, 900), (390, 844)) for scheme in ("light", "dark"))
AS_IN_MAKE_RUN = """for (const part of document.querySelectorAll("main code"))
  part.textContent = part.textContent.replace(/.*(?=outbox)/, "var/");"""
"""The demo house's mail lies in a folder that is gone afterwards; that of `make run` has this name."""
VISITORS = (("", GUEST), ("ada", [path for path in BIDDER if path not in OPEN_TO_ALL]), ("mira", SELLER),
            (OLENA, ADMINISTRATOR))


def views(browser: Any, url: str, person: str, paths: Sequence[str]) -> dict[str, list[Image.Image]]:
    """Of each page its views, in the order of VIEWS."""
    taken: dict[str, list[Image.Image]] = {path: [] for path in paths}
    for settings in VIEWS:
        context = browser.new_context(base_url=url, reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Kyiv",
                                      **settings)
        page = context.new_page()
        if person:
            sign_in(page, person)
        for path in paths:
            page.goto(path)
            page.wait_for_timeout(400)  # pictures, and what the stream says at its opening
            page.evaluate(AS_IN_MAKE_RUN)
            # A window as tall as the page, so that the bar at its foot stands where it ends.
            tall = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            page.set_viewport_size(settings["viewport"] | {"height": max(tall, settings["viewport"]["height"])})
            taken[path].append(opened(page.screenshot()))
            page.set_viewport_size(settings["viewport"])
        context.close()
    return taken


def sheet(images: Sequence[Image.Image]) -> Image.Image:
    small = [image.resize((round(image.width * SCALE), round(image.height * SCALE)), Image.Resampling.LANCZOS)
             for image in images]
    whole = Image.new("RGB", (sum(image.width + GAP for image in small) + GAP, max(image.height for image in small) + 2 * GAP),
                      "#8a8f98")
    left = GAP
    for image in small:
        whole.paste(image, (left, GAP))
        left += image.width + GAP
    return whole


def name_of(person: str, path: str) -> str:
    """`ada-dashboard-bids`; the front page is `guest-home`."""
    words = re.sub(r"[^a-z0-9]+", "-", path).strip("-") or "home"
    return f"{person or 'guest'}-{words}"


def main() -> None:
    chromium = chromium_path()
    if chromium is None:
        raise SystemExit("No Chromium was found (Debian and Ubuntu: apt-get install chromium).")
    from playwright.sync_api import sync_playwright

    SHEETS.mkdir(parents=True, exist_ok=True)
    with demo_house() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for person, every in VISITORS:
            paths = [path for path in every if not sys.argv[1:] or path in sys.argv[1:]]
            for path, images in views(browser, url, person, paths).items():
                name = name_of(person, path)
                sheet(images).save(SHEETS / f"{name}.webp", "WEBP", quality=QUALITY, method=6)
                print(f"{name}.webp", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
