"""An auction's open chat."""

from typing import Any

from flask import Response

from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer
from auctionapp.api.authentication import caller
from auctionapp.api.blueprint import AUCTION, blueprint
from auctionapp.api.bodies import idempotency_key
from auctionapp.chat import queries, services

TAGS = ["Messages"]


@blueprint.route(f"/auctions/{AUCTION}/messages", tags=TAGS)
@blueprint.operation(problems=(404,))
@blueprint.arguments(schemas.BeforeQuery, location="query")
@blueprint.response(200, schemas.MessagesSchema)
def messages(query: dict[str, Any], auction_id: int) -> Response:
    """Ten messages of the auction's chat, newest first"""
    queries.public_auction(auction_id, caller().id)
    found = queries.conversation(auction_id, "auction")
    return answer(queries.page_json(found.id if found else None, query["before"]))


@blueprint.route(f"/auctions/{AUCTION}/messages", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(403, 404), idempotent=True)
@blueprint.arguments(schemas.MessageBody)
@blueprint.response(201, schemas.MessageSchema)
def post_message(body: dict[str, Any], auction_id: int) -> Response:
    """Write in the auction's chat"""
    person_id = caller().id
    return answer(services.post(auction_id, person_id, body["text"], idempotency_key(person_id, body["text"])), 201)
