from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO

import pytest
from PIL import Image

from auctionapp.accounts.models import User
from auctionapp.extensions import db
from tests import factories
from tests.api.conftest import refused
from tests.counting import statements

AUCTION = {"id", "title", "description", "category", "tags", "images", "seller", "status", "format", "starting_price",
           "bid_step", "current_price", "next_minimum_bid", "bid_count", "reserve_met", "buy_now_price", "leader",
           "starts_at", "ends_at", "extended", "version"}
LOT = {"title": "Brass telescope", "category": "cameras", "starting_price": "10.00", "duration_hours": 1}


def a_picture(color="red") -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (40, 30), color).save(file, "PNG")
    file.seek(0)
    return file


def test_a_lot_without_a_start_is_live_at_once(seller):
    answer = seller.post("/auctions", LOT | {"tags": ["Brass", "Two Words"], "reserve_price": "20.00"})
    assert answer.status_code == 201
    lot = answer.json
    assert set(lot) == AUCTION
    assert answer.headers["Location"] == f"/api/v1/auctions/{lot['id']}"
    assert lot["seller"] == {"id": seller.id, "display_name": seller.name}
    assert lot["starts_at"].endswith("Z") and lot["ends_at"].endswith("Z")
    begins, ends = (datetime.fromisoformat(lot[name]) for name in ("starts_at", "ends_at"))
    assert ends - begins == timedelta(hours=1)
    assert {name: lot[name] for name in AUCTION - {"id", "seller", "starts_at", "ends_at", "version"}} == {
        "title": "Brass telescope", "description": "", "category": "cameras", "tags": ["brass", "two-words"],
        "images": [], "status": "live", "format": "english", "starting_price": "10.00", "bid_step": None,
        "current_price": None, "next_minimum_bid": "10.00", "bid_count": 0, "reserve_met": False,
        "buy_now_price": None, "leader": None, "extended": False}


def test_an_end_may_be_ten_seconds_ahead(seller):
    ends_at = (datetime.now(UTC) + timedelta(seconds=10)).isoformat().replace("+00:00", "Z")
    body = {key: value for key, value in LOT.items() if key != "duration_hours"} | {"ends_at": ends_at}
    lot = seller.post("/auctions", body).json
    assert lot["status"] == "live" and lot["ends_at"] == ends_at


def test_a_lot_that_starts_later_is_scheduled(seller):
    start = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    in_berlin = start.astimezone(timezone(timedelta(hours=1))).isoformat()
    lot = seller.post("/auctions", LOT | {"starts_at": in_berlin}).json
    assert lot["status"] == "scheduled"
    assert lot["starts_at"] == start.isoformat().replace("+00:00", "Z")


def test_a_draft_is_its_sellers_alone_until_it_is_published(seller, bidder, guest):
    lot = seller.post("/auctions", LOT | {"draft": True}).json
    path = f"/auctions/{lot['id']}"
    assert lot["status"] == "draft"
    for other in (bidder, guest):
        refused(other.get(path), 404, "not-found")
        refused(other.get(f"{path}/bids"), 404, "not-found")
        refused(other.get(f"{path}/events"), 404, "not-found")
    refused(bidder.patch(path, {"title": "Mine"}), 404, "not-found")
    refused(bidder.delete(path), 404, "not-found")
    assert guest.get("/auctions?status=draft").json["total"] == 0
    assert bidder.get("/auctions?status=draft").json["total"] == 0
    assert seller.get("/auctions?status=draft").json["items"][0]["id"] == lot["id"]
    assert seller.patch(path, {"draft": True}).json["status"] == "draft"
    assert seller.patch(path, {"draft": False}).json["status"] == "live"
    refused(seller.patch(path, {"draft": True, "title": "Back again"}), 409, "conflict")
    assert guest.get(path).json["id"] == lot["id"]


