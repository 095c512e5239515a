"""Selling: from the form to a lot on sale, and the changes that R9 allows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from auctionapp import localtime
from auctionapp.auctions.lots import Draft, InvalidLot
from auctionapp.auctions.models import Auction, AuctionImage, AuctionTag, Bid, PriceStep, Tag
from auctionapp.auctions.services import selling
from auctionapp.chat.models import Conversation
from auctionapp.clock import SetClock
from auctionapp.errors import Conflict, NotAllowed, NotFound
from auctionapp.extensions import db
from tests import factories

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def described(**given) -> Draft:
    fields = {"title": "Brass telescope", "category_slug": "art", "starting_price_cents": 1000, "duration_hours": 24}
    category = db.session.execute(db.text("SELECT slug FROM categories ORDER BY id LIMIT 1")).scalar_one()
    return Draft(**(fields | {"category_slug": category} | given))


def typed(**given) -> dict[str, str]:
    """What a browser sends for a lot that ends in a day."""
    fields = {
        "title": "Brass telescope", "description": "In its case.", "category": described().category_slug, "tags": "brass, Old",
        "starting_price": "10.00", "bid_step": "", "reserve_price": "", "start": "now", "starts_at": "", "end": "after",
        "ends_at": "", "duration_hours": "24", "time_zone": "UTC", "soft_close": "y",
    }
    return fields | given


def lot(auction_id: int) -> Auction:
    db.session.rollback()
    return db.session.get_one(Auction, auction_id)


def bid_on(auction: Auction, maximum_cents: int) -> None:
    """A standing bid, as the engine would have left it."""
    bidder = factories.user()
    bid = Bid(auction_id=auction.id, number=1, bidder_id=bidder.id, kind="auto", maximum_cents=maximum_cents,
              placed_at=datetime.now(UTC))
    db.session.add(bid)
    db.session.flush()
    auction.leader_id, auction.leader_maximum_cents, auction.price_cents = bidder.id, maximum_cents, 1000
    auction.leading_bid_id, auction.bid_number, auction.bid_count, auction.step_sequence = bid.id, 1, 1, 1
    db.session.execute(db.text("INSERT INTO bidder_aliases (auction_id, user_id, alias) VALUES (:a, :u, 1)"),
                       {"a": auction.id, "u": bidder.id})
    db.session.commit()


# The service

def test_a_draft_is_published_at_the_databases_clock(app):
    seller = factories.seller()
    auction_id = selling.create_draft(seller.id, described(duration_hours=2), SetClock(NOON))
    assert lot(auction_id).state == "draft"
    selling.publish(auction_id, seller.id, SetClock(NOON + timedelta(minutes=5)))
    auction = lot(auction_id)
    assert auction.state == "open"
    assert auction.starts_at == NOON + timedelta(minutes=5)
    assert auction.ends_at == auction.first_ends_at == auction.starts_at + timedelta(hours=2)
    assert auction.published_at == NOON + timedelta(minutes=5)


def test_publishing_twice_changes_nothing(app):
    seller = factories.seller()
    auction_id = selling.create_draft(seller.id, described(), SetClock(NOON), on_sale=True)
    before = lot(auction_id).ends_at
    selling.publish(auction_id, seller.id, SetClock(NOON + timedelta(hours=1)))
    assert lot(auction_id).ends_at == before


def test_a_start_in_the_future_is_kept(app):
    seller = factories.seller()
    start = NOON + timedelta(hours=3)
    auction_id = selling.create_draft(seller.id, described(starts_at=start), SetClock(NOON), on_sale=True)
    auction = lot(auction_id)
    assert (auction.starts_at, auction.ends_at) == (start, start + timedelta(hours=24))


def test_a_draft_whose_end_has_passed_is_not_published(app):
    seller = factories.seller()
    draft = described(duration_hours=None, ends_at=NOON + timedelta(hours=1))
    auction_id = selling.create_draft(seller.id, draft, SetClock(NOON))
    with pytest.raises(Conflict, match="has passed"):
        selling.publish(auction_id, seller.id, SetClock(NOON + timedelta(hours=1)))
    assert lot(auction_id).state == "draft"


def test_an_end_ten_seconds_ahead_is_enough(app):
    seller = factories.seller()
    draft = described(duration_hours=None, ends_at=NOON + timedelta(seconds=10))
    auction_id = selling.create_draft(seller.id, draft, SetClock(NOON + timedelta(seconds=1)), on_sale=True)
    assert lot(auction_id).state == "open"


@pytest.mark.parametrize(("given", "field"), [
    ({"title": ""}, "title"),
    ({"title": "x" * 121}, "title"),
    ({"category_slug": "no-such"}, "category"),
    ({"starting_price_cents": 0}, "starting_price"),
    ({"starting_price_cents": 10**15}, "starting_price"),
    ({"bid_step_cents": -1}, "bid_step"),
    ({"reserve_price_cents": 999}, "reserve_price"),
    ({"duration_hours": None}, "ends_at"),
    ({"ends_at": NOON + timedelta(days=1)}, "ends_at"),
    ({"duration_hours": 0}, "duration_hours"),
    ({"duration_hours": float("nan")}, "duration_hours"),
    ({"duration_hours": 1e300}, "duration_hours"),
    ({"duration_hours": None, "ends_at": NOON - timedelta(days=1)}, "ends_at"),
    ({"duration_hours": None, "ends_at": NOON + timedelta(days=91)}, "ends_at"),
    ({"starts_at": NOON + timedelta(days=2), "duration_hours": None, "ends_at": NOON + timedelta(days=1)}, "ends_at"),
    ({"starts_at": NOON + timedelta(days=200)}, "starts_at"),
    ({"soft_close_seconds": -1}, "soft_close_seconds"),
    ({"format": "dutch"}, "format"),
    ({"tags": tuple("abcdefghi")}, "tags"),
    ({"tags": ("x" * 41,)}, "tags"),
])
def test_each_wrong_field_is_named(app, given, field):
    with pytest.raises(InvalidLot) as refusal:
        selling.create_draft(factories.seller().id, described(**given), SetClock(NOON))
    assert list(refusal.value.errors) == [field]


def test_only_a_seller_makes_drafts(app):
    with pytest.raises(NotAllowed):
        selling.create_draft(factories.user().id, described(), SetClock(NOON))


def test_a_blocked_seller_cannot_publish(app):
    seller = factories.seller()
    auction_id = selling.create_draft(seller.id, described(), SetClock(NOON))
    seller.blocked_at = NOON
    db.session.commit()
    with pytest.raises(NotAllowed):
        selling.publish(auction_id, seller.id, SetClock(NOON))


def test_tags_are_made_on_demand_and_once(app):
    seller = factories.seller()
    first = selling.create_draft(seller.id, described(tags=("Brass", "brass ", "Meer & Été")), SetClock(NOON))
    selling.create_draft(seller.id, described(tags=("BRASS",)), SetClock(NOON))
    db.session.rollback()
    assert {slug for (slug,) in db.session.query(Tag.slug)} == {"brass", "meer-été"}
    assert db.session.query(AuctionTag).filter_by(auction_id=first).count() == 2


def test_the_house_decides_the_soft_close_that_nobody_chose(app):
    seller = factories.seller()
    chosen = [lot(selling.create_draft(seller.id, described(soft_close_seconds=seconds), SetClock(NOON))).soft_close_seconds
              for seconds in (None, 0, 45)]
    assert chosen == [120, 0, 45]


def test_control_characters_never_reach_the_database(app):
    auction_id = selling.create_draft(
        factories.seller().id, described(title="Tele\x00scope \ud800", description="a\r\nb\x00"), SetClock(NOON))
    assert (lot(auction_id).title, lot(auction_id).description) == ("Telescope", "a\nb")


def test_before_the_first_bid_everything_may_change(app):
    auction = factories.auction()
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    selling.edit(auction.id, auction.seller_id, {
        "title": "Ship's telescope", "description": "With a case.", "starting_price_cents": 2000, "ends_at": ends,
        "reserve_price_cents": 5000, "tags": ("sea",)})
    auction = lot(auction.id)
    assert (auction.title, auction.description, auction.starting_price_cents) == ("Ship's telescope", "With a case.", 2000)
    assert (auction.reserve_price_cents, auction.ends_at, auction.first_ends_at) == (5000, ends, ends)
    assert [tag.slug for tag in auction.tags] == ["sea"]
    assert auction.version == 2


def test_an_edit_that_changes_nothing_keeps_the_version(app):
    auction = factories.auction()
    selling.edit(auction.id, auction.seller_id, {"title": auction.title})
    assert lot(auction.id).version == 1


def test_an_edit_of_something_that_has_changed_is_refused(app):
    auction = factories.auction()
    selling.edit(auction.id, auction.seller_id, {"title": "Another"}, version=1)
    with pytest.raises(Conflict, match="another window"):
        selling.edit(auction.id, auction.seller_id, {"title": "A third"}, version=1)


def test_a_lot_that_ends_soon_may_still_get_a_better_title(app):
    auction = factories.auction(ends_at=datetime.now(UTC) + timedelta(seconds=4))
    selling.edit(auction.id, auction.seller_id, {"title": "Better"})
    assert lot(auction.id).title == "Better"


def test_a_duration_of_a_lot_that_runs_counts_from_its_start(app):
    auction = factories.auction(starts_at=datetime.now(UTC) - timedelta(hours=1))
    starts_at = auction.starts_at
    selling.edit(auction.id, auction.seller_id, {"duration_hours": 3})
    assert lot(auction.id).ends_at == starts_at + timedelta(hours=3)
    with pytest.raises(InvalidLot):
        selling.edit(auction.id, auction.seller_id, {"duration_hours": 0.5})


def test_after_a_bid_the_description_only_grows(app):
    auction = factories.auction()
    bid_on(auction, 3000)
    for changes in ({"title": "X"}, {"starting_price_cents": 1}, {"description": "Something else"}, {"tags": ("a",)},
                    {"ends_at": datetime.now(UTC) + timedelta(days=3)}):
        with pytest.raises(Conflict):
            selling.edit(auction.id, auction.seller_id, changes)
    selling.edit(auction.id, auction.seller_id, {"description_addition": "It is 40 cm long."})
    description = lot(auction.id).description
    assert description.startswith("In its case.\n\nAdded on ") and description.endswith("\nIt is 40 cm long.")
    selling.edit(auction.id, auction.seller_id, {"description": description + " And heavy."})
    assert lot(auction.id).description.endswith("\nAnd heavy.")


def test_a_lowered_reserve_that_the_leaders_maximum_reaches_becomes_the_price(app):
    auction = factories.auction(reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(days=1))
    bid_on(auction, 6000)
    with pytest.raises(Conflict):
        selling.edit(auction.id, auction.seller_id, {"reserve_price_cents": 9500})
    selling.edit(auction.id, auction.seller_id, {"reserve_price_cents": 5000})
    auction = lot(auction.id)
    assert (auction.price_cents, auction.reserve_price_cents, auction.bid_count) == (5000, 5000, 1)
    step = db.session.query(PriceStep).filter_by(auction_id=auction.id).one()
    assert (step.reason, step.amount_cents, step.sequence, step.is_offer) == ("reserve_lowered", 5000, 2, False)
    with pytest.raises(Conflict, match="once"):
        selling.edit(auction.id, auction.seller_id, {"reserve_price_cents": 4000})


def test_a_reserve_is_not_lowered_in_the_last_twelve_hours(app):
    auction = factories.auction(reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(hours=11))
    bid_on(auction, 6000)
    with pytest.raises(Conflict, match="12 hours"):
        selling.edit(auction.id, auction.seller_id, {"reserve_price_cents": 5000})


def test_nothing_changes_after_the_end(app):
    auction = factories.auction(ends_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(Conflict):
        selling.edit(auction.id, auction.seller_id, {"title": "X"})


def test_a_lot_without_bids_is_deleted_and_one_with_bids_is_not(app):
    auction = factories.auction()
    assert selling.delete(auction.id, auction.seller_id)
    assert db.session.get(Auction, auction.id) is None
    other = factories.auction()
    bid_on(other, 3000)
    with pytest.raises(Conflict):
        selling.delete(other.id, other.seller_id)


def test_a_lot_that_people_have_written_about_is_withdrawn_instead(app):
    auction = factories.auction()
    db.session.add(Conversation(kind="auction", auction_id=auction.id, created_at=NOON))
    db.session.commit()
    assert not selling.delete(auction.id, auction.seller_id)
    auction = lot(auction.id)
    assert auction.state == "cancelled" and auction.ended_reason


def test_strangers_cannot_change_a_lot_and_do_not_see_a_draft(app):
    stranger = factories.seller().id
    live, draft = factories.auction(), factories.auction(state="draft")
    for work in (lambda id: selling.edit(id, stranger, {"title": "X"}), lambda id: selling.delete(id, stranger),
                 lambda id: selling.publish(id, stranger)):
        with pytest.raises(NotAllowed):
            work(live.id)
        with pytest.raises(NotFound):
            work(draft.id)


# The pages

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
