"""How bids and auctions look to programs (http-contract); events of streams carry the same."""

from datetime import datetime
from typing import Any

from auctionapp.clock import rfc3339
from auctionapp.money import format_amount


def alias_text(alias: int) -> str:
    """The name under which other bidders see a bidder (R19)."""
    return f"Bidder {alias}"


def bid_json(auction_id: int, sequence: int | None, alias: int, amount_cents: int, kind: str, placed_at: datetime,
             leading: bool, price_cents: int, next_minimum_cents: int, number: int) -> dict[str, Any]:
    """A public step; `sequence` is None for an own raise that moved no price, which its bid's number then names."""
    return {
        "id": f"{auction_id}-{sequence}" if sequence is not None else f"{auction_id}-raise-{number}",
        "auction_id": auction_id,
        "sequence": sequence,
        "bidder": alias_text(alias),
        "amount": format_amount(amount_cents),
        "kind": kind,
        "placed_at": rfc3339(placed_at),
        "leading": leading,
        "current_price": format_amount(price_cents),
        "next_minimum_bid": format_amount(next_minimum_cents),
    }
