"""The seller's desk through its pages: own lots, bids with names, every action that is open, income by month."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import select, update

from auctionapp import pictures, storage
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, AuctionImage, SecondChance
from auctionapp.auctions.queries import income, own
from auctionapp.auctions.services import bidding, closing, ending, second_chance
from auctionapp.chat import services as chats
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.wallet.models import Transfer
from tests import factories
from tests.auctions.selling_lots import lot as found
from tests.auctions.test_second_chance import unsold_lot
from tests.auctions.test_selling_pages import typed
from tests.counting import statements


@pytest.fixture
def seller(app, client):
    person = factories.seller()
    factories.sign_in(client, person)
    return person.id


def signed_in(app, person_id):
    browser = app.test_client()
    factories.sign_in(browser, db.session.get(User, person_id))
    return browser


def bid(lot, cents=2000, money=200_000, **person):
    bidder = factories.bidder(money, **person)
    bidding.place_bid(lot, bidding.Offer(bidder, "auto", cents))
    return bidder


def every_kind(seller):
    """A lot of each status; ids by status."""
    now = datetime.now(UTC)
    made = {
        "live": factories.auction(seller, title="A live one").id,
        "scheduled": factories.auction(seller, title="A coming one", starts_at=now + timedelta(hours=1),
                                       ends_at=now + timedelta(days=1)).id,
        "draft": factories.auction(seller, title="A planned one", state="draft").id,
    }
    for status, cents in (("sold", 2000), ("unsold", None), ("cancelled", 2000)):
        lot = factories.auction(seller, title=f"A {status} one", ends_at=now + timedelta(hours=20)).id
        made[status] = lot
        if cents:
            bid(lot, cents)
        if status == "cancelled":
            ending.end(lot, seller, "It broke")
        else:
            closing.close(lot, SetClock(now + timedelta(hours=20)))
    return made


def titles(page):
    return re.findall(r'own-lot-name"[^>]*><a [^>]*>([^<]+)<', page)


def test_own_lots_stand_by_status_with_their_number(client, seller):
    every_kind(seller)
    factories.auction(title="Somebody else's")
    whole = client.get("/dashboard/auctions").text
    assert set(titles(whole)) == {"A live one", "A coming one", "A planned one", "A sold one", "A unsold one", "A cancelled one"}
    for status in ("live", "scheduled", "draft", "sold", "unsold", "cancelled"):
        page = client.get(f"/dashboard/auctions?status={status}").text
        assert len(titles(page)) == 1
        words = re.search(r'aria-current="true">([^<]+)<span class="count">(\d+)', page)
        assert words and words[2] == "1"
    assert "Nothing suspended" in client.get("/dashboard/auctions?status=suspended").text


def test_a_stranger_has_an_empty_desk_of_the_same_size(client, seller):
    for status in ("", *own.STATUSES):
        page = client.get(f"/dashboard/auctions?status={status}")
        assert page.status_code == 200 and 'class="empty' in page.text


@pytest.mark.parametrize(("status", "given"), [
    ("", {}), ("live", {}), ("scheduled", {"starts_at": 3}), ("draft", {"state": "draft"}),
])
def test_further_lots_come_by_key_each_once(client, seller, status, given):
    now = datetime.now(UTC)
    if "starts_at" in given:
        given = {"starts_at": now + timedelta(hours=3)}
    for number in range(45):
        factories.auction(seller, title=f"Lot {number:02}", ends_at=now + timedelta(hours=5, minutes=number // 2), **given)
    seen, address = [], f"/dashboard/auctions?status={status}"
    while address:
        page = client.get(address).text
        seen += titles(page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        address = link[1].replace("&amp;", "&") if link else None
    assert sorted(seen) == [f"Lot {number:02}" for number in range(45)]
    assert "The list ends here" in client.get("/dashboard/auctions?after=1.1&status=draft").text


@pytest.mark.parametrize("key", ["x", "1", ".", "99999999999999999999.1", "1.99999999999999999999", "١.١"])
def test_a_key_that_is_none_begins_at_the_beginning(client, seller, key):
    factories.auction(seller)
    assert titles(client.get("/dashboard/auctions", query_string={"after": key}).text) == ["Brass telescope"]


def test_each_lot_offers_what_is_open_now(client, seller):
    made = every_kind(seller)
    bid(made["live"])

    def offered(status):
        page = client.get(f"/dashboard/auctions/{made[status]}").text
        block = page[page.index("own-actions"):page.index("</ul>", page.index("own-actions"))]
        return re.findall(r">([A-Z][^<]+)</(?:a|button)>", block)

    assert offered("live") == ["Add to it", "Sell now", "Sell similar"]
    assert offered("scheduled") == ["Edit", "Delete", "Sell similar"]
    assert offered("draft") == ["Publish", "Edit", "Delete"]
    assert offered("sold") == ["Hand-over", "Sell similar"] and offered("cancelled") == ["Sell similar"]
    assert offered("unsold") == ["Relist", "Sell similar"]


def test_the_price_of_a_live_lot_moves_on_the_page(client, seller):
    lot = factories.auction(seller).id
    for page in ("/dashboard/auctions", f"/dashboard/auctions/{lot}"):
        assert f'data-price-of="{lot}"' in client.get(page).text


def test_bids_stand_with_names_and_without_the_maximum(client, seller):
    lot = factories.auction(seller, bid_step_cents=100).id
    bid(lot, 7777, display_name="Dmytro Long")
    bid(lot, 3000, display_name="Ada Short")
    page = client.get(f"/dashboard/auctions/{lot}").text
    assert "Dmytro Long" in page and "Bidder 1" in page and "Ada Short" in page and "31.00" in page
    assert "77.77" not in page
    assert 'class="price-chart"' in page


def test_anothers_lot_has_no_desk(app, client, seller):
    lot = factories.auction().id
    for path in ("", "/end", "/reserve", "/second-chance"):
        assert client.get(f"/dashboard/auctions/{lot}{path}").status_code == 404
    for path in ("/end", "/reserve", "/second-chance", "/second-chance/withdraw"):
        assert client.post(f"/dashboard/auctions/{lot}{path}", data={"reason": "Mine"}).status_code == 404


def test_ending_early_asks_for_a_reason_and_says_what_becomes_of_the_bids(client, seller):
    lot = factories.auction(seller, ends_at=datetime.now(UTC) + timedelta(hours=13)).id
    bid(lot)
    assert "bids become void" in client.get(f"/dashboard/auctions/{lot}/end").text
    refused = client.post(f"/dashboard/auctions/{lot}/end", data={"reason": "  "})
    assert refused.status_code == 422 and "everybody else read it" in refused.text
    assert client.post(f"/dashboard/auctions/{lot}/end", data={"reason": "The case broke"}).status_code == 303
    assert found(lot).state == "cancelled"
    assert "The case broke" in client.get(f"/auctions/{lot}").text
    assert "This cannot be undone" not in client.get(f"/dashboard/auctions/{lot}/end").text
    factories.assert_ledger_clean()


def test_late_the_page_offers_the_sale_alone_and_says_that_the_reserve_is_given_up(client, seller):
    lot = factories.auction(seller, reserve_price_cents=90_000).id
    bid(lot)
    page = client.get(f"/dashboard/auctions/{lot}/end").text
    assert "which you give up by it" in page and 'name="reason"' not in page
    refused = client.post(f"/dashboard/auctions/{lot}/end", data={"reason": "No more"})
    assert refused.status_code == 409 and "only be ended by selling" in refused.text
    assert client.post(f"/dashboard/auctions/{lot}/end", data={"seen_price": "10.00"}).status_code == 303
    assert found(lot).state == "sold"
    factories.assert_ledger_clean()


def test_the_reserve_is_lowered_once_and_never_raised(client, seller):
    lot = factories.auction(seller, reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(hours=13)).id
    bid(lot, 5000)
    address = f"/dashboard/auctions/{lot}/reserve"
    assert "90.00" in client.get(address).text
    assert client.post(address, data={"reserve_price": "100.00"}).status_code == 409
    assert client.post(address, data={"reserve_price": ""}).status_code == 422
    assert client.post(address, data={"reserve_price": "nonsense"}).status_code == 422
    assert client.post(address, data={"reserve_price": "45.00"}).status_code == 303
    assert (found(lot).reserve_price_cents, found(lot).price_cents) == (4500, 4500)
    again = client.post(address, data={"reserve_price": "40.00"})
    assert again.status_code == 409 and "lowered once already" in again.text
    factories.assert_ledger_clean()


def test_a_reserve_can_be_given_up(client, seller):
    lot = factories.auction(seller, reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(hours=13)).id
    bid(lot, 5000)
    assert client.post(f"/dashboard/auctions/{lot}/reserve", data={"none": "y"}).status_code == 303
    assert found(lot).reserve_price_cents is None
    assert "given up" in client.get(f"/dashboard/auctions/{lot}").text


def test_a_second_chance_is_offered_and_accepted_through_the_pages(app):
    lot, seller, bidder = unsold_lot()
    desk, buyer = signed_in(app, seller), signed_in(app, bidder)
    form = f"/dashboard/auctions/{lot}/second-chance"
    assert "51.00" in desk.get(form).text and "80.00" not in desk.get(form).text
    assert desk.post(form, data={}).status_code == 422
    assert desk.post(form, data={"how": "amount", "amount": ""}).status_code == 422
    assert desk.post(form, data={"how": "amount", "amount": "51.01"}).status_code == 409
    assert desk.post(form, data={"how": "maximum"}).status_code == 303
    page = desk.get(f"/dashboard/auctions/{lot}").text
    assert "At the bidder's maximum, offered" in page
    assert "80.00" not in page and "Withdraw the offer" in page
    offer = db.session.scalars(select(SecondChance.id)).one()
    assert f"/dashboard/offers/{offer}" in buyer.get(f"/auctions/{lot}").text
    assert f"/dashboard/offers/{offer}" not in desk.get(f"/auctions/{lot}").text
    assert "Buy it for 80.00" in buyer.get(f"/dashboard/offers/{offer}").text
    assert desk.get(f"/dashboard/offers/{offer}").status_code == 404
    assert buyer.post(f"/dashboard/offers/{offer}", data={"answer": "perhaps"}).status_code == 422
    assert buyer.post(f"/dashboard/offers/{offer}", data={"answer": "accept"}).status_code == 303
    assert found(lot).state == "sold"
    assert "You bought this lot" in buyer.get(f"/dashboard/offers/{offer}").text
    assert "80.00" in desk.get(f"/dashboard/auctions/{lot}").text
    assert "Sold for" in desk.get(f"/auctions/{lot}").text
    assert "second-chance offer was accepted" in desk.get(f"/auctions/{lot}/bids").text
    assert buyer.get(f"/auctions/{lot}/handover").status_code == 200
    factories.assert_ledger_clean()


def test_who_lacks_money_is_told_how_much_and_led_to_the_wallet(app):
    lot, seller, bidder = unsold_lot(money=8000)
    offer = second_chance.offer(lot, seller, None)
    bid_on_another = factories.auction().id
    bidding.place_bid(bid_on_another, bidding.Offer(bidder, "auto", 3000))
    answer = signed_in(app, bidder).post(f"/dashboard/offers/{offer}", data={"answer": "accept"})
    assert answer.status_code == 422
    assert "You have 50.00 available: add 30.00." in answer.text and "deposits?amount=30.00" in answer.text
    factories.assert_ledger_clean()


def test_an_offer_is_declined_or_withdrawn_through_the_pages(app):
    lot, seller, bidder = unsold_lot()
    desk, buyer = signed_in(app, seller), signed_in(app, bidder)
    offer = second_chance.offer(lot, seller, None)
    assert buyer.post(f"/dashboard/offers/{offer}", data={"answer": "decline"}).status_code == 303
    assert "You declined this offer" in buyer.get(f"/dashboard/offers/{offer}").text
    assert buyer.post(f"/dashboard/offers/{offer}", data={"answer": "accept"}).status_code == 409
    offer = second_chance.offer(lot, seller, None)
    assert desk.post(f"/dashboard/auctions/{lot}/second-chance/withdraw").status_code == 303
    assert "has withdrawn this offer" in buyer.get(f"/dashboard/offers/{offer}").text


def picture_of(app, lot):
    file = io.BytesIO()
    Image.new("RGB", (900, 700), "navy").save(file, "PNG")
    file.seek(0)
    kept = pictures.store(app.config["MEDIA"], file)
    return factories.kept(AuctionImage(auction_id=lot, name=kept.name, width=kept.width, height=kept.height, position=1)).id


def test_relisting_takes_everything_along_with_pictures_of_its_own_and_names_its_forerunner(app, client, seller):
    lot = factories.auction(seller, title="A globe", description="Old.", reserve_price_cents=5000).id
    first, second = picture_of(app, lot), picture_of(app, lot)
    closing.close(lot, SetClock(found(lot).ends_at))
    page = client.get(f"/auctions/new?relist={lot}").text
    assert 'value="A globe"' in page and 'value="50.00"' in page and "Relist" in page and page.count('name="drop"') == 2
    answer = client.post(f"/auctions/new?relist={lot}", data=typed(title="A globe again", drop=str(second)))
    assert answer.status_code == 303
    relisted = int(answer.location.rsplit("/", 1)[-1])
    assert found(relisted).relisted_from_id == lot
    [copy] = found(relisted).images
    original = db.session.get(AuctionImage, first).name
    assert copy.name != original
    kept = storage.at(app.config["MEDIA"])
    assert kept.has(pictures.file_name(copy.name, 1600)) and kept.has(pictures.file_name(original, 1600))
    assert f"relisted from <a href=\"/auctions/{lot}\"" in client.get(f"/auctions/{relisted}").text
    assert "A globe again" in client.get(f"/dashboard/auctions/{lot}").text
    assert "relisted already" in client.get(f"/auctions/new?relist={lot}").text
    assert client.post(f"/auctions/new?relist={lot}", data=typed()).status_code == 409


def test_a_refused_relisting_leaves_no_copies_behind(app, client, seller):
    lot = factories.auction(seller).id
    picture_of(app, lot)
    before = set(app.config["MEDIA"].iterdir())
    assert client.post(f"/auctions/new?relist={lot}", data=typed()).status_code == 409  # it is on sale
    assert set(app.config["MEDIA"].iterdir()) == before


def test_a_similar_lot_can_be_sold_from_any_own_one_and_from_nobody_elses(client, seller):
    sold = every_kind(seller)["sold"]
    page = client.get(f"/auctions/new?like={sold}")
    assert 'value="A sold one"' in page.text and "Sell a similar lot" in page.text
    answer = client.post(f"/auctions/new?like={sold}", data=typed())
    assert found(int(answer.location.rsplit("/", 1)[-1])).relisted_from_id is None
    other, draft = factories.auction().id, factories.auction(state="draft").id
    assert client.get(f"/auctions/new?like={other}").status_code == 403
    assert client.get(f"/auctions/new?relist={draft}").status_code == 404


def sell(seller, cents, when):
    """A settled lot whose money moved at this moment."""
    lot = factories.auction(seller).id
    bidding.place_bid(lot, bidding.Offer(factories.bidder(cents), "manual", cents))
    closing.close(lot, SetClock(found(lot).ends_at))
    return lot, when


def settled_at(monkeyed):
    """Write other times on transfers, which the house itself never does: its trigger is out of the way for it."""
    dialect = db.engine.dialect.name
    off, on = {
        "postgresql": ("ALTER TABLE transfers DISABLE TRIGGER USER", "ALTER TABLE transfers ENABLE TRIGGER USER"),
        "sqlite": ("DROP TRIGGER IF EXISTS transfers_no_update", "SELECT 1"),
    }[dialect]
    db.session.rollback()
    db.session.execute(db.text(off))
    for lot, when in monkeyed:
        db.session.execute(update(Transfer).where(Transfer.auction_id == lot).values(created_at=when))
    db.session.execute(db.text(on))
    db.session.commit()


def test_income_stands_by_month_of_the_sellers_zone_and_comes_as_a_file(app, client):
    person = factories.seller(time_zone="Asia/Tokyo")
    factories.sign_in(client, person)
    seller, year = person.id, datetime.now(ZoneInfo("Asia/Tokyo")).year
    in_tokyo_march = datetime(year, 2, 28, 15, 30, tzinfo=UTC)  # the first of March there, a leap year or not below
    if in_tokyo_march.astimezone(ZoneInfo("Asia/Tokyo")).month != 3:
        in_tokyo_march += timedelta(days=1)
    settled_at([sell(seller, 10_000, in_tokyo_march), sell(seller, 5050, in_tokyo_march + timedelta(days=2)),
                sell(seller, 2000, in_tokyo_march - timedelta(hours=2)),
                sell(seller, 7000, in_tokyo_march - timedelta(days=400))])
    months = income.months(seller, year, ZoneInfo("Asia/Tokyo"))
    assert [(one.sold, one.hammer_cents, one.fee_cents, one.income_cents) for one in months[:4]] == [
        (0, 0, 0, 0), (1, 2000, 100, 1900), (2, 15_050, 753, 14_297), (0, 0, 0, 0)]
    page = client.get("/dashboard/income").text
    assert page.count('class="plot-drawing"') == 2 and "150.50" in page and "Asia/Tokyo" in page
    assert f"year={year - 1}" in page
    rows = list(csv.reader(io.StringIO(client.get(f"/dashboard/income.csv?year={year}").text)))
    assert rows[0] == ["month", "lots_sold", "hammer_prices", "fees", "income"]
    assert rows[3] == [f"{year}-03", "2", "150.50", "7.53", "142.97"] and len(rows) == 13
    assert client.get("/dashboard/income?year=9999").status_code == 200
    assert client.get(f"/dashboard/income?year={year - 1}").status_code == 200


def test_without_a_sale_income_says_what_will_stand_there(client, seller):
    assert "Nothing sold in" in client.get("/dashboard/income").text
    assert client.get("/dashboard/income.csv").status_code == 200


def test_every_page_asks_the_database_as_often_for_many_lots_as_for_one(app, client, seller):
    def made(count):
        for number in range(count):
            lot = factories.auction(seller, title=f"Lot {number}", reserve_price_cents=9000).id
            bid(lot, 3000)
            bid(lot, 2000)
            chats.post(lot, factories.user().id, "How old is it?")
            over = factories.auction(seller, title=f"Over {number}").id
            bid(over)
            closing.close(over, SetClock(found(over).ends_at))
        return lot

    def asked(lot):
        counts = []
        for path in ("/dashboard/auctions", "/dashboard/auctions?status=live", "/dashboard/auctions?status=sold",
                     f"/dashboard/auctions/{lot}", "/dashboard/income", "/dashboard/income.csv", "/dashboard/questions",
                     "/dashboard/questions?show=all"):
            client.get(path)
            with statements() as said:
                assert client.get(path).status_code == 200
            counts.append((path.replace(str(lot), "LOT"), len(said)))
        return counts

    lot = made(1)
    few = asked(lot)
    made(8)
    bid(lot, 2500)
    assert asked(lot) == few
    assert max(number for _, number in few) <= 14
    assert db.session.query(Auction).count() == 18
