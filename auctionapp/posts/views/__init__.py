"""The feed, posts and what is said under them, as pages and fragments."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask_login import current_user
from markupsafe import Markup

from auctionapp.auctions.views import cards
from auctionapp.posts import markdown
from auctionapp.posts.queries.posts import PostCard

blueprint = Blueprint("posts", __name__)


@blueprint.app_template_filter("post_html")
def post_html(text: str) -> Markup:
    """A post's Markdown as clean HTML."""
    return Markup(markdown.to_html(text))  # noqa: S704 (cleaned by an allow-list)


def reader_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def lots_of(shown: list[PostCard]) -> dict[int, Any]:
    """The cards of the auctions that these posts link to."""
    return cards.by_id({one.auction_id for one in shown if one.auction_id})


def fragment(template: str, status: int = 200, **context: Any) -> Response:
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


from auctionapp.posts.views import comments, feed, post  # noqa: E402, F401 (routes)
