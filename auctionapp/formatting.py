"""Jinja filters: amounts and times in words that people read (R16, look.md)."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_login import current_user
from markupsafe import Markup

from auctionapp import prose
from auctionapp.clock import rfc3339
from auctionapp.money import format_amount, shown_amount, shown_number


def reader_zone() -> ZoneInfo:
    """The signed-in person's zone, else the site's. Broadcast fragments call `local_time` with the site's zone."""
    name = (current_user.time_zone if current_user and current_user.is_authenticated else "")
    return ZoneInfo(name or current_app.config["SITE_TIME_ZONE"])


def money(amount_cents: int | None) -> str:
    return "" if amount_cents is None else shown_amount(amount_cents)


def plain_money(amount_cents: int | None) -> str:
    """For fields, addresses and data attributes, where it is read back."""
    return "" if amount_cents is None else format_amount(amount_cents)


def money_with_currency(amount_cents: int | None) -> str:
    """The amount and the site's currency, held together by a space that does not break."""
    if amount_cents is None:
        return ""
    return f"{shown_amount(amount_cents)}\N{NO-BREAK SPACE}{current_app.config['CURRENCY']}"


def short_number(number: int) -> str:
    """For the scale of a plot, whose numbers are round: 20000 is `20 k`, 5000000 is `5 M`."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= 10 * size or (number >= size and letter != "k"):
            return f"{number / size:g}\N{NO-BREAK SPACE}{letter}"
    return shown_number(number)


def local_time(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """`Sat 21 Nov 2026, 18:00 (Kyiv)` in the reader's zone."""
    zone = zone or reader_zone()
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return f"{moment.astimezone(zone):%a %-d %b %Y, %H:%M} ({place})"


def person_text(text: str) -> Markup:
    """What a person wrote, as safe HTML with links; the element around it says `dir="auto"`."""
    return prose.html(text, current_app.config["PUBLIC_URL"])


def browser(user_agent: str) -> str:
    """A browser in words that its owner knows: `Firefox on Linux`."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (("Android", "Android"), ("iPhone|iPad", "iOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
               ("Linux", "Linux"))
    name = next((words for part, words in browsers if part in user_agent), "")
    system = next((words for part, words in systems if re.search(part, user_agent)), "")
    if name and system:
        return f"{name} on {system}"
    return name or system or user_agent.partition("/")[0][:40] or "Unknown browser"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=money, plain_money=plain_money, money_with_currency=money_with_currency, number=shown_number,
        short_number=short_number,
        local_time=local_time, iso=rfc3339, person_text=person_text, browser=browser,
    )
