"""My bids: one's own lots as a bidder, each with the own maximum, the price, the end and a next step."""

import secrets
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import render_template, request, url_for
from flask_login import current_user, login_required
from sqlalchemy import Row

from auctionapp.auctions import rules
from auctionapp.auctions.queries import own_bids as own_lots
from auctionapp.auctions.queries.own_bids import LAST_FIRST, SHOWS
from auctionapp.auctions.views import blueprint
from auctionapp.auctions.views.cards import Card, cards_of
from auctionapp.auctions.views.wishes import known
from auctionapp.keyset import Key

WORDS = {"leading": "Leading", "outbid": "Outbid", "won": "Won", "lost": "Lost", "watched": "Watched"}
LOST = {"sold": ("Lost", ""), "unsold": ("Not sold", ""), "cancelled": ("Withdrawn", "warning")}


class OwnLot(NamedTuple):
    """One line of the list."""

    card: Card
    state: str
    tone: str
    own_cents: int | None
    """The highest offer that counts; None where there is none."""
    minimum_cents: int | None
    """What a tap bids, where one can."""
    key: str
    """Of that bid, so that it is placed once."""
    leads: bool
    reason: str
    """Why the house stopped it."""
    offer_id: int | None
    """A second chance that waits for an answer."""


@blueprint.get("/dashboard/bids")
@login_required
def own_bids() -> str:
    """`show` chooses the list; without it, where something is to be done: outbid lots first. `after` goes on."""
    now = datetime.now(UTC)
    counts = own_lots.counts(current_user.id)
    show = known(request.args.get("show"), SHOWS) or ("outbid" if counts["outbid"] else "leading")
    after = Key.read(request.args.get("after", ""))
    rows, following = own_lots.page(current_user.id, show, after)
    cards = cards_of(rows, now)
    return render_template(
        "auctions/own_bids.html", show=show, counts=counts, words=WORDS, first=after is None,
        last_first=show in LAST_FIRST,
        lots=[_lot(show, row, card, now) for row, card in zip(rows, cards, strict=True)],
        list_url=url_for("auctions.own_bids", show=show, after=after),
        following_url=url_for("auctions.own_bids", show=show, after=following) if following else None)


def _lot(show: str, row: Row[Any], card: Card, now: datetime) -> OwnLot:
    biddable = (not row.leads and row.own_cents is not None
                and rules.takes_bids(row.state, row.starts_at, row.ends_at, now))
    minimum = _next_minimum(row) if biddable else None
    state, tone = _state(show, row, now)
    return OwnLot(card, state, tone, row.own_cents, minimum, secrets.token_urlsafe(16) if biddable else "", row.leads,
                  row.ended_reason or "", row.offer_id)


def _next_minimum(row: Row[Any]) -> int:
    if row.price_cents is None:
        return row.starting_price_cents
    return row.price_cents + (row.bid_step_cents or rules.table_increment(row.increments, row.price_cents))


def _state(show: str, row: Row[Any], now: datetime) -> tuple[str, str]:
    """In words, with the tone of its badge."""
    if row.state == "suspended":
        return "Suspended", "warning"
    if show == "won":
        return "Won", "accent"
    if show == "lost" and row.offer_id:
        return "Second chance", "accent"
    if show == "lost":
        return LOST[row.state]
    if row.ends_at <= now:
        return "Confirming the result", ""
    if row.starts_at > now:
        return "Starts soon", ""
    if row.standing_cents is None:
        return "No bid yet", ""
    if not row.leads:
        return "Outbid", "bad"
    return ("Leading, reserve not met", "warning") if row.reserve == "not met" else ("Leading", "good")
