"""Categories and tags."""

from typing import Any

from flask import Response

from auctionapp.api import schemas
from auctionapp.api.answers import listed, page_of
from auctionapp.api.blueprint import blueprint
from auctionapp.auctions.models import Category, Tag
from auctionapp.auctions.queries import listing
from auctionapp.extensions import db

TAGS = ["Catalogue"]


@blueprint.route("/categories", tags=TAGS)
@blueprint.operation(token="optional")
@blueprint.arguments(schemas.LongPageQuery, location="query")
@blueprint.response(200, schemas.CategoryPageSchema)
def categories(query: dict[str, Any]) -> Response:
    """All categories, in the house's order"""
    return _page_of_words(Category, query)


@blueprint.route("/tags", tags=TAGS)
@blueprint.operation(token="optional")
@blueprint.arguments(schemas.LongPageQuery, location="query")
@blueprint.response(200, schemas.TagPageSchema)
def tags(query: dict[str, Any]) -> Response:
    """All tags, by name"""
    return _page_of_words(Tag, query)


def _page_of_words(table: type[Category] | type[Tag], query: dict[str, Any]) -> Response:
    page, per_page = page_of(query)
    items, total = listing.words_page(db.session(), table, page, per_page)
    return listed(items, page, per_page, total)
