"""Auctions: the list, one, putting on sale, changing, pictures."""

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, request

from auctionapp import pictures
from auctionapp.accounts.services import people
from auctionapp.api import limits, schemas
from auctionapp.api.answers import answer, listed, page_of
from auctionapp.api.authentication import caller, viewer_id
from auctionapp.api.blueprint import AUCTION, blueprint
from auctionapp.api.bodies import Invalid
from auctionapp.auctions import lots
from auctionapp.auctions.queries import listing
from auctionapp.auctions.representation import auction_json
from auctionapp.auctions.services import selling
from auctionapp.clock import database_clock
from auctionapp.errors import DomainError, NotFound, Unauthorized
from auctionapp.extensions import db

TAGS = ["Auctions"]
FIELDS = {"title": "title", "description": "description", "category": "category_slug", "tags": "tags",
          "starting_price": "starting_price_cents", "bid_step": "bid_step_cents",
          "reserve_price": "reserve_price_cents", "starts_at": "starts_at", "ends_at": "ends_at",
          "duration_hours": "duration_hours", "soft_close_seconds": "soft_close_seconds", "format": "format"}
"""Members of a body and the fields of a Draft that they are."""
EMPTY: dict[str, Any] = {"description": "", "tags": ()}
"""What null means where a field has no None of its own."""


class NotOffered(DomainError):
    slug = "not-offered"
    text = "Lots cannot be bought at once here yet; place a bid."


@blueprint.route("/auctions", tags=TAGS)
@blueprint.operation(token="optional")
@blueprint.arguments(schemas.AuctionQuery, location="query")
@blueprint.response(200, schemas.AuctionPageSchema)
def auctions(query: dict[str, Any]) -> Response:
    """Find auctions

    Without a status every public one. Drafts are shown to their seller alone.
    """
    if query["seller"] == "me" and viewer_id() is None:
        raise Unauthorized()
    page, per_page = page_of(query)
    filters = listing.Filters(
        words=query["q"], category=query["category"], tag=query["tag"], status=query["status"],
        seller_id=viewer_id() if query["seller"] == "me" else None, sort=query["sort"] or "newest")
    session = db.session()
    items, total = listing.auctions_page(session, filters, viewer_id(), database_clock.now(session), page, per_page)
    return listed(items, page, per_page, total)


@blueprint.route("/auctions", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(403,))
@blueprint.arguments(schemas.AuctionBody)
@blueprint.response(201, schemas.AuctionSchema)
def create_auction(body: dict[str, Any]) -> Response:
    """Put a lot on sale

    Without `starts_at` it is live at once. Say when it ends with `ends_at` or `duration_hours`. Where selling is open
    to everybody, the first lot makes its owner a seller.
    """
    person = caller()
    if person.role == "user":
        people.become_seller(person.id, current_app.config["SELLERS"] == "open")
    draft = selling.Draft(**_fields({name: value for name, value in body.items() if value is not None}))
    auction_id = selling.create_draft(person.id, draft, on_sale=not body.get("draft"))
    response = _shown(auction_id, 201)
    response.headers["Location"] = f"{request.path}/{auction_id}"
    return response


@blueprint.route(f"/auctions/{AUCTION}", tags=TAGS)
@blueprint.operation(token="optional", problems=(404,))
@blueprint.response(200, schemas.AuctionSchema)
def auction(auction_id: int) -> Response:
    """One auction"""
    return _shown(auction_id)


@blueprint.route(f"/auctions/{AUCTION}", methods=["PATCH"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(403, 404, 409))
@blueprint.arguments(schemas.AuctionPatch)
@blueprint.response(200, schemas.AuctionSchema)
def edit_auction(body: dict[str, Any], auction_id: int) -> Response:
    """Change a lot of one's own

    Before the first bid everything may change. After it the description may grow and the reserve be lowered; all else
    is 409. `draft: false` puts a draft on sale.
    """
    selling.edit(auction_id, caller().id, _fields(body), version=body.get("version"), as_draft=body.get("draft") is True)
    if body.get("draft") is False:
        selling.publish(auction_id, caller().id)
    return _shown(auction_id)


@blueprint.route(f"/auctions/{AUCTION}", methods=["DELETE"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(403, 404, 409))
@blueprint.response(204)
def delete_auction(auction_id: int) -> Response:
    """Delete a lot of one's own that has no bids"""
    selling.delete(auction_id, caller().id)
    return Response(status=204)


@blueprint.route(f"/auctions/{AUCTION}/images", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(400, 403, 404, 409, 413, 422))
@blueprint.doc(requestBody={"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["images"],
    "properties": {"images": {"type": "array", "minItems": 1, "items": {
        "type": "string", "contentMediaType": "application/octet-stream"}}}}}}})
@blueprint.response(201, schemas.AuctionSchema)
def add_images(auction_id: int) -> Response:
    """Add pictures to a lot of one's own

    JPEG, PNG or WebP, at most 25 megapixels and 12 MB each. They are drawn anew, without their metadata.
    """
    files = [file for _, file in request.files.items(multi=True) if file.filename or file.content_type]
    if not files:
        raise Invalid("Send at least one picture as multipart/form-data.", errors={"images": ["Choose a picture."]})
    if len(files) > lots.PICTURES:
        raise Invalid(errors={"images": [f"A lot has at most {lots.PICTURES} pictures."]})
    for _ in files:
        limits.spend(limits.UPLOADS, str(caller().id))
    with pictures.stored(current_app.config["MEDIA"], (file.stream for file in files)) as stored:
        selling.add_pictures(auction_id, caller().id, stored)
    return _shown(auction_id, 201)


@blueprint.route(f"/auctions/{AUCTION}/buy", methods=["POST"], tags=TAGS)
@blueprint.operation(limit=limits.WRITES, problems=(404, 422))
@blueprint.doc(responses={201: {"description": "Not answered yet."}})
def buy(auction_id: int) -> Response:
    """Buy at once (not offered yet: always 422)"""
    if listing.visible_auction(db.session(), auction_id, caller().id) is None:
        raise NotFound()
    raise NotOffered()


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says of a lot, as fields of a Draft."""
    given = {FIELDS[name]: EMPTY.get(name) if value is None else value
             for name, value in body.items() if name in FIELDS}
    if given.get("format", "english") is None:
        given["format"] = "english"
    if "tags" in given:
        given["tags"] = tuple(given["tags"])
    return given


def _shown(auction_id: int, status: int = 200) -> Response:
    session = db.session()
    found = listing.visible_auction(session, auction_id, viewer_id())
    if found is None:
        raise NotFound()
    return answer(auction_json(found, database_clock.now(session), viewer_id()), status)
