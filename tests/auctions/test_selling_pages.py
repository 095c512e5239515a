"""Selling through the pages: the form, a draft in two steps, what stays closed to others (R9)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from auctionapp import localtime
from auctionapp.auctions.models import Auction, AuctionImage
from auctionapp.extensions import db
from tests import factories
from tests.auctions.selling_lots import bid_on, described, lot


def typed(**given) -> dict[str, str]:
    """What a browser sends for a lot that ends in a day."""
    fields = {
        "title": "Brass telescope", "description": "In its case.", "category": described().category_slug, "tags": "brass, Old",
        "starting_price": "10.00", "bid_step": "", "reserve_price": "", "start": "now", "starts_at": "", "end": "after",
        "ends_at": "", "duration_hours": "24", "time_zone": "UTC", "soft_close": "y",
    }
    return fields | given


@pytest.fixture
def seller(app, client):
    person = factories.seller()
    factories.sign_in(client, person)
    return person


def test_the_form_saves_a_draft_that_is_published_in_a_second_step(client, seller):
    answer = client.post("/auctions/new", data=typed())
    assert answer.status_code == 303
    auction_id = int(answer.location.rsplit("/", 1)[-1])
    auction = lot(auction_id)
    assert (auction.state, auction.starting_price_cents, auction.duration_seconds) == ("draft", 1000, 86400)
    assert [tag.name for tag in auction.tags] == ["Old", "brass"]
    assert client.post(f"/auctions/{auction_id}/publish").status_code == 303
    assert lot(auction_id).state == "open"


def test_the_end_is_typed_in_the_sellers_zone(client, seller):
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    answer = client.post("/auctions/new", data=typed(end="at", ends_at=f"{day}T18:00", time_zone="Asia/Kolkata"))
    assert answer.status_code == 303
    ends_at = lot(int(answer.location.rsplit("/", 1)[-1])).ends_at
    assert ends_at == datetime(day.year, day.month, day.day, 12, 30, tzinfo=UTC)


def test_the_form_needs_no_choice_that_its_fields_say_already(client, seller):
    fields = typed()
    for name in ("start", "end", "time_zone", "ends_at", "starts_at", "bid_step", "reserve_price", "tags"):
        del fields[name]
    assert client.post("/auctions/new", data=fields).status_code == 303


@pytest.mark.parametrize(("given", "words"), [
    ({"title": " "}, "Give the lot a name."),
    ({"title": "x" * 500}, "longer than"),
    ({"category": "nonsense"}, "Not a valid choice"),
    ({"starting_price": "NaN"}, "Write an amount"),
    ({"starting_price": "1e9"}, "Write an amount"),
    ({"starting_price": "٣"}, "Write an amount"),
    ({"starting_price": ""}, "Name a starting price."),
    ({"bid_step": "-1"}, "Write an amount"),
    ({"reserve_price": "5.00"}, "cannot be below the starting price"),
    ({"reserve_price": "0"}, "Write an amount"),
    ({"end": "at", "ends_at": "soon"}, "Write a date and a time"),
    ({"end": "at", "ends_at": "0001-01-01T00:00", "time_zone": "Asia/Tokyo"}, "Write a date and a time"),
    ({"end": "at", "ends_at": "2020-01-01T00:00"}, "at least 10 seconds ahead"),
    ({"end": "at", "ends_at": "2026-11-21T18:00+02:00"}, "Write a date and a time"),
    ({"start": "later", "starts_at": ""}, "Write a date and a time"),
    ({"duration_hours": "1e400"}, "number of hours"),
    ({"duration_hours": "NaN"}, "number of hours"),
    ({"duration_hours": "-3"}, "number of hours"),
    ({"duration_hours": "9999999"}, "number of hours"),
    ({"time_zone": "../etc/passwd"}, "Not a valid choice"),
    ({"tags": "a,b,c,d,e,f,g,h,i"}, "At most 8 tags"),
])
def test_nonsense_is_refused_beside_its_field_and_what_was_typed_stays(client, seller, given, words):
    answer = client.post("/auctions/new", data=typed(description="My words stay", **given))
    assert answer.status_code == 422
    assert words in answer.text and "My words stay" in answer.text
    assert db.session.query(Auction).count() == 0


def test_an_hour_that_the_clocks_skip_is_refused_and_one_that_comes_twice_is_asked_about(client, seller):
    year = datetime.now(UTC).year + (datetime.now(UTC).month >= 3)
    kyiv = ZoneInfo("Europe/Kyiv")
    spring = max(datetime(year, 3, day) for day in range(25, 32) if datetime(year, 3, day).weekday() == 6)
    with pytest.raises(localtime.NoSuchTime):
        localtime.parse_local(f"{spring:%Y-%m-%d}T03:30", kyiv)
    autumn = max(datetime(year, 10, day) for day in range(25, 32) if datetime(year, 10, day).weekday() == 6)
    twice = f"{autumn:%Y-%m-%d}T03:30"
    assert localtime.comes_twice(twice, kyiv)
    assert localtime.parse_local(twice, kyiv, later=True) - localtime.parse_local(twice, kyiv) == timedelta(hours=1)
    answer = client.post("/auctions/new", data=typed(end="at", ends_at=f"{spring:%Y-%m-%d}T03:30", time_zone=kyiv.key))
    assert answer.status_code == 422 and "skip that time" in answer.text
    answer = client.post("/auctions/new", data=typed(end="at", ends_at=twice, time_zone=kyiv.key))
    assert answer.status_code == 422 and 'name="fold"' in answer.text


def test_an_edit_that_touches_no_time_keeps_the_seconds(client, seller):
    ends_at = datetime.now(UTC) + timedelta(days=1)
    auction = factories.auction(seller.id, ends_at=ends_at)
    page = client.get(f"/auctions/{auction.id}/edit")
    assert page.status_code == 200
    answer = client.post(f"/auctions/{auction.id}/edit", data=typed(
        title="Better", end="at", ends_at=f"{ends_at:%Y-%m-%dT%H:%M}", version="1", soft_close=""))
    assert answer.status_code == 303
    assert (lot(auction.id).title, lot(auction.id).ends_at) == ("Better", ends_at)


def test_an_outdated_edit_is_409_with_the_form(client, seller):
    auction = factories.auction(seller.id)
    answer = client.post(f"/auctions/{auction.id}/edit", data=typed(version="7"))
    assert answer.status_code == 409 and "another window" in answer.text and 'value="Brass telescope"' in answer.text


def test_after_a_bid_the_form_only_adds(client, seller):
    auction = factories.auction(seller.id, reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(days=1))
    bid_on(auction, 3000)
    assert "Lower the reserve" in client.get(f"/auctions/{auction.id}/edit").text
    answer = client.post(f"/auctions/{auction.id}/edit", data={"description_addition": "Heavy.", "reserve_price": "80"})
    assert answer.status_code == 303
    assert lot(auction.id).description.endswith("Heavy.") and lot(auction.id).reserve_price_cents == 8000


def test_every_page_of_a_seller_is_closed_to_others(app, client):
    draft, live = factories.auction(state="draft"), factories.auction()
    guest = app.test_client()
    factories.sign_in(client, factories.seller())
    for part, post in (("edit", False), ("edit", True), ("publish", True), ("delete", True), ("delete", False)):
        for auction, wanted in ((draft, 404), (live, 403)):
            path = f"/auctions/{auction.id}/{part}"
            ask = client.post if post else client.get
            assert ask(path).status_code == wanted, (path, post)
            assert (guest.post if post else guest.get)(path).status_code == 303
    assert client.get("/auctions/99999999999999999999999/edit").status_code == 404


def test_a_signed_in_person_becomes_a_seller_first(app, client):
    factories.sign_in(client, factories.user())
    answer = client.get("/auctions/new")
    assert answer.status_code == 303 and answer.location.endswith("/account/sell")


def test_extra_fields_are_ignored(client, seller):
    other = factories.seller()
    answer = client.post("/auctions/new", data=typed(seller_id=str(other.id), state="sold", price_cents="1"))
    auction = lot(int(answer.location.rsplit("/", 1)[-1]))
    assert (auction.seller_id, auction.state, auction.price_cents) == (seller.id, "draft", None)


def test_a_draft_is_deleted_from_its_page(client, seller):
    auction = factories.auction(seller.id, state="draft")
    assert client.get(f"/auctions/{auction.id}/delete").status_code == 200
    assert client.post(f"/auctions/{auction.id}/delete").status_code == 303
    db.session.rollback()
    assert db.session.query(Auction).count() == 0 and db.session.query(AuctionImage).count() == 0
