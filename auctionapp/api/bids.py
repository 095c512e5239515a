"""Bids. Placing one is what this house is measured by, so this way is kept short: the token is checked within the batch.

Most bids are answered by `short_way.py`, which comes to the same.
"""

from typing import Any

from flask import Response

from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer, listed, page_of
from auctionapp.api.authentication import caller, viewer_id
from auctionapp.api.blueprint import AUCTION, READING_JSON, blueprint
from auctionapp.api.bodies import idempotency_key, read_json, refuse
from auctionapp.auctions.queries import listing
from auctionapp.auctions.services import bidding
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.money import parse_amount

TAGS = ["Bids"]
_body = schemas.BidBody()
PLACE_BID = "api.place_bid"
"""The name of its endpoint."""


@blueprint.route(f"/auctions/{AUCTION}/bids", tags=TAGS)
@blueprint.operation(token="optional", problems=(404,))
@blueprint.arguments(schemas.PageQuery, location="query")
@blueprint.response(200, schemas.BidPageSchema)
def bids(query: dict[str, Any], auction_id: int) -> Response:
    """The public steps of the bidding, newest first"""
    page, per_page = page_of(query)
    found = listing.bids_page(db.session(), auction_id, viewer_id(), page, per_page)
    if found is None:
        raise NotFound()
    return listed(found[0], page, per_page, found[1])


@blueprint.route(f"/auctions/{AUCTION}/bids", methods=["POST"], tags=TAGS)
@blueprint.operation(token="checked later", limit=limits.BIDS, problems=(403, 404, 409, *READING_JSON), idempotent=True)
@blueprint.body(schemas.BidBody)
@blueprint.response(201, schemas.BidSchema)
def place_bid(auction_id: int) -> Response:
    """Place a bid

    Refused with 422 `bid-too-low` (and `next_minimum_bid`), 422 `insufficient-funds` (and `available`),
    422 `invalid-amount`, 409 `auction-not-live`, 403 `own-auction` or 403 `not-allowed`.
    """
    body = read_json()
    read = amount_and_kind(body)
    if read is None:
        refuse(_body, _body.validate(body) if isinstance(body, dict) else {"_schema": ["Send a JSON object."]})
    amount_cents, kind = read
    bidder = caller()
    key = idempotency_key(bidder.id, f"{kind}:{amount_cents}")
    placed = bidding.place_bid(auction_id, bidding.Offer(bidder.id, kind, amount_cents, key, bidder.token_id))
    return answer(placed.bid, 201)


def amount_and_kind(body: Any) -> tuple[int, str] | None:
    """Amount in cents and kind, two members that are read by hand; None where the schema says what is wrong."""
    if isinstance(body, dict):
        kind = body.get("kind", "manual")
        amount_cents = parse_amount(body.get("amount"))
        if amount_cents is not None and kind in ("manual", "auto"):
            return amount_cents, kind
    return None
