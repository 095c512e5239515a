"""Reads of conversations: lines, one chat, the inbox."""

from auctionapp.chat.queries import inbox
from auctionapp.chat.queries.chats import (
    Chat,
    HandoverPeople,
    Person,
    candidates,
    chat_of,
    conversation,
    direct_of,
    handover_of,
    handover_people,
    lobby_id,
    members,
    people_of,
    people_of_all,
    picture_of,
    private_chat,
    public_auction,
    see,
    silent,
)
from auctionapp.chat.queries.lines import (
    AT_ONCE,
    Line,
    before_of,
    lines_by_id,
    list_id,
    message_json,
    page,
    page_json,
)

__all__ = [
    "AT_ONCE", "Chat", "HandoverPeople", "Line", "Person", "before_of", "candidates", "chat_of", "conversation", "direct_of",
    "handover_of", "handover_people", "inbox", "lines_by_id", "list_id", "lobby_id", "members", "message_json", "page",
    "page_json", "people_of", "people_of_all", "picture_of", "private_chat", "public_auction", "see", "silent",
]
