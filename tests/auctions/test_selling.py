"""Selling: from a draft to a lot on sale, and the changes that R9 allows."""

from datetime import UTC, datetime, timedelta

import pytest

from auctionapp.auctions.lots import InvalidLot
from auctionapp.auctions.models import Auction, AuctionTag, PriceStep, Tag
from auctionapp.auctions.services import selling
from auctionapp.chat.models import Conversation
from auctionapp.clock import SetClock
from auctionapp.errors import Conflict, NotAllowed, NotFound
from auctionapp.extensions import db
from tests import factories
from tests.auctions.selling_lots import bid_on, described, lot

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


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
