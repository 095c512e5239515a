"""Use cases between people: friendship, following, blocking; and the own pictures."""

from auctionapp.people.services.blocking import block, unblock
from auctionapp.people.services.following import follow, unfollow
from auctionapp.people.services.friends import accept, decline, remove, request, withdraw
from auctionapp.people.services.pictures import add_picture, remove_picture, set_signature, use_picture

__all__ = [
    "accept", "add_picture", "block", "decline", "follow", "remove", "remove_picture", "request", "set_signature",
    "unblock", "unfollow", "use_picture", "withdraw",
]
