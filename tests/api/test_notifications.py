"""The caller's notices: listed, marked as read, nobody else's (fault 41)."""

import pytest

from auctionapp.notifications.words import Notice
from tests.api.conftest import refused
from tests.notifications.telling import told


@pytest.fixture
def notices(bidder, seller):
    """Three of the bidder, one of somebody else."""
    bidder.post("/notifications/read")
    for number in range(3):
        told(Notice(bidder.id, "comment", f"comment:{number}", f"Ada commented, {number}.", f"/posts/{number}"))
    told(Notice(seller.id, "won", "won:1", "You won.", "/auctions/1"))


def test_notices_are_listed_newest_first_with_the_pages_of_every_list(bidder, notices):
    answer = bidder.get("/notifications?per_page=2")
    assert answer.status_code == 200
    assert answer.json["total"] == 4  # and the deposit
    first = answer.json["items"][0]
    assert first | {"id": 0, "created_at": ""} == {
        "id": 0, "kind": "comment", "text": "Ada commented, 2.", "path": "/posts/2", "auction_id": None, "read": False,
        "created_at": ""}
    assert first["created_at"].endswith("Z")
    assert 'rel="next"' in answer.headers["Link"]
    unread = bidder.get("/notifications?unread=true").json
    assert unread["total"] == 3 and all(not one["read"] for one in unread["items"])


def test_some_or_all_are_marked_as_read_and_never_anothers(bidder, seller, notices):
    ids = [one["id"] for one in bidder.get("/notifications").json["items"]]
    [others] = [one["id"] for one in seller.get("/notifications").json["items"]]
    answer = bidder.post("/notifications/read", {"ids": [ids[0], others, 10**17], "user_id": seller.id})
    assert (answer.status_code, answer.json) == (200, {"read": 1, "unread": 2})
    assert bidder.post("/notifications/read", {"ids": []}).json == {"read": 0, "unread": 2}
    assert bidder.post("/notifications/read").json == {"read": 2, "unread": 0}
    assert bidder.post("/notifications/read", {}).json == {"read": 0, "unread": 0}
    assert [one["read"] for one in seller.get("/notifications").json["items"]] == [False]


@pytest.mark.parametrize("ids", ["1", [0], ["1"], [1.5], [10**30], [True], [[1]], list(range(1, 200))])
def test_what_are_no_ids_is_refused_by_name(bidder, ids):
    assert "ids" in refused(bidder.post("/notifications/read", {"ids": ids}), 422, "validation")["errors"]


def test_a_guest_has_no_notices(guest):
    refused(guest.get("/notifications"), 401, "unauthorized")
    refused(guest.post("/notifications/read"), 401, "unauthorized")
