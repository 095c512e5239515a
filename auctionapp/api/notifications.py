"""The caller's own notices."""

from typing import Any

from flask import Response, request
from marshmallow import ValidationError

from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer, listed, page_of
from auctionapp.api.authentication import caller
from auctionapp.api.blueprint import blueprint
from auctionapp.api.bodies import read_json, refuse
from auctionapp.clock import rfc3339
from auctionapp.notifications import queries
from auctionapp.notifications.queries import Listed
from auctionapp.notifications.services import writing

TAGS = ["Notifications"]


@blueprint.route("/notifications", tags=TAGS)
@blueprint.operation()
@blueprint.arguments(schemas.NotificationQuery, location="query")
@blueprint.response(200, schemas.NotificationPageSchema)
def notifications(query: dict[str, Any]) -> Response:
    """What the caller was told in the site, newest first"""
    page, per_page = page_of(query)
    found, total = queries.page(caller().id, page, per_page, query["unread"])
    return listed([_json(notice) for notice in found], page, per_page, total)


@blueprint.route("/notifications/read", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(400, 413, 415, 422))
@blueprint.body(schemas.ReadBody)
@blueprint.response(200, schemas.ReadSchema)
def read_notifications() -> Response:
    """Mark notices as read: those of `ids`, or all

    The body may be left out. Ids of other people's notices, or of none, change nothing.
    """
    ids = None
    if request.content_length or "Transfer-Encoding" in request.headers:
        schema = schemas.ReadBody(unknown="exclude")
        try:
            ids = schema.load(read_json())["ids"]
        except ValidationError as error:
            refuse(schema, error.messages)
    person_id = caller().id
    return answer({"read": writing.mark_read(person_id, ids), "unread": queries.standing([person_id])[0].unread})


def _json(notice: Listed) -> dict[str, Any]:
    """The contract's Notification."""
    return {"id": notice.id, "kind": notice.kind.name, "text": notice.text, "path": notice.path,
            "auction_id": notice.auction_id, "read": not notice.unread, "created_at": rfc3339(notice.created_at)}
