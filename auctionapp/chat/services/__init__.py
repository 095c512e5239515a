"""Use cases of conversations: beginning them, writing, changing a message, reading, belonging to a group."""

from auctionapp.chat.services.changing import delete, edit
from auctionapp.chat.services.groups import add, hand_on, hand_over, leave, remove, rename, set_picture
from auctionapp.chat.services.opening import Opened, open_direct, open_group, open_handover, post_handover
from auctionapp.chat.services.reading import mark_read
from auctionapp.chat.services.writing import post, post_in

__all__ = [
    "Opened", "add", "delete", "edit", "hand_on", "hand_over", "leave", "mark_read", "open_direct", "open_group", "open_handover",
    "post", "post_handover", "post_in", "remove", "rename", "set_picture",
]
