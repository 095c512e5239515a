"""The blueprint of lots and bids; each module beside this one adds its views."""

from flask import Blueprint

blueprint = Blueprint("auctions", __name__)

from auctionapp.auctions.views import (  # noqa: E402, F401
    auction,
    catalogue,
    offers,
    own_bids,
    searches,
    seller_actions,
    seller_desk,
    selling,
    statistics,
    watching,
)
