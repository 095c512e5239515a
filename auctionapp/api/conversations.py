"""Direct and group chats, hand-overs: the caller's own."""

from typing import Any

from flask import Response

from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer, listed, page_of
from auctionapp.api.authentication import caller
from auctionapp.api.blueprint import blueprint
from auctionapp.api.bodies import idempotency_key
from auctionapp.chat import queries, services
from auctionapp.chat.queries.inbox import Entry
from auctionapp.clock import rfc3339

TAGS = ["Conversations"]
CONVERSATION = "<int:conversation_id>"


@blueprint.route("/conversations", tags=TAGS)
@blueprint.operation()
@blueprint.arguments(schemas.PageQuery, location="query")
@blueprint.response(200, schemas.ConversationPageSchema)
def conversations(query: dict[str, Any]) -> Response:
    """The caller's chats, last used first"""
    page, per_page = page_of(query)
    entries, total = queries.inbox.numbered(caller().id, page, per_page)
    return listed(_shown(entries), page, per_page, total)


@blueprint.route("/conversations", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(403, 404))
@blueprint.arguments(schemas.ConversationBody)
@blueprint.response(201, schemas.ConversationSchema)
@blueprint.alt_response(200, schema=schemas.ConversationSchema, description="The chat that this pair has already.")
def begin_conversation(body: dict[str, Any]) -> Response:
    """Begin a chat

    With one other person and no name it is the direct chat of the two: the second attempt gets the first with 200. With
    more people or a name it is a group, whose administrator is the caller.
    """
    person_id = caller().id
    others = sorted(set(body["member_ids"]) - {person_id})
    new = True
    if len(others) == 1 and not body["name"]:
        opened = services.open_direct(person_id, others[0])
        conversation_id, new = opened.conversation_id, opened.new
    else:
        conversation_id = services.open_group(person_id, body["name"] or "", others)
    [shown] = _shown([queries.inbox.entry(person_id, conversation_id)])
    return answer(shown, 201 if new else 200)


@blueprint.route(f"/conversations/{CONVERSATION}/messages", tags=TAGS)
@blueprint.operation(problems=(404,))
@blueprint.arguments(schemas.BeforeQuery, location="query")
@blueprint.response(200, schemas.ConversationMessagesSchema)
def conversation_messages(query: dict[str, Any], conversation_id: int) -> Response:
    """Ten messages of a chat, newest first"""
    found = queries.see(conversation_id, caller().id)
    blocker_id = caller().id if found.kind == "lobby" else None
    return answer(queries.page_json(conversation_id, query["before"], blocker_id))


@blueprint.route(f"/conversations/{CONVERSATION}/messages", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(403, 404), idempotent=True)
@blueprint.arguments(schemas.MessageBody)
@blueprint.response(201, schemas.ConversationMessageSchema)
def post_conversation_message(body: dict[str, Any], conversation_id: int) -> Response:
    """Write in a chat"""
    person_id = caller().id
    key = idempotency_key(person_id, body["text"])
    return answer(services.post_in(conversation_id, person_id, body["text"], key), 201)


def _shown(entries: list[Entry]) -> list[dict[str, Any]]:
    """As the contract shows them: two statements more, however many there are."""
    people = queries.people_of_all([entry.id for entry in entries])
    last = queries.lines_by_id([entry.last_message_id for entry in entries if entry.last_message_id])
    return [
        {"id": entry.id, "kind": entry.kind, "name": entry.title, "auction_id": entry.auction_id,
         "members": [{"id": one.id, "display_name": one.name} for one in people.get(entry.id, ())],
         "unread": entry.unread,
         "last_message": queries.message_json(last[entry.last_message_id]) if entry.last_message_id in last else None,
         "created_at": rfc3339(entry.created_at)}
        for entry in entries]
