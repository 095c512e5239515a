"""The short way of a plain bid: past Flask, whose work for any request is several times what a bid needs of it.

Plain is a POST to the bids of a lot with a bearer token that this process knows, a served host, a short JSON body that
can be read, and no Idempotency-Key. Everything else goes on to Flask untouched. What is answered here is a bid that was
accepted or too low; whatever else happens is said by Flask's own handlers. `api/bids.py` answers the same, word for word
(tests/api/test_short_way.py).
"""

import re
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException

import config
from auctionapp import compact_json, metrics, problem_details, security
from auctionapp.api import authentication, bids, bodies, limits
from auctionapp.auctions.services import bidding
from auctionapp.errors import BidTooLow

Asked = dict[str, Any]
Application = Callable[[Asked, Any], Iterable[bytes]]

LONGEST_BODY = 1024
_PATH = re.compile(r"/api/v1/auctions/([0-9]{1,18})/bids", re.ASCII)


def install(app: Flask) -> None:
    app.wsgi_app = ShortWay(app)  # type: ignore[method-assign,assignment]


class ShortWay:
    """Stands before the application, behind what knows the proxies."""

    def __init__(self, app: Flask):
        self._app = app
        self.long_way: Application = app.wsgi_app
        self._served_hosts = config.trusted_hosts(app.config)
        self._headers = [*security.headers_of_all(app.config).items(), ("Cache-Control", "no-store")]

    def __call__(self, asked: Asked, start_response: Any) -> Iterable[bytes]:
        started_at = time.perf_counter()
        found = self._plain_bid(asked)
        if found is None:
            return self.long_way(asked, start_response)
        auction_id, offer = found
        try:
            limits.spend_from(asked.get("REMOTE_ADDR"), limits.BIDS, str(offer.bidder_id), self._app)
            placed = bidding.place_bid(auction_id, offer, within=self._app.app_context)
            status, media_type, members = "201 CREATED", "application/json", placed.bid
        except BidTooLow as refusal:
            status, media_type = "422 UNPROCESSABLE ENTITY", problem_details.MEDIA_TYPE
            members = problem_details.members_of(refusal)
        except Exception as failure:
            return self._said_by_flask(failure, asked, start_response)
        body = compact_json.encode(members).encode()
        start_response(status, [("Content-Type", media_type), ("Content-Length", str(len(body))), *self._headers])
        metrics.note("POST", bids.PLACE_BID, int(status[:3]), time.perf_counter() - started_at)
        return [body]

    def _plain_bid(self, asked: Asked) -> tuple[int, bidding.Offer] | None:
        if asked["REQUEST_METHOD"] != "POST":
            return None
        path = _PATH.fullmatch(asked["PATH_INFO"])
        length = asked.get("CONTENT_LENGTH") or ""
        if (path is None or asked.get("CONTENT_TYPE") != "application/json"
                or not length.isdecimal() or int(length) > LONGEST_BODY
                or "HTTP_IDEMPOTENCY_KEY" in asked or "HTTP_TRANSFER_ENCODING" in asked
                or (self._served_hosts and security.host_name(asked.get("HTTP_HOST", "")) not in self._served_hosts)):
            return None
        bidder = authentication.seen(asked.get("HTTP_AUTHORIZATION"))
        if bidder is None:
            return None
        try:
            body = asked["wsgi.input"].read(int(length))
        except HTTPException:  # it did not arrive: reading it once more says so again
            return None
        asked["wsgi.input"] = BytesIO(body)
        try:
            # A body that was cut off may still be JSON: the blanks at its end are missing, say.
            read = bids.amount_and_kind(bodies.decoded(body)) if len(body) == int(length) else None
        except ValueError:
            return None
        if read is None:
            return None
        amount_cents, kind = read
        return int(path[1]), bidding.Offer(bidder.id, kind, amount_cents, None, bidder.token_id)

    def _said_by_flask(self, failure: Exception, asked: Asked, start_response: Any) -> Iterable[bytes]:
        with self._app.request_context(asked):
            said = self._app.finalize_request(self._app.handle_user_exception(failure), from_error_handler=True)
        return said(asked, start_response)
