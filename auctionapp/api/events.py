"""An auction's events as they happen."""

from flask import Response

from auctionapp.api.authentication import viewer_id
from auctionapp.api.blueprint import AUCTION, blueprint
from auctionapp.auctions.queries import listing
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.realtime.views import api_stream

TAGS = ["Events"]


@blueprint.route(f"/auctions/{AUCTION}/events", tags=TAGS)
@blueprint.operation(token="optional", problems=(400, 404))
@blueprint.doc(
    parameters=[{"in": "header", "name": "Last-Event-ID", "schema": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,17})$"},
                 "description": "The id of the last event that was seen: everything after it is told first."}],
    responses={200: {"description": "A stream of server-sent events.", "content": {"text/event-stream": {
        "schema": {"type": "string"}}}}})
def events(auction_id: int) -> Response:
    """Follow an auction as server-sent events

    `bid` (a Bid), `extended` (`{"ends_at"}`), `closed` (the Auction) and `message` (a Message), each with an id. With
    `Last-Event-ID` none is missed, however long ago.
    """
    if listing.visible_auction(db.session(), auction_id, viewer_id()) is None:
        raise NotFound()
    return api_stream(auction_id)
