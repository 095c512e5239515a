"""A plain bid is answered past Flask, and just as Flask would have answered it."""

import json

import pytest
from werkzeug.test import Client

from auctionapp.auctions.services import bidding
from auctionapp.extensions import db
from tests import factories

NEVER_THE_SAME = {"Vary"}
"""The long way has looked for a session."""


@pytest.fixture
def ways(app):
    """Two programs' ways in: what a bid takes by itself, and the one through Flask."""
    return Client(app.wsgi_app), Client(app.wsgi_app.long_way)


@pytest.fixture
def known(bidder, lot):
    """Its token was seen by this process."""
    bidder.post(f"/auctions/{lot}/bids", {"amount": "1.00"})
    return bidder


def send(way, program, lot_id, body=b'{"amount": "20.00"}', **given):
    headers = program.headers | given.pop("headers", {})
    return way.post(given.pop("path", f"/api/v1/auctions/{lot_id}/bids"), data=body,
                    content_type=given.pop("content_type", "application/json"), headers=headers, **given)


def said(response):
    headers = sorted((name, value) for name, value in response.headers if name not in NEVER_THE_SAME)
    return response.status_code, headers, response.data


def without_flask(app, monkeypatch):
    def never(environ, start_response):
        raise AssertionError("Flask was asked")

    monkeypatch.setattr(app.wsgi_app, "long_way", never)


def test_an_accepted_bid_is_answered_alike_with_the_same_headers(ways, known, seller):
    answers = []
    for way in ways:
        answer = send(way, known, factories.auction(seller.id, bid_step_cents=100).id)
        bid = answer.json | {"id": 0, "auction_id": 0, "placed_at": 0}
        headers = {name: value for name, value in answer.headers if name not in NEVER_THE_SAME | {"Content-Length"}}
        answers.append((answer.status_code, headers, bid, list(answer.json)))
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answers[0] == answers[1]
    assert answers[0][0] == 201


def test_a_plain_bid_does_not_ask_flask_whether_it_is_accepted_or_too_low(app, ways, known, lot, monkeypatch):
    without_flask(app, monkeypatch)
    assert send(ways[0], known, lot).status_code == 201
    too_low = send(ways[0], known, lot, b'{"amount": "5.00", "kind": "manual"}')
    assert (too_low.status_code, too_low.json["type"]) == (422, "/api/v1/problems/bid-too-low")


REFUSED = {
    "too low": {"body": b'{"amount": "1.00"}'},
    "too low for an automatic one": {"body": b'{"amount": "1.00", "kind": "auto"}'},
    "more than there is": {"body": b'{"amount": "2000000.00"}'},
    "a number and no text": {"body": b'{"amount": 20}'},
    "no amount": {"body": b"{}"},
    "another kind": {"body": b'{"amount": "20.00", "kind": "both"}'},
    "a list": {"body": b"[]"},
    "half a text": {"body": b'{"amount": "20.00"'},
    "no text at all": {"body": b""},
    "no UTF-8": {"body": b'{"amount": "\xff"}'},
    "nested without end": {"body": b"[" * 1000},
    "cut off": {"environ_overrides": {"CONTENT_LENGTH": "100"}},
    "long": {"body": b'{"amount": "1.00", "note": "' + b"x" * 2000 + b'"}'},
    "too large": {"body": b'{"amount": "1.00", "note": "' + b"x" * 600_000 + b'"}'},
    "another type": {"content_type": "text/plain"},
    "JSON of another name": {"body": b'{"amount": "1.00"}', "content_type": "application/merge-patch+json"},
    "no such lot": {"path": "/api/v1/auctions/999999/bids"},
    "a lot beyond all numbers": {"path": "/api/v1/auctions/9999999999999999999/bids"},
    "a foreign host": {"base_url": "http://evil.example"},
    "no token": {"headers": {"Authorization": ""}},
    "another token": {"headers": {"Authorization": "Bearer nobody"}},
    "another scheme": {"headers": {"Authorization": "Basic YTpi"}},
    "a key that is none": {"headers": {"Idempotency-Key": "\x80"}},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_alike(case, ways, known, lot):
    first, second = (said(send(way, known, lot, **dict(REFUSED[case]))) for way in ways)
    assert first == second
    assert first[0] >= 400


def test_an_own_lot_is_refused_alike(ways, program_of, lot):
    owner = program_of(db.session.get(factories.User, db.session.get(factories.Auction, lot).seller_id))
    send(ways[0], owner, lot)
    first, second = (said(send(way, owner, lot)) for way in ways)
    assert first == second and first[0] == 403


def test_a_revoked_token_is_refused_alike(ways, known, lot):
    known.delete("/tokens/current")
    first, second = (said(send(way, known, lot)) for way in ways)
    assert first == second and first[0] == 401
    assert ("WWW-Authenticate", 'Bearer realm="api", error="invalid_token"') in first[1]


def test_a_failure_is_told_alike_and_logged(ways, known, lot, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(bidding, "place_bid", broken)
    first, second = (said(send(way, known, lot)) for way in ways)
    assert first == second and first[0] == 500
    assert caplog.text.count("Unexpected failure at POST") == 2


def test_too_many_bids_are_refused_alike_and_counted_together(make_app, known, lot):
    app = make_app(RATELIMIT_ENABLED=True)
    short, long = Client(app.wsgi_app), Client(app.wsgi_app.long_way)
    answers = [said(send((short, long)[number % 2], known, lot, b'{"amount": "1.00"}')) for number in range(60)]
    refused = [answer for answer in answers if answer[0] == 429]
    assert len(refused) > 10
    assert len({json.dumps([status, headers, data.decode()]) for status, headers, data in refused}) <= 2  # Retry-After


def test_bids_are_counted_for_prometheus_on_both_ways(client, ways, known, lot):
    def counted():
        text = client.get("/metrics").text
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
                   if line.startswith('gavel_http_requests_total{endpoint="api.place_bid"') and 'status="422"' in line)

    before = counted()
    for way in ways:
        send(way, known, lot, b'{"amount": "1.00"}')
    assert counted() == before + 2
