"""Take the pictures of docs/screenshots anew: `python -m devtools.take_screenshots`, or some: `… inbox feed`.

Starts a demo house of its own in a temporary folder, looks at it as a guest, a bidder and a seller, and ends it.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from auctionapp.demo import PASSWORD, address
from devtools.chromium import ARGUMENTS, chromium_path

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "docs" / "screenshots"
LARGEST = 250_000
START_SECONDS = 120
ADMINISTRATOR = "olena"
"""Made for the pictures: the demo has no administrator, like every new house."""

DESK = {"viewport": {"width": 1280, "height": 1000}, "color_scheme": "light"}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "color_scheme": "dark", "is_mobile": True,
         "has_touch": True}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo_house() -> Iterator[str]:
    """A running house with fresh demo data; gives its address."""
    with tempfile.TemporaryDirectory(prefix="gavel-screenshots-") as folder:
        port = free_port()
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        house = subprocess.Popen([sys.executable, "-m", "devtools.run"], cwd=PROJECT, stdout=subprocess.DEVNULL,
                                 start_new_session=True, env=environment | {"PORT": str(port), "VAR_DIR": folder})
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + START_SECONDS
            while not _ready(url):
                if house.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("The demo house did not start; `make run` says why.")
                time.sleep(0.2)
            subprocess.run(
                [sys.executable, "-m", "flask", "users", "create", "--role", "admin", "--name", "Olena Koval", "--email",
                 address(ADMINISTRATOR), "--password", PASSWORD], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL,
                env=environment | {"VAR_DIR": folder})
            yield url
        finally:
            house.send_signal(signal.SIGINT)
            house.wait()


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2):
            return True
    except OSError:
        return False


def home(page: Any) -> None:
    page.goto("/")


def auction(page: Any) -> None:
    _open_lot(page, "Brass telescope")
    page.fill("#bid-amount", "240")


def auction_on_a_phone(page: Any) -> None:
    _open_lot(page, "Brass telescope")
    page.locator(".lot-head").evaluate("head => window.scrollTo(0, head.offsetTop - 72)")


def wallet(page: Any) -> None:
    page.goto("/dashboard/wallet")


def bids(page: Any) -> None:
    page.goto("/dashboard/bids?show=outbid")


def statistics(page: Any) -> None:
    page.goto("/dashboard/statistics")


def statement(page: Any) -> None:
    page.goto("/dashboard/wallet/statement")


def sell(page: Any) -> None:
    page.goto("/auctions/new")
    page.get_by_label("Name of the lot").fill("Ship's barometer in a walnut case")
    page.get_by_label("Description").fill(
        "Aneroid, around 1900, the dial of enamelled brass. It reads within two millibars of the weather station.\n\n"
        "The case has a repaired hinge. Diameter 21 cm.")
    page.get_by_label("Category").select_option(label="Antiques and clocks")
    page.get_by_label("Tags").fill("maritime, brass")
    page.get_by_label("Starting price").fill("85.00")
    page.get_by_label("Reserve").fill("140.00")


def selling(page: Any) -> None:
    page.goto("/dashboard/auctions")


def own_lot(page: Any) -> None:
    selling(page)
    page.get_by_role("link", name="Brass telescope").click()
    page.locator(".price-chart").wait_for()


def income(page: Any) -> None:
    page.goto("/dashboard/income")


def desk(page: Any) -> None:
    page.goto("/admin/")


def inbox(page: Any) -> None:
    page.goto("/inbox")
    page.locator(".inbox-entry", has_text="Mira").first.click()
    page.locator(".chat-picture img").first.wait_for()


def feed(page: Any) -> None:
    page.goto("/feed")
    page.locator(".post-card img").first.wait_for()


def post_on_a_phone(page: Any) -> None:
    page.goto("/feed")
    page.get_by_role("link", name="How I tell an early box camera from a late one").first.click()
    page.locator("article.post").wait_for()


def _open_lot(page: Any, words: str) -> None:
    page.goto("/auctions")
    page.get_by_role("link", name=words).click()
    page.locator("#picture").wait_for()


SCENES: tuple[tuple[str, str, dict[str, Any], Callable[[Any], None]], ...] = (
    ("home", "", DESK, home),
    ("auction", "chiara", DESK, auction),
    ("auction-phone", "ada", PHONE, auction_on_a_phone),
    ("wallet", "ada", DESK, wallet),
    ("bids", "ada", DESK, bids),
    ("bids-phone", "ada", PHONE, bids),
    ("statistics", "ada", DESK, statistics),
    ("statistics-phone", "ada", PHONE, statistics),
    ("statement", "ada", DESK, statement),
    ("sell", "mira", DESK, sell),
    ("inbox", "ada", DESK, inbox),
    ("inbox-phone", "ada", PHONE, inbox),
    ("feed", "ada", DESK, feed),
    ("post-phone", "ada", PHONE, post_on_a_phone),
    ("selling", "mira", DESK, selling),
    ("selling-lot", "mira", DESK, own_lot),
    ("selling-lot-phone", "mira", PHONE, own_lot),
    ("income", "mira", DESK, income),
    ("desk", ADMINISTRATOR, DESK, desk),
    ("desk-phone", ADMINISTRATOR, PHONE, desk),
)


def take(browser: Any, url: str, wanted: Sequence[str]) -> None:
    """Each scene in a window of its own, kept as WebP below LARGEST bytes; all of them where none is named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, person, settings, scene in SCENES:
        if wanted and name not in wanted:
            continue
        context = browser.new_context(base_url=url, reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Kyiv",
                                      **settings)
        page = context.new_page()
        if person:
            sign_in(page, person)
        scene(page)
        page.wait_for_timeout(1500)  # pictures, the countdown's first turn, what the stream says at its opening
        size = keep(opened(page.screenshot()), FOLDER / f"{name}.webp")
        print(f"{name}.webp, {size // 1000} kB")
        context.close()


def sign_in(page: Any, person: str) -> None:
    page.goto("/account/login")
    page.get_by_label("E-mail address").fill(address(person))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def keep(image: Image.Image, path: Path) -> int:
    for quality in (90, 80, 70, 60):
        image.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= LARGEST:
            break
    return path.stat().st_size


def main() -> None:
    path = chromium_path()
    if path is None:
        raise SystemExit("No Chromium was found (Debian and Ubuntu: apt-get install chromium).")
    from playwright.sync_api import sync_playwright

    with demo_house() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        take(browser, url, sys.argv[1:])
        browser.close()


if __name__ == "__main__":
    main()
