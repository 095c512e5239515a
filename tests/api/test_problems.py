import json
from io import BytesIO

import pytest

from auctionapp.api import limits
from auctionapp.errors import Busy
from tests.api.conftest import refused

POSTS = ["/tokens", "/users", "/users/confirm", "/auctions", "/auctions/{lot}/bids", "/auctions/{lot}/messages",
         "/wallet/deposits", "/wallet/withdrawals"]


def raw(program, path, data, content_type="application/json", method="POST"):
    return program.send(method, path, data=data, content_type=content_type)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"{'a': 1}", b'{"a": NaN}', b'{"amount": Infinity}', b"\0",
                                  b"[" * 100_000, b'{"a":' * 100_000, b'{"amount": ' + b"9" * 5000 + b"}"])
def test_what_is_no_json_is_malformed(bidder, lot, path, data):
    refused(raw(bidder, path.format(lot=lot), data), 400, "malformed-request")


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", [[], [1], 5, "text", None, True, 1e308])
def test_a_body_that_is_no_object_is_refused(bidder, lot, path, body):
    problem = refused(raw(bidder, path.format(lot=lot), json.dumps(body)), 422, "validation")
    assert problem["errors"]


@pytest.mark.parametrize("path", POSTS)
def test_members_of_any_kind_break_nothing(bidder, lot, path):
    names = ["email", "password", "display_name", "name", "code", "title", "description", "category", "tags",
             "starting_price", "bid_step", "reserve_price", "starts_at", "ends_at", "duration_hours", "draft",
             "soft_close_seconds", "format", "amount", "kind", "text"]
    deep = []
    for _ in range(200):
        deep = [deep]
    for value in (None, [], {}, 0, -1, 10**30, 1.5, True, "", "\0", "\ud800", "x" * 20_000, deep, {"$ne": 1}):
        answer = raw(bidder, path.format(lot=lot), json.dumps(dict.fromkeys(names, value)))
        assert answer.status_code in (401, 422), (value, answer.data)
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("path", POSTS)
def test_another_media_type_is_refused(bidder, lot, path):
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""):
        refused(raw(bidder, path.format(lot=lot), b'{"amount":"12.50"}', content_type), 415, "unsupported-media-type")


@pytest.mark.parametrize("path", POSTS)
def test_too_large_a_body_is_refused(bidder, lot, path):
    refused(raw(bidder, path.format(lot=lot), b'{"text":"' + b"x" * 1_000_000 + b'"}'), 413, "too-large")


def test_a_body_of_unknown_length_is_cut_off_too(bidder, lot):
    for more, status, slug in ((0, 422, "bid-too-low"), (1_000_000, 413, "too-large")):
        body = b'{"amount":"0.01"}' + b" " * more
        refused(bidder.post(f"/auctions/{lot}/bids", input_stream=BytesIO(body), content_type="application/json",
                            headers={"Transfer-Encoding": "chunked"},
                            environ_overrides={"wsgi.input_terminated": True}), status, slug)


def test_what_is_not_there_is_a_problem_too(guest, client):
    for path in ("/nothing", "/", "", "/auctions/", "/auctions/x", "/auctions/-1", "/auctions/1/x", "/me/", "/auctions/٣"):
        refused(guest.get(path), 404, "not-found")
    refused(client.get("/api/v2/me"), 404, "not-found")


def test_a_method_that_is_not_known_is_told_which_are(guest):
    answer = guest.send("PUT", "/auctions")
    refused(answer, 405, "method-not-allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert guest.send("OPTIONS", "/auctions").status_code == 200
    assert guest.send("HEAD", "/auctions").status_code == 200


def test_what_breaks_tells_nothing_of_its_cause(guest, monkeypatch):
    def broken(*given, **named):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("auctionapp.api.auctions.listing.auctions_page", broken)
    answer = guest.get("/auctions")
    refused(answer, 500, "internal-error")
    assert b"secret" not in answer.data


def test_a_busy_house_says_when_to_come_back(bidder, lot, monkeypatch):
    def busy(*given, **named):
        raise Busy()

    monkeypatch.setattr("auctionapp.api.bids.bidding.place_bid", busy)
    answer = bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"})
    refused(answer, 503, "busy")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_foreign_host_is_refused_and_not_repeated(client):
    answer = client.get("/api/v1/auctions", headers={"Host": "evil.example"})
    refused(answer, 400, "malformed-request")
    assert b"evil" not in answer.data


def test_a_forms_token_is_not_asked_for_here(make_app, bidder, lot):
    bidder.client = make_app(WTF_CSRF_ENABLED=True).test_client()
    assert bidder.post(f"/auctions/{lot}/bids", {"amount": "12.50"}).status_code == 201


@pytest.mark.parametrize("away", [False, True])
def test_too_many_requests_are_told_to_wait(make_app, bidder, program_of, lot, away):
    more = {"REDIS_URL": "unix:///nowhere/redis.sock"} if away else {}
    other_client = make_app(RATELIMIT_ENABLED=True, **more).test_client()
    bidder.client = other_client
    for _ in range(limits.BIDS.per_person[0].amount):
        last = bidder.post(f"/auctions/{lot}/bids", {"amount": "0.01"})
    answer = bidder.post(f"/auctions/{lot}/bids", {"amount": "0.01"})
    while answer.status_code != 429 and last.status_code == 422:  # a second may end between two of them
        answer = bidder.post(f"/auctions/{lot}/bids", {"amount": "0.01"})
    refused(answer, 429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    somebody = program_of()
    somebody.client = other_client
    assert somebody.post(f"/auctions/{lot}/bids", {"amount": "0.01"}).status_code == 422


def test_pictures_are_counted_one_by_one(make_app, program_of, lot):
    seller = program_of()
    seller.client = make_app(RATELIMIT_ENABLED=True).test_client()

    def send():
        files = [(BytesIO(b"no picture"), f"{number}.png") for number in range(10)]
        return seller.send("POST", f"/auctions/{lot}/images", data={"images": files})

    for _ in range(limits.UPLOADS.per_person[0].amount // 10):
        assert send().status_code == 422
    refused(send(), 429, "too-many-requests")


def test_passwords_are_tried_a_few_times_a_minute(make_app, guest):
    guest.client = make_app(RATELIMIT_ENABLED=True).test_client()
    body = {"email": "ada@example.org", "password": "wrong"}
    for _ in range(10):
        answer = guest.post("/tokens", body)
    assert answer.status_code == 401
    refused(guest.post("/tokens", body | {"email": "ADA@example.org "}), 429, "too-many-requests")
    assert guest.post("/tokens", body | {"email": "grace@example.org"}).status_code == 401