def test_the_first_lot_makes_a_person_a_seller(program_of):
    person = program_of()
    assert person.get("/me").json["roles"] == ["user"]
    assert person.post("/auctions", LOT).status_code == 201
    assert person.get("/me").json["roles"] == ["user", "seller"]


def test_where_the_house_chooses_its_sellers_a_user_may_not_sell(make_app, program_of):
    person = program_of()
    person.client = make_app(SELLERS="by_admin").test_client()
    refused(person.post("/auctions", LOT), 403, "not-allowed")
    assert db.session.get(User, person.id).role == "user"


@pytest.mark.parametrize(("change", "field"), [
    ({"title": ""}, "title"),
    ({"title": "x" * 121}, "title"),
    ({"title": None}, "title"),
    ({"title": "a\0b"}, "title"),
    ({"title": "a\ud800b"}, "title"),
    ({"category": "nothing"}, "category"),
    ({"category": "a\0b"}, "category"),
    ({"tags": ["x"] * 9}, "tags"),
    ({"tags": "brass"}, "tags"),
    ({"tags": [1]}, "tags"),
    ({"buy_now_price": "100.00"}, "buy_now_price"),
    ({"format": "dutch"}, "format"),
    ({"duration_hours": "1"}, "duration_hours"),
    ({"duration_hours": 0}, "duration_hours"),
    ({"duration_hours": 1e300}, "duration_hours"),
    ({"duration_hours": 10**400}, "duration_hours"),
    ({"duration_hours": None}, "ends_at"),
    ({"ends_at": "2030-01-01T00:00:00Z"}, "ends_at"),
    ({"starts_at": "2030-01-01T00:00:00"}, "starts_at"),
    ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
    ({"starts_at": "tomorrow"}, "starts_at"),
    ({"soft_close_seconds": -1}, "soft_close_seconds"),
    ({"soft_close_seconds": 1.5}, "soft_close_seconds"),
    ({"reserve_price": "5.00"}, "reserve_price"),
    ({"draft": "yes"}, "draft"),
])
def test_each_field_that_cannot_stand_is_named(seller, change, field):
    response = seller.post("/auctions", LOT | change)
    problem = refused(response, 422, response.get_json(force=True)["type"].rpartition("/")[2])
    assert field in problem["errors"]
    assert all(isinstance(word, str) for word in problem["errors"][field])


@pytest.mark.parametrize("field", ["starting_price", "reserve_price", "bid_step"])
@pytest.mark.parametrize("amount", [12.5, 12, "12,50", "0.00", "-1"])
def test_amounts_of_lots_are_decimal_strings_too(seller, field, amount):
    refused(seller.post("/auctions", LOT | {field: amount}), 422, "invalid-amount")


def test_members_that_are_not_the_sellers_to_set_are_not_applied(seller, bidder):
    body = LOT | {"id": 77, "seller_id": bidder.id, "seller": {"id": bidder.id}, "status": "sold", "bid_count": 9,
                  "current_price": "99.00", "role": "admin"}
    lot = seller.post("/auctions", body).json
    assert lot["seller"]["id"] == seller.id
    assert (lot["status"], lot["bid_count"], lot["current_price"]) == ("live", 0, None)
    assert seller.get("/me").json["roles"] == ["user", "seller"]


def test_before_the_first_bid_everything_may_change(seller):
    lot = seller.post("/auctions", LOT).json
    changed = seller.patch(f"/auctions/{lot['id']}", {
        "title": "Telescope", "tags": ["brass"], "starting_price": "12.00", "bid_step": "2.00",
        "reserve_price": "30.00", "version": lot["version"]})
    assert changed.status_code == 200
    assert set(changed.json) == AUCTION
    assert (changed.json["title"], changed.json["starting_price"], changed.json["bid_step"]) == (
        "Telescope", "12.00", "2.00")
    assert changed.json["version"] > lot["version"]
    assert seller.patch(f"/auctions/{lot['id']}", {"bid_step": None}).json["bid_step"] is None
    refused(seller.patch(f"/auctions/{lot['id']}", {"title": "x", "version": lot["version"]}), 409, "conflict")


