"""A person as others see them. Nothing here comes from bids: a bidder stays an alias (R19)."""

from datetime import UTC, datetime

from flask import render_template, request
from flask_login import current_user

from auctionapp.auctions.queries import catalogue as lots
from auctionapp.auctions.views.cards import cards_of
from auctionapp.errors import NotFound
from auctionapp.extensions import db
from auctionapp.people import queries
from auctionapp.people.views import blueprint
from auctionapp.posts.queries import posts

LOTS_PER_PAGE = 12
NEWEST_POSTS = 3


@blueprint.get("/people/<int:person_id>")
def show(person_id: int) -> str:
    return page(person_id)


def page(person_id: int, problem: str = "") -> str:
    """The profile, with what went wrong with one of its buttons. Raises NotFound for who is not a person of the house.

    Who is blocked by this person sees what every guest sees.
    """
    session, now = db.session(), datetime.now(UTC)
    person = queries.person(session, person_id)
    if person is None:
        raise NotFound()
    viewer_id = current_user.id if current_user.is_authenticated else None
    standing = queries.standings(session, viewer_id, [person_id], now).get(person_id) if viewer_id else None
    total = lots.public_count_of_seller(person_id)
    # After a refused button the address is not the profile's: its pages cannot be linked to from there.
    pages = 1 if problem else max(1, -(-total // LOTS_PER_PAGE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = lots.public_of_seller(person_id, number, LOTS_PER_PAGE) if total else []
    return render_template(
        "people/show.html", person=person, standing=standing, own=viewer_id == person_id, problem=problem,
        knows_name=viewer_id == person_id or (standing is not None and standing.friendship == "friends"),
        cards=cards_of(rows, now), total=total, pages=pages, number=number,
        posts=posts.of_person(person_id, viewer_id).posts[:NEWEST_POSTS])
