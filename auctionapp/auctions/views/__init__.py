"""The blueprint of lots and bids; each module beside this one adds its views."""

from flask import Blueprint

blueprint = Blueprint("auctions", __name__)

from auctionapp.auctions.views import auction, catalogue, own_bids, searches, selling, statistics, watching  # noqa: E402, F401
