"""Notices: the list, what one wants to be told, the link that ends a mail."""

from flask import Blueprint

blueprint = Blueprint("notifications", __name__)

from auctionapp.notifications.views import centre, choices, unsubscribe  # noqa: E402, F401 (they add their routes)