def test_after_a_bid_only_what_the_rules_allow_may_change(seller, bidder, lot):
    bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"})
    refused(seller.patch(f"/auctions/{lot}", {"title": "Another"}), 409, "conflict")
    refused(seller.delete(f"/auctions/{lot}"), 409, "conflict")
    longer = seller.patch(f"/auctions/{lot}", {"description": "In its case. The case is oak."})
    assert longer.status_code == 200
    assert longer.json["description"].startswith("In its case.")


def test_after_a_bid_a_reserve_may_be_lowered_once(seller, bidder):
    lot = seller.post("/auctions", LOT | {"reserve_price": "50.00", "duration_hours": 24}).json["id"]
    bidder.post(f"/auctions/{lot}/bids", {"amount": "30.00", "kind": "auto"})
    refused(seller.patch(f"/auctions/{lot}", {"reserve_price": "60.00"}), 409, "conflict")
    lowered = seller.patch(f"/auctions/{lot}", {"reserve_price": "20.00"})
    assert lowered.status_code == 200
    assert (lowered.json["reserve_met"], lowered.json["current_price"]) == (True, "20.00")
    refused(seller.patch(f"/auctions/{lot}", {"reserve_price": "15.00"}), 409, "conflict")
    newest, first = seller.get(f"/auctions/{lot}/bids").json["items"]
    assert (newest["amount"], newest["leading"], newest["current_price"]) == ("20.00", True, "20.00")
    assert (first["amount"], first["current_price"]) == ("10.00", "10.00")


def test_a_lot_is_changed_and_deleted_by_its_seller_alone(bidder, guest, lot, seller):
    for method in ("PATCH", "DELETE"):
        refused(guest.send(method, f"/auctions/{lot}", json={}), 401, "unauthorized")
        refused(bidder.send(method, f"/auctions/{lot}", json={}), 403, "not-allowed")
    assert seller.delete(f"/auctions/{lot}").status_code == 204
    refused(seller.get(f"/auctions/{lot}"), 404, "not-found")


def test_who_leads_is_an_alias_and_a_maximum_is_its_owners_alone(bidder, seller, guest, lot):
    bidder.post(f"/auctions/{lot}/bids", {"amount": "50.00", "kind": "auto"})
    own = bidder.get(f"/auctions/{lot}").json
    assert set(own) == AUCTION | {"my_maximum"} and own["my_maximum"] == "50.00"
    for other in (guest, seller):
        seen = other.get(f"/auctions/{lot}")
        assert seen.json["leader"] == "Bidder 1"
        assert "50.00" not in seen.text and bidder.name not in seen.text
        assert "50.00" not in other.get(f"/auctions/{lot}/bids").text


def test_the_list_is_filtered_sorted_and_cut_into_pages(guest, seller):
    now = datetime.now(UTC)
    telescope = factories.auction(seller.id, title="Brass telescope")
    clock = factories.auction(seller.id, title="Oak clock", starting_price_cents=500, description="Été 1900.",
                              ends_at=now + timedelta(minutes=5))
    later = factories.auction(seller.id, title="Later", starts_at=now + timedelta(hours=1),
                              ends_at=now + timedelta(hours=2))
    over = factories.auction(seller.id, title="Over", state="unsold", closed_at=now)
    factories.auction(seller.id, title="Draft", state="draft")

    def ids(query):
        answer = guest.get(f"/auctions{query}")
        assert answer.status_code == 200
        assert set(answer.json) == {"items", "page", "per_page", "total"}
        assert answer.json["total"] >= len(answer.json["items"])
        assert all(set(item) == AUCTION for item in answer.json["items"])
        return [item["id"] for item in answer.json["items"]]

    assert ids("") == [over.id, later.id, clock.id, telescope.id]
    assert ids("?status=live&sort=ending") == [clock.id, telescope.id]
    assert ids("?status=scheduled") == [later.id]
    assert ids("?status=unsold") == [over.id]
    assert ids("?q=TELESCOPE") == [telescope.id]
    assert ids("?q=été") == [clock.id]
    assert ids("?q=%25") == []
    assert ids("?sort=price")[0] == clock.id
    assert ids("?category=nothing") == []
    assert ids("?tag=nothing") == []
    assert ids("?page=2&per_page=3") == [telescope.id]
    assert ids("?page=3&per_page=3") == []
    assert guest.get("/auctions?per_page=1000").json["per_page"] == 100


