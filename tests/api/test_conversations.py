"""Private chats for programs."""

import pytest

from auctionapp.chat import services
from tests import factories
from tests.api.conftest import refused
from tests.counting import statements


@pytest.fixture
def ann(program_of):
    return program_of(factories.user(display_name="Ann"))


@pytest.fixture
def ben(program_of):
    return program_of(factories.user(display_name="Ben"))


def test_the_second_chat_of_a_pair_is_the_first(ann, ben):
    begun = ann.post("/conversations", {"member_ids": [ben.id]})
    assert begun.status_code == 201
    assert begun.json["kind"] == "direct" and begun.json["name"] == "Ben" and begun.json["last_message"] is None
    assert [one["display_name"] for one in begun.json["members"]] == ["Ann", "Ben"]
    again = ben.post("/conversations", {"member_ids": [ann.id, ben.id]})
    assert (again.status_code, again.json["id"], again.json["name"]) == (200, begun.json["id"], "Ann")


def test_messages_are_written_read_and_counted(ann, ben):
    chat = ann.post("/conversations", {"member_ids": [ben.id]}).json["id"]
    sent = [ann.post(f"/conversations/{chat}/messages", {"text": str(number)}) for number in range(12)]
    assert {one.status_code for one in sent} == {201}
    assert sent[0].json["number"] == 1 and sent[0].json["author_id"] == ann.id
    first = ben.get(f"/conversations/{chat}/messages").json
    assert [one["text"] for one in first["items"]] == [str(number) for number in range(11, 1, -1)]
    assert first["items"][0] == sent[-1].json
    older = ben.get(f"/conversations/{chat}/messages?before={first['next_before']}").json
    assert [one["text"] for one in older["items"]] == ["1", "0"] and older["next_before"] is None
    [listed] = ben.get("/conversations").json["items"]
    assert listed["unread"] == 12 and listed["last_message"] == sent[-1].json


def test_several_people_or_a_name_make_a_group(ann, ben):
    other = factories.user(display_name="Cy").id
    named = ann.post("/conversations", {"member_ids": [ben.id], "name": "Clocks"}).json
    several = ann.post("/conversations", {"member_ids": [ben.id, other]}).json
    assert [(one["kind"], one["name"]) for one in (named, several)] == [("group", "Clocks"), ("group", "Ann, Ben, Cy")]
    assert several["last_message"]["kind"] == "system"
    page = ann.get("/conversations?per_page=1")
    assert page.json["total"] == 2 and page.json["items"][0]["id"] == several["id"] and 'rel="next"' in page.headers["Link"]


def test_one_key_says_it_once_and_not_something_else(ann, ben):
    chat = ann.post("/conversations", {"member_ids": [ben.id]}).json["id"]
    key = {"Idempotency-Key": "k"}
    first = ann.post(f"/conversations/{chat}/messages", {"text": "Hello"}, headers=key)
    assert ann.post(f"/conversations/{chat}/messages", {"text": "Hello"}, headers=key).json == first.json
    refused(ann.post(f"/conversations/{chat}/messages", {"text": "Other"}, headers=key), 422, "idempotency-key-reuse")
    assert len(ann.get(f"/conversations/{chat}/messages").json["items"]) == 1


def test_others_find_nothing_and_guests_are_asked_for_a_token(guest, program_of, ann, ben, lot):
    chat = ann.post("/conversations", {"member_ids": [ben.id]}).json["id"]
    stranger = program_of()
    for path in (f"/conversations/{chat}/messages", "/conversations/999999/messages"):
        refused(stranger.get(path), 404, "not-found")
        refused(stranger.post(path, {"text": "Hello"}), 404, "not-found")
        refused(guest.get(path), 401, "unauthorized")
        refused(guest.post(path, {"text": "Hello"}), 401, "unauthorized")
    assert stranger.get("/conversations").json["items"] == []
    refused(guest.get("/conversations"), 401, "unauthorized")


@pytest.mark.parametrize("body, status, slug", [
    ({}, 422, "validation"), ({"member_ids": []}, 422, "validation"), ({"member_ids": ["1"]}, 422, "validation"),
    ({"member_ids": [10**12]}, 404, "not-found"), ({"member_ids": [0]}, 422, "validation"),
    ({"member_ids": [10**12], "name": "x" * 81}, 422, "name-invalid"), ({"member_ids": None}, 422, "validation")])
def test_what_is_no_chat_is_refused(ann, body, status, slug):
    refused(ann.post("/conversations", body), status, slug)
    refused(ann.post("/conversations", {"member_ids": [ann.id]}), 422, "nobody-chosen")


def test_who_is_blocked_is_told_so(ann, ben):
    chat = ann.post("/conversations", {"member_ids": [ben.id]}).json["id"]
    factories.person_block(ben.id, ann.id)
    refused(ann.post(f"/conversations/{chat}/messages", {"text": "Hello"}), 403, "not-allowed")


def test_a_long_list_takes_no_more_statements_than_a_short_one(ann):
    counted = []
    for count in (2, 30):
        for _ in range(count):
            chat = services.open_direct(ann.id, factories.user().id).conversation_id
            services.post_in(chat, ann.id, "Hello")
        with statements() as said:
            ann.get("/conversations?per_page=100")
        counted.append(len(said))
    assert counted[0] == counted[1] <= 8
