"""What the desk shows: the right figures, as many queries however much there is, and nothing that is ever lost."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.admin.queries import figures
from auctionapp.auctions.models import Auction, Bid, Category, PriceStep, Tag
from auctionapp.auctions.services import closing
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.wallet.models import Hold, Payment, Transfer
from tests import factories
from tests.admin.desk import fresh, last_entry, report, send
from tests.counting import statements
from tests.factories import assert_ledger_clean, auction, bid, bidder

LISTS = ["/admin/", "/admin/people/", "/admin/reports/", "/admin/auctions/", "/admin/bids/", "/admin/categories/",
         "/admin/tags/", "/admin/transfers/", "/admin/payments/", "/admin/house/", "/admin/announcements/", "/admin/jobs/",
         "/admin/log/"]


def fill(count, lot, person):
    """So many more of everything that the pages of the desk list."""
    for number in range(count):
        seller, rival = factories.seller(), bidder(100_000)
        other = auction(seller_id=seller.id).id
        bid(lot, rival, 20_000 + 1_000 * (fresh(Auction, lot).bid_number + 1))
        bid(other, person, 2_000)
        post = factories.post(seller.id, tags=(f"Tag {lot} {rival}",))
        for kind, subject in (("auction", lot), ("person", person), ("post", post)):
            report(rival, kind, subject)
        transaction.write(lambda session, number=number: session.add(
            Category(slug=f"more-{lot}-{number}-{count}", name="More", position=number)))
        auction(ends_at=datetime.now(UTC) - timedelta(minutes=1))


def test_every_page_takes_as_many_statements_however_much_there_is(app, client, admin):
    lot, person = auction().id, bidder(10_000_000)
    fill(2, lot, person)
    number = report(factories.user().id, "auction", lot)
    tag = db.session.scalar(select(Tag.id).limit(1))
    db.session.rollback()
    pages = [*LISTS, f"/admin/people/{person}/", f"/admin/auctions/{lot}/", f"/admin/reports/{number}/",
             f"/admin/tags/{tag}/merge"]

    def counts():
        found = {}
        for page in pages:
            client.get(page)
            with statements() as asked:
                assert client.get(page).status_code == 200, page
            found[page] = len(asked)
        return found

    few = counts()
    fill(6, lot, person)
    assert counts() == few
    assert max(few.values()) <= 14, few


def test_the_plots_of_the_dashboard_say_what_happened(app, client, admin):
    now = datetime.now(UTC)
    end = now - timedelta(days=2)
    sold = auction(starts_at=now - timedelta(days=5), ends_at=now + timedelta(hours=1), bid_step_cents=100).id
    buyer, other = bidder(100_000), bidder(100_000)
    bid(sold, buyer, 9_000)
    bid(sold, other, 5_000)
    closing.close_due(SetClock(now + timedelta(hours=1)))
    transaction.write(lambda session: session.query(Auction).filter_by(id=sold).update({"closed_at": end, "ends_at": end}))
    auction(starts_at=now - timedelta(days=3))
    auction(starts_at=now + timedelta(minutes=30))
    auction(state="draft")
    transaction.write(lambda session: session.query(User).filter_by(id=other).update(
        {"created_at": now - timedelta(days=4)}))
    day = [moment.date() for moment, _ in figures.turnover(now)]
    assert len(day) == 30 and day[-1] == now.date()
    turnover, live, came = ([value for _, value in series(now)]
                            for series in (figures.turnover, figures.live_auctions, figures.new_people))
    assert turnover[-3] == fresh(Auction, sold).hammer_price_cents and sum(turnover) == turnover[-3]
    assert (live[-7], live[-6], live[-4], live[-3], live[-1]) == (0, 1, 2, 1, 1)
    assert came[-5] == 1 and sum(came) == db.session.query(User).count()
    hours = figures.bids(now + timedelta(seconds=5))
    assert len(hours) == 24 and sum(value for _, value in hours) == 2
    page = client.get("/admin/").text
    assert page.count("<svg class=\"plot-drawing\"") == 4 and page.count("As a table") == 4
    for words in ("Turnover", "Lots on sale", "Bids per hour", "New people"):
        assert words in page


def test_a_reported_lot_is_found_from_its_report_and_withdrawn(client, admin):
    lot, leader = auction(title="A stolen clock").id, bidder(50_000)
    bid(lot, leader, 5_000)
    number = report(factories.user().id, "auction", lot, "It is mine.")
    page = client.get(f"/admin/reports/{number}/").text
    assert f'href="/admin/auctions/{lot}/"' in page and "It is mine." in page
    assert client.get(f"/admin/reports/{number}/remove").status_code == 404, "a lot is withdrawn, not removed"
    send(client, f"/admin/auctions/{lot}/withdraw", reason="It was stolen.")
    assert_ledger_clean()
    send(client, f"/admin/reports/{number}/close", note="Withdrawn.")
    assert "Nothing waits here." in client.get("/admin/reports/").text


def test_a_seller_is_blocked_through_the_page_and_the_lots_stand_still(client, admin):
    seller, leader = factories.seller(), bidder(50_000)
    lot = auction(seller_id=seller.id).id
    bid(lot, leader, 5_000)
    said = send(client, f"/admin/people/{seller.id}/block", reason="Sells what is not there.", bids="stay")
    assert "is blocked." in said
    assert fresh(Auction, lot).state == "suspended"
    assert_ledger_clean()
    assert "Blocked" in client.get(f"/admin/auctions/{lot}/").text
    assert last_entry().action == "block" and last_entry().after["auctions"] == [lot]


def test_a_tag_is_renamed_and_a_category_too_and_their_addresses_say_so(client, admin):
    transaction.write(lambda session: session.add(Tag(slug="clocs", name="Clocs")))
    tag = db.session.scalar(select(Tag.id))
    assert "The tag is renamed." in send(client, f"/admin/tags/{tag}/rename", name="Clocks")
    assert (fresh(Tag, tag).slug, last_entry().before, last_entry().after) == (
        "clocks", {"name": "Clocs", "slug": "clocs"}, {"name": "Clocks", "slug": "clocks"})
    category = db.session.query(Category).order_by(Category.id).first().id
    slug = fresh(Category, category).slug
    send(client, f"/admin/categories/{category}/edit", name="Fine art", parent="")
    assert (fresh(Category, category).name, fresh(Category, category).slug) == ("Fine art", slug)
    assert last_entry().after["name"] == "Fine art"


def everything_of_money():
    db.session.rollback()
    return {model.__tablename__: db.session.scalar(select(func.count()).select_from(model))
            for model in (Auction, Bid, PriceStep, Transfer, Hold, Payment)}


@pytest.mark.parametrize("bids", ["stay", "void"])
def test_nothing_that_the_desk_takes_away_takes_bids_or_money_along(client, admin, bids):
    seller, leader = factories.seller(), bidder(100_000)
    category = factories.kept(Category(slug="kept", name="Kept", position=99)).id
    lots = [auction(seller_id=seller.id, category_id=category).id for _ in range(3)]
    for lot in lots:
        bid(lot, bidder(50_000), 3_000)
        bid(lot, leader, 5_000)
    before = everything_of_money()
    assert "cannot be removed" in send(client, f"/admin/categories/{category}/remove")
    send(client, f"/admin/auctions/{lots[0]}/withdraw", reason="It was stolen.")
    send(client, f"/admin/auctions/{lots[1]}/suspend", reason="We look at it.")
    for kind, subject in (("post", factories.post(leader)),):
        send(client, f"/admin/reports/{report(seller.id, kind, subject)}/remove", reason="Advertising.")
    send(client, f"/admin/people/{leader}/block", reason="A stolen account.", bids=bids)
    send(client, f"/admin/people/{seller.id}/block", reason="Sold stolen things.", bids=bids)
    assert_ledger_clean()
    after = everything_of_money()
    assert all(after[table] >= count for table, count in before.items()), (before, after)
    standing = set(db.session.scalars(select(Bid.state)))
    assert standing <= {"standing", "void"}
