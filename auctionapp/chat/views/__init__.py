"""The blueprint of conversations; each module beside this one adds its views."""

from flask import Blueprint

blueprint: Blueprint = Blueprint("chat", __name__)

from auctionapp.chat.views import (  # noqa: E402, F401 (they add their pages)
    beginning,
    changing,
    filters,
    groups,
    inbox,
    lots,
    questions,
    searching,
)
from auctionapp.chat.views.inbox import inbox_side  # noqa: E402
from auctionapp.chat.views.lots import auction_chat  # noqa: E402

__all__ = ["auction_chat", "blueprint", "inbox_side"]
