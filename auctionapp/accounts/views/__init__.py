"""Pages of accounts: signing in and up, the own profile and security."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

from auctionapp.accounts.views import address, login, own, registration, reset  # noqa: E402, F401 (they add their pages)
