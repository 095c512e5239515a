"""The inbox in pages, without script: every step of a direct and a group chat, and who gets what."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from auctionapp.chat import queries, services
from auctionapp.chat.models import Conversation
from auctionapp.extensions import db
from tests import factories
from tests.counting import statements


def test_from_an_empty_inbox_to_an_answer(as_person, people):
    ann, ben, _ = people
    first, second = as_person(ann), as_person(ben)
    assert "No chats yet" in first.get("/inbox").text
    assert "Write to Ben" in first.get(f"/inbox/new?to={ben.id}").text
    empty = first.post("/inbox/new", data={"to": ben.id, "text": " "})
    assert empty.status_code == 422 and "Write something first." in empty.text
    assert "No chats yet" in first.get("/inbox").text
    begun = first.post("/inbox/new", data={"to": ben.id, "text": "Is it <b>still</b> there?", "key": "one"})
    assert begun.status_code == 303
    chat = begun.location
    assert first.post("/inbox/new", data={"to": ben.id, "text": "Is it <b>still</b> there?", "key": "one"}).location == chat
    assert second.post("/inbox/new", data={"to": ann.id}).location == chat
    assert second.get(f"/inbox/new?to={ann.id}").location == chat
    listed = second.get("/inbox").text
    assert "Is it &lt;b&gt;still&lt;/b&gt; there?" in listed and 'id="bar-inbox">1<' in listed
    assert "You: Is it" in first.get("/inbox").text
    assert "Mark 1 as read" in second.get(chat).text
    assert second.post(f"{chat}/read", data={"number": "1"}).location == chat
    assert "Mark 1 as read" not in second.get(chat).text and 'id="bar-inbox"><' in second.get("/inbox").text
    refused = second.post(f"{chat}/messages", data={"text": " "})
    assert refused.status_code == 422 and "Write something first." in refused.text


def test_a_group_from_its_beginning_to_the_last_one_leaving(as_person, people):
    ann, ben, cy = people
    for other in (ben, cy):
        chat = services.open_direct(ann.id, other.id).conversation_id
        services.post_in(chat, ann.id, "Join me")
    client = as_person(ann)
    assert "Ben" in client.get("/inbox/groups/new").text
    empty = client.post("/inbox/groups/new", data={"name": "Clocks"})
    assert empty.status_code == 422 and "Choose at least one person." in empty.text and "Clocks" in empty.text
    group = client.post("/inbox/groups/new", data={"name": "Clocks", "member": [ben.id]}).location
    assert "Ann began this group." in client.get(group).text
    for path, data in (("members", {"member": [cy.id]}), ("name", {"name": "Old clocks"}),
                       (f"members/{ben.id}/remove", {}), (f"members/{cy.id}/admin", {})):
        answer = client.post(f"{group}/{path}", data=data)
        assert (answer.status_code, answer.location) == (303, f"{group}/members"), path
    assert "Cy" in client.get(f"{group}/members").text and "Administrator" in client.get(f"{group}/members").text
    refused = client.post(f"{group}/name", data={"name": "Mine"})
    assert refused.status_code == 403 and "Only the group&#39;s administrator may do this." in refused.text
    assert client.post(f"{group}/leave").location == "/inbox"
    assert client.get(group).status_code == 404
    assert "Ann left." in as_person(cy).get(group).text


def routes(chat, other):
    """Every address of a conversation with the least that it wants."""
    return [("GET", f"/inbox/{chat}", {}), ("GET", f"/inbox/{chat}/stream", {}), ("GET", f"/inbox/{chat}/members", {}),
            ("POST", f"/inbox/{chat}/messages", {"text": "Hello"}), ("POST", f"/inbox/{chat}/read", {}),
            ("POST", f"/inbox/{chat}/members", {"member": [other]}), ("POST", f"/inbox/{chat}/name", {"name": "New"}),
            ("POST", f"/inbox/{chat}/members/{other}/remove", {}), ("POST", f"/inbox/{chat}/members/{other}/admin", {}),
            ("POST", f"/inbox/{chat}/leave", {})]


def status(client, method, path, data):
    with client.open(path, method="HEAD" if path.endswith("/stream") else method, data=data) as answer:
        return answer.status_code


def test_every_address_of_a_group_as_guest_stranger_removed_blocked_member_and_administrator(app, as_person, people):
    ann, ben, cy = people
    removed, late = factories.user(), factories.user()
    chat = services.open_group(ann.id, "Clocks", [ben.id, cy.id, removed.id])
    services.remove(chat, ann.id, removed.id)
    walk = routes(chat, late.id)
    guest = app.test_client()
    assert [status(guest, *one) for one in walk] == [303] * len(walk)
    for outsider in (factories.user(), removed):
        client = as_person(outsider)
        assert [status(client, *one) for one in walk] == [404] * len(walk)
    member = as_person(ben)
    assert [status(member, *one) for one in walk] == [200, 200, 200, 303, 303, 403, 403, 403, 403, 303]
    factories.person_block(late.id, ann.id)
    admin = as_person(ann)
    assert [status(admin, *one) for one in walk] == [200, 200, 200, 303, 303, 403, 303, 404, 404, 303]
    assert queries.members(chat) == [cy.id]


def test_a_direct_chat_has_no_members_to_change(as_person, people):
    ann, ben, cy = people
    chat = services.open_direct(ann.id, ben.id).conversation_id
    client = as_person(ann)
    got = [status(client, *one) for one in routes(chat, cy.id)]
    assert got == [200, 200, 404, 303, 303, 404, 404, 404, 404, 404]


def test_an_auctions_chat_is_no_conversation_of_the_inbox(as_person, people):
    lot = factories.auction()
    services.post(lot.id, lot.seller_id, "Hello")
    chat = queries.conversation(lot.id, "auction").id
    client = as_person(people[0])
    assert [status(client, *one) for one in routes(chat, people[1].id)] == [404] * 10


def test_the_lobby_is_open_to_whoever_is_signed_in(app, as_person, people):
    assert app.test_client().get("/lobby").status_code == 303
    client = as_person(people[0])
    lobby = re.search(r"/inbox/(\d+)/messages", client.get("/lobby").text)[1]
    assert client.post(f"/inbox/{lobby}/messages", data={"text": "Good morning"}).location == "/lobby"
    assert "Good morning" in as_person(people[1]).get("/lobby").text


def test_a_hand_over_stands_in_the_inbox_of_the_two(as_person, people):
    seller, winner, stranger = people
    lot = factories.sold_auction(seller, winner).id
    thread = services.open_handover(lot)
    services.post_handover(lot, winner.id, "When may I come?")
    client = as_person(seller)
    page = client.get("/inbox").text
    assert "Hand-over of Brass telescope" in page and "Ben: When may I come?" in page
    assert client.get(f"/inbox/{thread}").location == f"/auctions/{lot}/handover"
    assert as_person(stranger).get(f"/inbox/{thread}").status_code == 404


def test_the_list_goes_on_by_a_key_with_a_constant_number_of_statements(app, as_person, people):
    ann = people[0]
    client = as_person(ann)
    seen = {}
    for count in (3, 45):
        for _ in range(count - len(queries.inbox.entries(ann.id, limit=100)[0])):
            chat = services.open_direct(ann.id, factories.user().id).conversation_id
            services.post_in(chat, ann.id, "Hello")
        with statements() as said:
            client.get("/inbox")
        seen[count] = len(said)
    assert seen[3] == seen[45] <= 9
    found, path = [], "/inbox"
    while path:
        page = client.get(path).text
        found += re.findall(r'href="/inbox/(\d+)"', page)
        more = re.search(r'href="(/inbox\?before=[^"]+)"', page)
        path = more and more[1]
    assert len(found) == len(set(found)) == 45
    assert [int(one) for one in found] == sorted(map(int, found), reverse=True)


@pytest.mark.parametrize("query", ["before=x", "before=1-", "before=99999999999999999-1", "before=-1-1"])
def test_a_strange_place_in_the_list_is_no_failure(as_person, people, query):
    assert as_person(people[0]).get(f"/inbox?{query}").status_code == 200


@pytest.mark.parametrize("to", ["", "x", "0", "9" * 30, "-1"])
def test_a_chat_with_nobody_is_not_there(as_person, people, to):
    client = as_person(people[0])
    assert client.get(f"/inbox/new?to={to}").status_code == 404
    assert client.post("/inbox/new", data={"to": to}).status_code == 404


def test_a_groups_picture_stands_for_it_until_it_is_taken_away(app, as_person, people, tmp_path):
    app.config["MEDIA"] = tmp_path
    ann, ben, _ = people
    group = services.open_group(ann.id, "Clocks", [ben.id])
    client, member = as_person(ann), as_person(ben)

    def upload(colour):
        file = io.BytesIO()
        Image.new("RGB", (300, 200), colour).save(file, "PNG")
        return {"picture": (io.BytesIO(file.getvalue()), "clock.png")}

    def shown():
        db.session.rollback()
        return db.session.scalar(select(Conversation.picture).where(Conversation.id == group))

    assert client.post(f"/inbox/{group}/picture", data=upload("teal")).status_code == 303
    first = shown()
    assert first and all(first in member.get(path).text for path in (f"/inbox/{group}", "/inbox", f"/inbox/{group}/members"))
    assert client.post(f"/inbox/{group}/picture", data=upload("navy")).status_code == 303
    assert shown() != first and first not in member.get(f"/inbox/{group}").text
    assert member.post(f"/inbox/{group}/picture", data=upload("red")).status_code == 403
    refused = client.post(f"/inbox/{group}/picture", data={"picture": (io.BytesIO(b"GIF89a"), "clock.png")})
    assert refused.status_code == 422 and "Clocks" in refused.text
    assert client.post(f"/inbox/{group}/picture", data={"remove": "1"}).status_code == 303
    assert shown() is None and list(tmp_path.glob("*.webp")) == [], "no file is left of what nobody shows"
