"""Searches that people keep: they stand on the watchlist."""

from typing import NamedTuple

from flask import Response, flash, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions.queries import catalogue as lots
from auctionapp.auctions.queries import searches as queries
from auctionapp.auctions.services import searches
from auctionapp.auctions.views import blueprint
from auctionapp.auctions.views.wishes import address, in_words, wish_of


class Shown(NamedTuple):
    id: int
    words: str
    address: str


def of_person(user_id: int) -> list[Shown]:
    """A person's saved searches in words, in a constant number of statements."""
    saved = queries.saved(user_id)
    if not saved:
        return []
    categories = {one.slug: one.name for one in lots.categories()}
    tags = lots.tag_names({wish.tag for _, wish in saved if wish.tag})
    return [Shown(number, " · ".join(in_words(wish, categories, tags).values()), address(wish)) for number, wish in saved]


@blueprint.post("/searches")
@login_required
def save_search() -> Response:
    searches.save(current_user.id, wish_of(request.form))
    flash("Saved. You find the search below your watchlist.", "success")
    return htmx.see_other(url_for("auctions.watchlist") + "#searches")


@blueprint.post("/searches/<int:search_id>/remove")
@login_required
def remove_search(search_id: int) -> Response:
    searches.remove(current_user.id, search_id)
    flash("The search was removed.", "success")
    return htmx.see_other(url_for("auctions.watchlist") + "#searches")
