"""Home, catalogue, watchlist and reports: what is found, by whom, with how many statements."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from auctionapp.auctions.models import AuctionImage, AuctionTag, Category, Tag, Watch
from auctionapp.auctions.queries import catalogue
from auctionapp.auctions.queries.catalogue import Wish
from auctionapp.extensions import db
from tests import factories
from tests.counting import statements

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def seller(app):
    return factories.seller()


def over(state: str, **given) -> dict:
    closed = datetime.now(UTC) - timedelta(hours=1)
    sold = {"winning_bid_id": 1, "hammer_price_cents": 1500} if state == "sold" else {}
    return {"state": state, "ends_at": closed, "closed_at": closed} | sold | given


def found(wish: Wish, now: datetime) -> set[str]:
    titles = {row.title for row in catalogue.cards(wish, now)}
    assert catalogue.counts(wish, now).total == len(titles)
    return titles


def test_without_a_wish_it_shows_what_is_on_sale(seller, now):
    factories.auction(seller.id, title="Live")
    factories.auction(seller.id, title="Scheduled", starts_at=now + timedelta(minutes=5))
    factories.auction(seller.id, title="Draft", state="draft")
    factories.auction(seller.id, title="Suspended", state="suspended")
    for state in ("sold", "unsold", "cancelled"):
        factories.auction(seller.id, title=state, **over(state))
    assert found(Wish(), now) == {"Live", "Scheduled"}
    assert found(Wish(status="live"), now) == {"Live"}
    assert found(Wish(status="scheduled"), now) == {"Scheduled"}
    assert found(Wish(status="ended"), now) == {"sold", "unsold", "cancelled"}
    assert found(Wish(status="sold"), now) == {"sold"}
    assert found(Wish(seller_id=seller.id, status="draft"), now) == {"Draft"}
    assert len(found(Wish(seller_id=seller.id), now)) == 7
    assert found(Wish(seller_id=factories.seller().id), now) == set()


def test_every_word_must_be_found_in_the_title_or_the_description(seller, now):
    factories.auction(seller.id, title="Brass telescope", description="From a Dutch ship")
    factories.auction(seller.id, title="Brass lamp", description="50% off_white shade")
    factories.auction(seller.id, title="Підзорна труба", description="")
    assert found(Wish("brass"), now) == {"Brass telescope", "Brass lamp"}
    assert found(Wish("BRASS ship"), now) == {"Brass telescope"}
    assert found(Wish("brass piano"), now) == set()
    assert found(Wish("ПІДЗОРНА"), now) == {"Підзорна труба"}
    assert found(Wish("50%"), now) == {"Brass lamp"}
    assert found(Wish("f_w"), now) == {"Brass lamp"}
    assert found(Wish("f_s"), now) == set()
    assert found(Wish("' OR 1=1 --"), now) == set()


def test_category_and_tag_narrow_and_are_counted(seller, now):
    first, second = db.session.query(Category).order_by(Category.id).limit(2).all()
    lot = factories.auction(seller.id, title="One", category_id=first.id)
    factories.auction(seller.id, title="Two", category_id=second.id)
    factories.auction(seller.id, title="Three", category_id=second.id, **over("unsold"))
    tag = Tag(slug="sea", name="Sea")
    db.session.add(tag)
    db.session.flush()
    db.session.add(AuctionTag(auction_id=lot.id, tag_id=tag.id))
    db.session.commit()
    assert found(Wish(category=second.slug), now) == {"Two"}
    assert found(Wish(tag="sea"), now) == {"One"}
    assert found(Wish(tag="sea", category=second.slug), now) == set()
    assert found(Wish(category="no-such"), now) == set()
    counts = catalogue.counts(Wish(category=second.slug), now)
    assert counts.by_category == {first.slug: 1, second.slug: 1}
    assert counts.by_status == {"live": 1, "unsold": 1, "ended": 1}


def test_lots_are_sorted_as_asked(seller, now):
    for title, price, minutes, bids in (("A", 3000, 30, 1), ("B", 1000, 10, 5), ("C", 2000, 20, 3)):
        factories.auction(seller.id, title=title, starting_price_cents=price, bid_count=bids,
                          ends_at=now + timedelta(minutes=minutes), published_at=now - timedelta(minutes=minutes))

    def order(sort: str) -> str:
        return "".join(row.title for row in catalogue.cards(Wish(sort=sort), now))

    assert [order(sort) for sort in ("", "ending", "newest", "price", "-price", "bids")] == [
        "BCA", "BCA", "BCA", "BCA", "ACB", "BCA"]


def test_pages_hold_24_and_one_beyond_the_last_is_the_last(client, seller):
    for number in range(26):
        factories.auction(seller.id, title=f"Lot {number:02}", ends_at=datetime.now(UTC) + timedelta(hours=1, seconds=number))
    first, second = client.get("/auctions"), client.get("/auctions?page=2")
    assert first.text.count("<article") == 24 and "26 lots" in first.text
    assert second.text.count("<article") == 2 and "Lot 25" in second.text
    assert client.get("/auctions?page=9999999999999999999").text.count("<article") == 24
    assert client.get("/auctions?page=99").text.count("<article") == 2


def test_counts_may_be_kept_for_a_moment_but_cards_never(seller, now):
    wish = Wish(uuid4().hex)  # what is kept is kept for the whole process
    assert catalogue.counts(wish, now, kept_seconds=60).total == 0
    factories.auction(seller.id, title=f"Kept {wish.words}")
    assert catalogue.counts(wish, now, kept_seconds=60).total == 0
    assert len(catalogue.cards(wish, now)) == 1
    assert catalogue.counts(wish, now).total == 1


@pytest.mark.parametrize("path", ["/", "/auctions", "/auctions?q=lot&sort=price&page=1", "/auctions?status=ended"])
def test_the_number_of_statements_does_not_grow_with_the_lots(client, seller, path):
    def asked() -> int:
        with statements() as seen:
            assert client.get(path).status_code == 200
        return len([one for one in seen if one.startswith("SELECT")])

    factories.auction(seller.id)
    client.get(path)
    few = asked()
    for number in range(12):
        lot = factories.auction(seller.id, title=f"Lot {number}", **({} if number % 2 else over("unsold")))
        db.session.add(AuctionImage(auction_id=lot.id, name=f"picture-{number}", width=8, height=6))
    db.session.commit()
    assert asked() == few <= (5 if path == "/" else 4), "the home page also shows what the house has chosen"


def test_a_card_says_price_bids_time_and_reserve(client, seller):
    lot = factories.auction(seller.id, title="<b>Lamp</b>", reserve_price_cents=9000)
    db.session.add_all([AuctionImage(auction_id=lot.id, name="later", width=8, height=6, position=2),
                        AuctionImage(auction_id=lot.id, name="first", width=8, height=6, position=1)])
    db.session.commit()
    page = client.get("/auctions").text
    assert "&lt;b&gt;Lamp" in page and "<b>Lamp" not in page
    assert "Starts at" in page and "10.00\N{NO-BREAK SPACE}EUR" in page
    assert "Reserve not met" in page and 'data-countdown="end"' in page
    assert "/media/first-800.webp" in page and "/media/later" not in page


def test_the_secret_reserve_and_maximum_are_not_in_the_page(client, seller):
    bidder = factories.user()
    factories.auction(seller.id, reserve_price_cents=76543, price_cents=2000, leader_id=bidder.id,
                      leader_maximum_cents=65432, bid_count=1)
    page = client.get("/auctions").text
    assert "20.00" in page and "1 bid<" in page
    assert "765.43" not in page and "654.32" not in page


def test_htmx_gets_the_fragment_and_everybody_else_the_page(client, seller):
    factories.auction(seller.id)
    page, fragment = client.get("/auctions?q=brass"), client.get("/auctions?q=brass", headers=HTMX)
    assert "<html" in page.text and "<html" not in fragment.text
    assert fragment.text.lstrip().startswith('<div class="catalogue') and "Brass telescope" in fragment.text
    assert page.headers["Vary"].count("HX-Request") == fragment.headers["Vary"].count("HX-Request") == 1


def test_chosen_filters_are_chips_that_leave_the_others(client, seller):
    page = client.get("/auctions?q=brass&status=live&sort=price").text
    assert 'href="/auctions?status=live&amp;sort=price"' in page
    assert 'href="/auctions?q=brass&amp;sort=price"' in page
    assert "No lots match" in page


@pytest.mark.parametrize("query", [
    "q=%00%ff", "q=" + "x" * 5000, "status=nonsense", "sort=;drop", "page=-1", "page=٣", "page=1e9", "page=",
    "category=%27", "tag=%25", "seller=someone", "status=draft", "q=" + "%25" * 90,
])
def test_nonsense_in_the_address_is_no_failure(client, seller, query):
    factories.auction(seller.id, state="draft", title="Secret draft")
    answer = client.get(f"/auctions?{query}")
    assert answer.status_code == 200 and "Secret draft" not in answer.text


def test_mine_shows_drafts_to_their_seller_and_asks_guests_to_sign_in(app, client, seller):
    factories.auction(seller.id, state="draft", title="My draft")
    assert client.get("/auctions?seller=me").status_code == 303
    factories.sign_in(client, seller)
    assert "My draft" in client.get("/auctions?seller=me").text
    assert "My draft" in client.get("/dashboard/auctions").text
    other = app.test_client()
    factories.sign_in(other, factories.seller())
    assert "My draft" not in other.get("/auctions?seller=me").text
    assert "My draft" not in other.get("/dashboard/auctions").text


def test_home_shows_what_ends_soon_what_is_new_and_the_categories(client, seller, now):
    factories.auction(seller.id, title="Live one", published_at=now)
    page = client.get("/").text
    assert page.count("Live one") >= 2 and "Ending soon" in page
    assert "Categories" in page


def test_home_of_an_empty_house_invites_to_sell(client):
    assert "Nothing is on sale just now" in client.get("/").text


def test_watching_toggles_and_fills_the_watchlist(client, seller):
    lot = factories.auction(seller.id)
    path = f"/auctions/{lot.id}/watch"
    assert client.post(path).location.startswith("/account/login")
    person = factories.user()
    factories.sign_in(client, person)
    assert client.get("/dashboard/watchlist").text.count("<article") == 0
    assert client.post(path).status_code == 303
    assert client.get("/dashboard/watchlist").text.count("<article") == 1
    fragment = client.post(path, headers=HTMX)
    assert fragment.status_code == 200 and 'aria-pressed="false"' in fragment.text
    assert db.session.query(Watch).count() == 0


def test_somebody_elses_draft_can_be_neither_watched_nor_reported(client, seller):
    draft = factories.auction(seller.id, state="draft")
    factories.sign_in(client, factories.user())
    assert client.post(f"/auctions/{draft.id}/watch").status_code == 404
    assert client.get(f"/auctions/{draft.id}/report").status_code == 404
    assert client.post(f"/auctions/{draft.id}/report", data={"reason": "x"}).status_code == 404
    assert client.post("/auctions/77777/watch").status_code == 404


def test_a_watch_goes_back_only_to_this_site(client, seller):
    lot = factories.auction(seller.id)
    factories.sign_in(client, factories.user())
    answer = client.post(f"/auctions/{lot.id}/watch", data={"next": "//evil.example"})
    assert answer.location == f"/auctions/{lot.id}"


def test_a_lots_page_leads_to_watching_and_reporting(client, seller):
    lot = factories.auction(seller.id)
    factories.sign_in(client, factories.user())
    page = client.get(f"/auctions/{lot.id}").text
    assert f'action="/auctions/{lot.id}/watch"' in page and f'href="/auctions/{lot.id}/report"' in page
