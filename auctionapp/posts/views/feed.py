"""Lists of posts: the feed, a tag's, a person's."""

from typing import Any

from flask import Response, request, url_for

from auctionapp import htmx
from auctionapp.auctions import lots
from auctionapp.posts.queries import posts
from auctionapp.posts.queries.posts import Cursor, Page
from auctionapp.posts.views import blueprint, lots_of, reader_id


@blueprint.get("/feed")
def feed() -> Response:
    """Everybody's posts, or with ?tag= those under a tag; older ones with ?after=."""
    slug = lots.tag_slug(request.args.get("tag", "")[:100])
    sequence = posts.sequence()  # before the posts, so that nothing falls between page and stream
    if slug:
        page = posts.tagged(slug, reader_id(), _cursor())
    else:
        page = posts.feed(reader_id(), _cursor())
    tag_name = posts.tag_name(slug) if slug else None
    return _page("posts/feed.html", page, _address("posts.feed", page, tag=slug or None), tag=slug,
                 tag_name=tag_name or slug, tag_known=tag_name is not None, sequence=sequence,
                 list_url=url_for("posts.feed", tag=slug or None))


@blueprint.get("/people/<int:person_id>/posts")
def of_person(person_id: int) -> Response:
    """What one person wrote."""
    author = posts.author(person_id)
    page = posts.of_person(person_id, reader_id(), _cursor())
    return _page("posts/person.html", page, _address("posts.of_person", page, person_id=person_id), author=author,
                 is_hidden=person_id in posts.hidden_authors(reader_id()))


def _cursor() -> Cursor | None:
    return Cursor.read(request.args.get("after"))


def _address(endpoint: str, page: Page, **values: Any) -> str | None:
    """Of what comes after this page."""
    return url_for(endpoint, **values, after=str(page.after)) if page.after else None


def _page(template: str, page: Page, more_url: str | None, **context: Any) -> Response:
    """The page; for htmx the posts alone, or with ?fresh=1 the whole list anew."""
    whole = request.args.get("fresh") == "1"
    return htmx.render(template, "posts/_feed.html" if whole and "list_url" in context else "posts/_cards.html", page=page,
                       lots=lots_of(page.posts), more_url=more_url, fresh=whole,
                       first=request.args.get("after") is None, **context)
