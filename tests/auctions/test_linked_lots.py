"""Lots that texts link to, as cards: never a draft, one query however many, and a price that follows the bids."""

from auctionapp.auctions import live
from auctionapp.auctions.services import bidding
from auctionapp.auctions.views import cards
from tests import factories
from tests.counting import statements


def test_a_text_shows_the_lots_it_links_to_and_no_draft(app):
    app.config["PUBLIC_URL"] = "https://gavel.example"
    first, second = factories.auction(title="Brass telescope").id, factories.auction(title="Oak chair").id
    draft = factories.auction(state="draft").id
    texts = ["Nothing here", f"https://gavel.example/auctions/{second} and /auctions/{first}, again /auctions/{first}",
             f"/auctions/{draft} /auctions/999999 https://elsewhere.example/auctions/{first}"]
    shown = cards.linked(texts)
    assert [[card.title for card in some] for some in shown] == [[], ["Oak chair", "Brass telescope"], []]


def test_cards_of_many_texts_cost_one_query_and_of_none_none(app):
    lots = [factories.auction().id for _ in range(5)]
    with statements() as asked:
        cards.linked([f"/auctions/{lot}" for lot in lots] * 4)
        cards.linked(["a", "b"])
    assert len(asked) == 1


def test_what_is_sent_of_a_price_is_the_region_of_its_cards_outside_of_any_request(app):
    lot = factories.auction(title="Brass <telescope>", starting_price_cents=1000).id
    draft = factories.auction(state="draft").id
    bidding.place_bid(lot, bidding.Offer(factories.bidder(100_000), "manual", 4200))
    html = live.render_prices([lot, draft])
    assert html.count("<hx-partial") == 1
    assert f"hx-target=\"[data-price-of='{lot}']\"" in html
    assert "42.00\N{NO-BREAK SPACE}EUR" in html and "1 bid" in html and 'data-countdown="end"' in html
