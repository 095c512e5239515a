"""Lots as cards: every word of a card is made here, so that the template only places them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row

from auctionapp import pictures, prose
from auctionapp.auctions import rules
from auctionapp.auctions.queries import catalogue
from auctionapp.clock import rfc3339
from auctionapp.formatting import local_time, money_with_currency, reader_zone

STATUS_WORDS = {
    "draft": ("Draft", ""), "scheduled": ("Starts soon", ""), "suspended": ("Suspended", "badge--warning"),
    "sold": ("Sold", "badge--accent"), "unsold": ("Not sold", ""), "cancelled": ("Cancelled", "badge--bad"),
}


class Card(NamedTuple):
    id: int
    url: str
    title: str
    status: str
    over: bool
    picture: str
    picture_small: str
    badges: list[tuple[str, str]]
    """Words and a class each."""
    price_label: str
    price: str
    bids: str
    time_label: str
    time_iso: str
    time_text: str
    counting: bool
    """The time is one that is counted down to."""


def cards_of(rows: Iterable[Row[Any]], now: datetime) -> list[Card]:
    placeholder = f"{current_app.static_url_path}/img/placeholder.svg"  # also outside of any request
    zone = reader_zone()
    return [_card(row, now, zone, placeholder) for row in rows]


def by_id(auction_ids: Collection[int]) -> dict[int, Card]:
    """The cards of those of these lots that everybody may see, in one query."""
    return {card.id: card for card in cards_of(catalogue.public_by_id(auction_ids), datetime.now(UTC))}


def linked(texts: Sequence[str]) -> list[list[Card]]:
    """For each text the cards of our lots that it links to (`prose.linked_auctions`); one query for all, or none."""
    public_url = current_app.config["PUBLIC_URL"]
    wanted = [prose.linked_auctions(text, public_url) for text in texts]
    found = by_id({one for ids in wanted for one in ids})
    return [[found[one] for one in ids if one in found] for ids in wanted]


def _card(row: Row[Any], now: datetime, zone: ZoneInfo, placeholder: str) -> Card:
    status = rules.status(row.state, row.starts_at, now)
    over = status in rules.OVER
    label, moment = _time(status, row)
    return Card(
        id=row.id, url=f"/auctions/{row.id}", title=row.title, status=status, over=over,
        picture=pictures.address(row.picture, 800) if row.picture else placeholder,
        picture_small=pictures.address(row.picture, 400) if row.picture else "",
        badges=_badges(status, row, now),
        price_label=_price_label(status, row.price_cents),
        price=money_with_currency(row.starting_price_cents if row.price_cents is None else row.price_cents),
        bids="" if not row.bid_count else "1 bid" if row.bid_count == 1 else f"{row.bid_count} bids",
        time_label=label, time_iso=rfc3339(moment) if moment else "", time_text=local_time(moment, zone) if moment else "",
        counting=status == "live",
    )


def _price_label(status: str, price_cents: int | None) -> str:
    if price_cents is None:
        return "Starts at" if status in ("draft", "scheduled", "live") else "Started at"
    return {"sold": "Sold for", "live": "Current bid"}.get(status, "Last bid")


def _time(status: str, row: Row[Any]) -> tuple[str, datetime | None]:
    if status == "live":
        return "Time left:", row.ends_at
    if status == "scheduled":
        return "Opens", row.starts_at
    return ("Ended", row.ends_at) if status in rules.OVER else ("", None)


def _badges(status: str, row: Row[Any], now: datetime) -> list[tuple[str, str]]:
    if status != "live":
        return [STATUS_WORDS[status]]
    badges = []
    if row.ends_at - now < catalogue.ENDING_SOON:
        badges.append(("Ending soon", "badge--warning"))
    elif row.published_at and now - row.published_at < catalogue.NEW:
        badges.append(("New", ""))
    if row.reserve:
        badges.append((f"Reserve {row.reserve}", "badge--good" if row.reserve == "met" else ""))
    return badges
