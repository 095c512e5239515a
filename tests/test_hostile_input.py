"""A broken or hostile request is refused: never a failure, never the database's own words (faults 55, 57)."""

import pytest

from tests import factories
from tests.auctions.bidding_client import signed_in

NUL = "\0"
HUGE = "9" * 30


@pytest.mark.parametrize("path", [
    "/sandbox/payments/%00", "/auctions/%00", "/media/%00", "/auctions?q=%00&tag=%00&category=%00&sort=%00&page=%00",
    "/auctions?q=%ff%fe", f"/auctions?page={HUGE}", f"/notifications?page={HUGE}", f"/dashboard/wallet?page={HUGE}",
    f"/auctions/{HUGE}", f"/auctions/1?amount={HUGE}", f"/auctions/1/bids?page={HUGE}",
    f"/auctions/1/messages?before={HUGE}", "/account/login?next=%00&email=%00", "/api/v1/auctions?q=%00",
    "/inbox/search?q=%00&before=%00", "/inbox/search?q=%ff%fe", f"/inbox/search?q=ab&before={HUGE[:19]}", "/inbox/new?q=%00",
    "/inbox/new?to=%00", f"/lobby?around={HUGE[:19]}", f"/stream?prices={HUGE}.%00.-1",
    "/dashboard/auctions?status=%00&after=%00", f"/dashboard/auctions?after={HUGE[:17]}-{HUGE[:17]}&status=sold",
    f"/dashboard/auctions/{HUGE[:19]}", f"/dashboard/income?year={HUGE}", f"/dashboard/questions?before={HUGE[:19]}",
    f"/dashboard/offers/{HUGE[:19]}", f"/auctions/new?like={HUGE[:18]}", "/auctions/new?relist=%00",
])
def test_an_address_may_hold_anything(app, path):
    factories.auction()
    client, _person = signed_in(app, 100_000)
    assert client.get(path).status_code < 500


@pytest.mark.parametrize(("path", "form"), [
    ("/auctions/1/messages", {"text": "a", "key": NUL}), ("/auctions/1/messages", {"text": f"a{NUL}b", "key": "x"}),
    ("/auctions/1/bids", {"amount": "20", "kind": "manual", "key": NUL, "confirmed": "1"}),
    ("/auctions/1/report", {"reason": NUL}), ("/dashboard/wallet/deposits", {"amount": "20", "key": NUL}),
    ("/dashboard/profile", {"display_name": f"a{NUL}b", "about": NUL, "time_zone": NUL}),
    (f"/auctions/1/bidders/{HUGE[:18]}", {"block": "1"}), (f"/auctions/1/bidders/{HUGE[:18]}", {}),
    (f"/dashboard/offers/{HUGE[:18]}", {"answer": NUL}), (f"/dashboard/questions/{HUGE[:18]}", {"text": NUL}),
    ("/notifications/read", {"id": HUGE}), ("/account/reset", {"email": NUL}),
    ("/account/login", {"email": f"a{NUL}@example.org", "password": NUL}),
    ("/account/register", {"email": f"a{NUL}@example.org", "password": NUL, "display_name": NUL}),
    ("/auctions/new", {"title": NUL, "description": NUL, "category": NUL, "tags": f"{NUL},{NUL}", "starting_price": NUL,
                       "start": "later", "starts_at": NUL, "end": "at", "ends_at": NUL, "time_zone": "../etc/passwd",
                       "duration_hours": "nan", "version": NUL}),
])
def test_a_form_may_hold_anything(app, path, form):
    factories.auction()
    client, _person = signed_in(app, 100_000, role="seller")
    assert client.post(path, data=form).status_code < 500


@pytest.mark.parametrize(("page", "form"), [
    ("end", {"reason": f"a{NUL}b", "seen_price": ""}), ("end", {"reason": "x" * 501}), ("end", {"seen_price": NUL}),
    ("end", {"seen_price": HUGE}), ("reserve", {"reserve_price": HUGE}), ("reserve", {"reserve_price": NUL, "none": NUL}),
    ("second-chance", {"how": NUL, "amount": NUL}), ("second-chance", {"how": "amount", "amount": HUGE}),
])
def test_what_a_seller_sends_about_an_own_lot_may_hold_anything(app, page, form):
    client, person = signed_in(app, 100_000, role="seller")
    lot = factories.auction(person, reserve_price_cents=5000).id
    factories.bid(lot, factories.bidder(10_000), 2000)
    assert client.post(f"/dashboard/auctions/{lot}/{page}", data=form).status_code < 500


@pytest.mark.parametrize("headers", [{"Referer": "http://[half"}, {"Host": "[half"}, {"Host": "a b"}, {"Host": "[::1]:x"}])
def test_headers_may_hold_anything(client, headers):
    assert client.post("/auctions/1/watch", headers=headers).status_code < 500
    assert client.get("/nothing", headers=headers).status_code < 500
