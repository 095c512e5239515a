"""What everybody who watches an auction is sent: small regions rendered once from the database, for nobody in particular.

A fragment never reads who asks (there is no request here), shows aliases only, and replaces a whole region, so that
receiving it twice is harmless. Which words are for the reader (leading, outbid) the browser decides by comparing
`data-leader` with the page's own alias; what only one person may know travels on the person's own topic
(`notifications/live.py`).
"""

from collections.abc import Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import current_app

from auctionapp.auctions.queries import auction as auctions
from auctionapp.auctions.queries import history
from auctionapp.auctions.queries.auction import Panel
from auctionapp.auctions.views import cards


def render_state(auction_id: int) -> str:
    """The regions as they stand now; empty for what is not public."""
    lot = _panel(auction_id)
    return _render(lot) if lot else ""


def render_prices(auction_ids: Collection[int]) -> str:
    """Price and time of these lots, for every card of them in a text (`auctions/_linked_lot.html`)."""
    template = current_app.jinja_env.get_template("auctions/_live_prices.html")
    return template.render(cards=cards.by_id(auction_ids).values())


def _panel(auction_id: int) -> Panel | None:
    return auctions.panel(auction_id, None, datetime.now(UTC))


def _render(lot: Panel) -> str:
    """Through the environment and not `render_template`: its context would bring the reader in."""
    template = current_app.jinja_env.get_template("auctions/_live.html")
    return template.render(
        lot=lot, last_steps=history.last(lot.id), role="watching", currency=current_app.config["CURRENCY"],
        zone=ZoneInfo(current_app.config["SITE_TIME_ZONE"]))
