"""What a person does with the pages, by their labels and buttons. With JavaScript or without, the same way."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tests.live import Site
from tests.outbox import code_in

PASSWORD = "umbrella under the old pier"


def picture(colour: str) -> dict[str, Any]:
    """A picture as a file chosen in a form."""
    image = Image.new("RGB", (640, 480), colour)
    ImageDraw.Draw(image).ellipse((160, 90, 480, 390), fill="ivory")
    file = io.BytesIO()
    image.save(file, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


class Person:
    """One window, and who sits before it."""

    def __init__(self, page: Any, site: Site, javascript: bool) -> None:
        self.page = page
        self.site = site
        self.javascript = javascript

    def see(self, text: str, timeout: float = 10_000, exact: bool = False) -> None:
        """Wait until these words can be seen in the page's own part or its messages."""
        self.page.locator("main, #notices").get_by_text(text, exact=exact).locator("visible=true").first.wait_for(timeout=timeout)

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name).click()

    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer.status == 200, f"{path} answered {answer.status}"

    # Accounts

    def register(self, email: str, name: str) -> None:
        """From the bar's Register to the first page after signing in, with the code from the mail."""
        self.go("/")
        self.page.get_by_role("banner").get_by_role("link", name="Register").click()
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("The same password again").fill(PASSWORD)
        self.page.get_by_label("I accept").check()
        self.press("Register")
        self.see("Confirm your address")
        self.page.get_by_label("Six-digit code").fill(self._mailed_code(email))
        self.press("Confirm")
        self.see("Sign in")
        self.sign_in(email)

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.go("/account/login")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.press("Sign in")
        self.page.wait_for_url(re.compile(r"^(?!.*/account/login)"), wait_until="domcontentloaded")

    def _mailed_code(self, email: str) -> str:
        """The mail is sent by a job, so it may take a moment."""
        deadline = time.monotonic() + 20
        while not (code := code_in(Path(self.site.outbox), email)):
            assert time.monotonic() < deadline, f"no mail for {email} in the outbox\n{self.site.log()}"
            time.sleep(0.05)
        return code

    # Money

    def pay_in(self, amount: str) -> None:
        """Through the sandbox that stands in for a bank."""
        self.go("/dashboard/wallet")
        self.page.get_by_role("link", name="Add money").first.click()
        form = self.page.locator("#dialog-body" if self.javascript else "main")
        form.get_by_label("Amount to add").fill(amount)
        form.get_by_role("button", name="Continue to payment").click()
        self.see("No real money moves here")
        self.press("Approve")
        self.see(f"{amount}\N{NO-BREAK SPACE}EUR added to your wallet")

    def wallet(self) -> dict[str, str]:
        """The figures of the wallet's page as they stand there now."""
        terms = self.page.locator("#wallet-figures dt").all_inner_texts()
        return dict(zip(terms, self.page.locator("#wallet-figures dd").all_inner_texts(), strict=True))

    def entries(self) -> list[tuple[str, str]]:
        """What and amount of each entry of the wallet's page, newest first."""
        rows = self.page.locator("#wallet-entries tbody tr")
        return list(zip(rows.locator("th").all_inner_texts(), rows.locator("td.number").all_inner_texts(), strict=True))

    # Selling

    def put_on_sale(self, title: str, hours: str, picture_file: dict[str, Any] | None = None) -> str:
        """From the terms for sellers to a lot on sale through its draft; returns its path."""
        self.go("/auctions/new")
        if self.page.url.endswith("/account/sell"):
            self.page.get_by_label("I accept the seller's terms").check()
            self.press("Start selling")
        self.page.get_by_label("Name of the lot").fill(title)
        self.page.get_by_label("Description").fill("As found in the harbour.\nIt works.")
        self.page.get_by_label("Category").select_option(index=1)
        self.page.get_by_label("Starting price").fill("10")
        self.page.get_by_label("Hours", exact=True).fill(hours)
        self.page.get_by_label("A bid near the end").uncheck()
        if picture_file:
            self.page.get_by_label("Pictures").set_input_files([picture_file])
        self.press("Save the draft")
        self.see("A preview that only you see")
        self.press("Publish")
        self.see("Your lot is on sale")
        return re.sub(r"^.*?(/auctions/\d+).*$", r"\1", self.page.url)

    # Bidding

    def type_bid(self, amount: str, kind: str) -> None:
        self.page.fill("#bid-amount", amount)
        self.page.get_by_label(kind).check()

    def bid(self, amount: str, kind: str) -> None:
        """Type, look at the confirmation, confirm."""
        self.type_bid(amount, kind)
        self.press("Place bid")
        self.confirm(amount)

    def confirm(self, amount: str) -> None:
        """Say yes to the page that repeats the amount."""
        whole = f"{amount}.00" if "." not in amount else amount
        self.page.get_by_role("heading", name="Confirm your bid").wait_for()
        assert whole in self.page.locator(".confirm-list").inner_text()
        self.page.get_by_role("button", name=f"Bid {whole}").click()
        self.page.get_by_role("heading", name="Confirm your bid").wait_for(state="detached")

    def state(self) -> str:
        """Where the auction stands for this person, in the words of the page."""
        return " ".join(self.page.locator("#auction-state .bid-state:not([hidden])").inner_text().split())

    def price(self) -> str:
        return self.page.locator("#state-price").inner_text().removesuffix("EUR").strip()

    def write(self, text: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.get_by_role("button", name="Send").click()

    def chat(self) -> list[str]:
        return self.page.locator("[data-chat-lines] .chat-text").all_inner_texts()

    # Live

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Playwright's own waiting evaluates text in the page, which its policy forbids."""
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, self.page.url
            self.page.wait_for_timeout(25)

    def wait_until_live(self) -> None:
        """The page's stream is open and has said where things stand; from here on no reload is needed."""
        self.wait_until(lambda: self.page.evaluate("document.getElementById('stream')?._htmx?.sse?.lastEventId"))
        self.page.evaluate("window.neverReloaded = true")

    def assert_never_reloaded(self) -> None:
        assert self.page.evaluate("window.neverReloaded === true"), f"{self.page.url} was loaded anew"
