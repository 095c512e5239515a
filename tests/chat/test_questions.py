"""What others ask under a seller's lots, in one place: newest first, marked when answered, answered in place."""

import re

import pytest

from auctionapp.chat import services as chats
from tests import factories


@pytest.fixture
def seller(app, client):
    person = factories.seller()
    factories.sign_in(client, person)
    return person.id


def test_questions_of_all_lots_stand_together_and_are_answered_in_place(app, client, seller):
    first, second = factories.auction(seller, title="One lot").id, factories.auction(seller, title="Other lot").id
    asker = factories.user(display_name="Curious").id
    chats.post(first, asker, "Is it **heavy**?")
    chats.post(first, seller, "Two kilograms.")
    chats.post(second, asker, "Does it open? <script>")
    elsewhere = factories.auction().id
    chats.post(elsewhere, asker, "Not for you")
    page = client.get("/dashboard/questions").text
    assert "Does it open?" in page and "Is it" not in page and "Not for you" not in page and "<script>" not in page
    every = client.get("/dashboard/questions?show=all").text
    assert every.index("Does it open?") < every.index("Is it") and every.count("Answered") == 1
    refused = client.post(f"/dashboard/questions/{second}", data={"text": "  "})
    assert refused.status_code == 422 and "Write something first." in refused.text
    assert client.post(f"/dashboard/questions/{second}", data={"text": "It does.", "key": "k"}).status_code == 303
    assert client.post(f"/dashboard/questions/{second}", data={"text": "It does.", "key": "k"}).status_code == 303
    assert "Nothing waits for an answer" in client.get("/dashboard/questions").text
    assert client.get(f"/auctions/{second}/messages").text.count("It does.") == 1
    assert client.post(f"/dashboard/questions/{elsewhere}", data={"text": "Hm"}).status_code == 404
    assert client.post(f"/dashboard/questions/{10**19}", data={"text": "Hm"}).status_code == 404


def test_questions_come_by_key(app, client, seller):
    people = [factories.user().id for _ in range(3)]
    for number in range(25):
        chats.post(factories.auction(seller).id, people[number % 3], f"Question {number:02}")
    page = client.get("/dashboard/questions").text
    link = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    rest = client.get(link).text
    both = re.findall(r"Question \d\d", page) + re.findall(r"Question \d\d", rest)
    assert len(set(both)) == len(both) == 25


def test_of_a_lively_chat_the_last_questions_stand_and_a_way_to_the_others(app, client, seller):
    lot = factories.auction(seller).id
    people = [factories.user().id for _ in range(3)]
    for number in range(8):
        chats.post(lot, people[number % 3], f"Question {number:02}")
    page = client.get("/dashboard/questions").text
    assert re.findall(r"Question \d\d", page) == ["Question 05", "Question 06", "Question 07"]
    assert f"/auctions/{lot}/messages" in page
    chats.post(lot, seller, "To all of you: yes.")
    chats.post(lot, people[0], "Thank you")
    page = client.get("/dashboard/questions").text
    assert "Thank you" in page and "Question" not in page.split("Thank you")[1].split("</li>")[0]
    assert client.get("/dashboard/questions?show=all").text.count("Answered") == 2
