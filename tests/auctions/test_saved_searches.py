"""A search that finds nothing says where to look, and may be kept (look.md: Catalogue)."""

from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.auctions.queries import searches as queries
from auctionapp.auctions.queries.catalogue import Wish
from auctionapp.auctions.services import searches
from auctionapp.errors import Conflict
from auctionapp.extensions import db
from tests import factories
from tests.at_once import at_once
from tests.auctions.bidding_client import signed_in
from tests.auctions.test_catalogue import over, statements


def kept(person_id):
    db.session.rollback()
    return [wish for _, wish in queries.saved(person_id)]


def test_nothing_found_says_what_to_change_and_where_lots_are(client):
    seller = factories.seller()
    factories.auction(seller.id, title="Brass telescope", **over("unsold"))
    page = client.get("/auctions?q=brass+telescope&status=live").text
    assert "Try fewer words, or look here:" in page
    assert '<a href="/auctions?q=brass+telescope&amp;status=ended"' in page and "1 lot among the ended ones" in page
    assert "on sale</a>" not in page and "in other categories" not in page
    assert "Try another word." in client.get("/auctions?q=nothing-at-all").text
    assert "Save this search" not in page


def test_a_search_is_kept_once_found_below_the_watchlist_and_removed(app):
    person, person_id = signed_in(app)
    assert "Save this search" in person.get("/auctions?q=sextant").text
    assert "Save this search" not in person.get("/auctions?q=sextant&seller=me").text
    for _ in range(2):
        saved = person.post("/searches", data={"q": "  Sextant ", "status": "ended", "sort": "price", "user_id": "1"})
        assert (saved.status_code, saved.location) == (303, "/dashboard/watchlist#searches")
    page = person.get("/dashboard/watchlist").text
    assert page.count('<a href="/auctions?q=Sextant&amp;status=ended">“Sextant” · Ended</a>') == 1
    [(search_id, _)] = queries.saved(person_id)
    other, _ = signed_in(app)
    assert other.post(f"/searches/{search_id}/remove").status_code == 404
    assert "Sextant" not in other.get("/dashboard/watchlist").text
    assert person.post(f"/searches/{search_id}/remove").status_code == 303
    assert kept(person_id) == []
    assert person.post(f"/searches/{search_id}/remove").status_code == 404


def test_a_guest_keeps_no_search(client):
    refused = client.post("/searches", data={"q": "sextant"})
    assert refused.status_code == 303 and refused.location.startswith("/account/login")


@pytest.mark.parametrize("form", [{}, {"status": "draft"}, {"q": "\x00 "}, {"status": "<b>", "seller": "me"}])
def test_a_search_for_nothing_is_not_kept(app, form):
    person, person_id = signed_in(app)
    refused = person.post("/searches", data=form)
    assert refused.status_code == 422 and "nothing to save yet" in refused.text
    assert kept(person_id) == []


def test_very_long_parts_are_cut_as_the_catalogue_cuts_them(app):
    person, person_id = signed_in(app)
    assert person.post("/searches", data=dict.fromkeys(("q", "category", "tag"), "x" * 5000)).status_code == 303
    assert kept(person_id) == [Wish("x" * 100, "x" * 40, "x" * 40)]


def test_two_clicks_at_once_keep_one_search_and_nobody_keeps_more_than_fifty(app):
    person_id = factories.bidder()
    assert at_once(app, *[lambda: searches.save(person_id, Wish("sextant"))] * 4) == [None] * 4
    assert kept(person_id) == [Wish("sextant")]
    for number in range(49):
        searches.save(person_id, Wish(f"word {number}"))
    with pytest.raises(Conflict):
        searches.save(person_id, Wish("one more"))
    searches.save(person_id, Wish("sextant"))
    assert len(kept(person_id)) == searches.MOST


def test_the_watchlist_takes_the_same_number_of_statements_for_many_searches(app):
    person, person_id = signed_in(app)
    factories.auction(starts_at=datetime.now(UTC) + timedelta(hours=1))
    numbers = []
    for number in (1, 20):
        for tag in range(number):
            searches.save(person_id, Wish(tag=f"tag-{number}-{tag}"))
        with statements() as seen:
            person.get("/dashboard/watchlist")
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]