def test_a_list_links_to_its_other_pages(guest, seller):
    for _ in range(5):
        factories.auction(seller.id)
    link = guest.get("/auctions?q=brass+tele&page=2&per_page=2").headers["Link"]
    parts = dict(reversed(part.split("; ")) for part in link.split(", "))
    assert parts == {
        f'rel="{name}"': f"</api/v1/auctions?q=brass+tele&page={page}&per_page=2>"
        for name, page in (("first", 1), ("prev", 1), ("next", 3), ("last", 3))}
    assert "next" not in guest.get("/auctions?page=3&per_page=2").headers["Link"]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1e3", "page=9999999999999999999999", "page=",
                                   "per_page=0", "status=gone", "sort=colour", "q=%00", "category=%00", "tag=%00",
                                   "page=%D9%A1", "q=" + "x" * 201])
def test_a_query_that_means_nothing_is_refused(guest, query):
    refused(guest.get(f"/auctions?{query}"), 422, "validation")


def test_a_lists_queries_do_not_grow_with_the_list(guest, seller, app):
    def queries():
        with statements() as asked:
            assert guest.get("/auctions").status_code == 200
        return len(asked)

    factories.auction(seller.id)
    few = queries()
    for _ in range(10):
        factories.auction(seller.id)
    assert queries() == few


def test_pictures_are_added_by_the_seller(seller, bidder, guest, lot):
    def send(program, *files):
        return program.send("POST", f"/auctions/{lot}/images", data={"images": list(files)},
                            content_type="multipart/form-data")

    refused(send(guest, (a_picture(), "a.png")), 401, "unauthorized")
    refused(send(bidder, (a_picture(), "a.png")), 403, "not-allowed")
    answer = send(seller, (a_picture(), "a.png"), (a_picture("blue"), "b.png"))
    assert answer.status_code == 201
    assert set(answer.json) == AUCTION
    first, second = answer.json["images"]
    assert first != second
    assert seller.client.get(first).status_code == 200
    refused(send(seller, (BytesIO(b"<svg onload=alert(1)>"), "x.png")), 422, "invalid-picture")
    refused(send(seller), 422, "validation")
    refused(seller.post(f"/auctions/{lot}/images", {}), 422, "validation")
    assert len(seller.get(f"/auctions/{lot}").json["images"]) == 2


def test_buying_at_once_is_not_offered_yet(bidder, guest, lot):
    refused(guest.post(f"/auctions/{lot}/buy"), 401, "unauthorized")
    refused(bidder.post(f"/auctions/{lot}/buy"), 422, "not-offered")
    refused(bidder.post("/auctions/999999/buy"), 404, "not-found")


def test_categories_and_tags_are_lists_of_words(guest, seller):
    seller.post("/auctions", LOT | {"tags": ["Brass"]})
    categories = guest.get("/categories").json
    assert set(categories) == {"items", "page", "per_page", "total"}
    assert len(categories["items"]) == categories["total"] >= 17
    assert all(set(item) == {"id", "slug", "name"} for item in categories["items"])
    assert "art" in [item["slug"] for item in categories["items"]]
    assert [(item["slug"], item["name"]) for item in guest.get("/tags").json["items"]] == [("brass", "Brass")]
    assert [lot["tags"] for lot in guest.get("/auctions?tag=brass&category=cameras").json["items"]] == [["brass"]]
