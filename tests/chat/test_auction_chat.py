"""The open chat of an auction: who may write, what is kept, how it is read."""

import re

import pytest
from sqlalchemy import select

from auctionapp import quotas, topics
from auctionapp.auctions.models import Auction
from auctionapp.chat import queries, rules, services
from auctionapp.chat.models import Message
from auctionapp.errors import IdempotencyKeyReuse, NotAllowed, NotFound
from auctionapp.extensions import db
from auctionapp.idempotency import Key
from tests import factories


def post(client, auction_id, text, **headers):
    return client.post(f"/auctions/{auction_id}/messages", data={"text": text}, headers=headers)


def ids(html):
    return [int(found) for found in re.findall(r'id="message-(\d+)"', html)]


def test_a_message_takes_the_next_number_of_the_auction_and_is_told_as_the_contract_says(app):
    seller = factories.seller(display_name="Old Harbour")
    lot = factories.auction(seller_id=seller.id)

    shown = services.post(lot.id, seller.id, "  Yes,\r\nit is.  ")

    assert shown == {"id": shown["id"], "author": "Old Harbour", "seller": True, "text": "Yes,\nit is.",
                     "created_at": shown["created_at"]}
    event = topics.read_after(db.session(), topics.auction_topic(lot.id), 0)[0]
    assert (event.sequence, event.kind, event.payload) == (1, "message", shown)
    assert db.session.get(Auction, lot.id, populate_existing=True).topic_sequence == 1


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u2060", "\x00\x01"])
def test_blanks_are_refused(app, text):
    with pytest.raises(rules.MessageBlank):
        services.post(factories.auction().id, factories.user().id, text)


def test_4096_characters_are_taken_and_one_more_is_refused(app):
    lot, author = factories.auction().id, factories.user().id
    services.post(lot, author, " " + "ж" * 4096 + "\n")
    with pytest.raises(rules.MessageTooLong):
        services.post(lot, author, "ж" * 4097)


def test_characters_that_no_database_keeps_are_left_out(app):
    shown = services.post(factories.auction().id, factories.user().id, "a\x00b\ud800c\td")
    assert shown["text"] == "abc\td"


def test_who_is_blocked_or_not_confirmed_may_not_write(app):
    lot = factories.auction().id
    now = factories.user().created_at
    for person in (factories.user(blocked_at=now), factories.user(confirmed_at=None)):
        with pytest.raises(NotAllowed):
            services.post(lot, person.id, "Hello")


def test_a_draft_has_no_chat(app, client):
    seller = factories.seller()
    draft = factories.auction(seller_id=seller.id, state="draft", starts_at=None)
    with pytest.raises(NotFound):
        services.post(draft.id, seller.id, "Hello")
    assert client.get(f"/auctions/{draft.id}/messages").status_code == 404
    assert client.get("/auctions/999999999999999999/messages").status_code == 404


def test_the_same_key_writes_once_and_another_text_with_it_is_refused(app):
    lot, author = factories.auction().id, factories.user().id
    key = Key(author, "POST", "/x", "k", "Hello")
    first = services.post(lot, author, "Hello", key)
    assert services.post(lot, author, "Hello", key) == first
    with pytest.raises(IdempotencyKeyReuse):
        services.post(lot, author, "Other", Key(author, "POST", "/x", "k", "Other"))
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_flooding_is_slowed_down_for_its_author_alone(make_app):
    app = make_app(RATELIMIT_ENABLED=True)
    with app.app_context():
        lot, author = factories.auction().id, factories.user().id
        for _ in range(quotas.spans("messages")[0][1]):
            services.post(lot, author, "Again")
        with pytest.raises(rules.TooManyMessages) as refusal:
            services.post(lot, author, "Again")
        assert refusal.value.retry_after_seconds == 10
        services.post(lot, factories.user().id, "May I?")
    make_app(RATELIMIT_ENABLED=False)


def test_the_newest_ten_come_first_and_older_ones_by_ten(app, client):
    lot, author = factories.auction().id, factories.user().id
    written = [services.post(lot, author, f"Number {number}")["id"] for number in range(25)]

    newest = client.get(f"/auctions/{lot}/messages").text
    assert ids(newest) == written[15:]
    older = client.get(f"/auctions/{lot}/messages?before={written[15]}", headers={"HX-Request": "true"}).text
    assert ids(older) == written[5:15]
    assert "<html" not in older
    oldest = client.get(f"/auctions/{lot}/messages?before={written[5]}").text
    assert ids(oldest) == written[:5]
    assert "Older messages" not in oldest

    chat = queries.conversation(lot, "auction").id
    page = queries.page_json(chat)
    assert [item["id"] for item in page["items"]] == written[:14:-1]
    assert page["next_before"] == written[15]
    assert queries.page_json(chat, written[5])["next_before"] is None


@pytest.mark.parametrize("before", ["-1", "x", "0", "9" * 40, "9" * 19, "٣"])
def test_a_strange_before_is_no_failure(app, client, before):
    lot = factories.auction().id
    assert client.get(f"/auctions/{lot}/messages?before={before}").status_code == 200


def test_text_from_people_is_inert_and_keeps_its_line_breaks(app, client):
    lot, author = factories.auction().id, factories.user(display_name="<b>Eve</b>").id
    services.post(lot, author, '<img src=x onerror=alert(1)>\n<hx-partial hx-target="body">')
    page = client.get(f"/auctions/{lot}/messages").text
    assert "<img src=x" not in page and '<hx-partial hx-target="body">' not in page and "<b>Eve" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;\n&lt;hx-partial" in page


def test_without_script_an_accepted_message_leads_back_and_a_refused_one_keeps_its_text(app, client):
    lot = factories.auction().id
    assert post(client, lot, "Hello").status_code == 303  # a guest is sent to sign in
    factories.sign_in(client, factories.user())
    answer = post(client, lot, "Hello")
    assert (answer.status_code, answer.location) == (303, f"/auctions/{lot}#chat")
    refused = post(client, lot, "y" * 5000)
    assert refused.status_code == 422
    assert "y" * 5000 in refused.text and "at most 4,096" in refused.text


def test_htmx_gets_the_line_and_a_key_for_the_next_message(app, client):
    lot = factories.auction().id
    factories.sign_in(client, factories.user())
    answer = post(client, lot, "Hello", **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'hx-target="#chat-lines" hx-swap="beforeend"' in answer.text and "Hello" in answer.text
    assert 'id="chat-key"' in answer.text
    refused = post(client, lot, " ", **{"HX-Request": "true"})
    assert refused.status_code == 422 and "Write something first." in refused.text


def test_a_broadcast_line_never_says_who_reads_it(app, client):
    from auctionapp.chat import live

    seller = factories.seller()
    lot = factories.auction(seller_id=seller.id).id
    shown = services.post(lot, seller.id, "Hello")
    html = live.partial(queries.lines_by_id([shown["id"]])[shown["id"]])
    assert f'data-author="{seller.id}"' in html and "Seller" in html and "is-own" not in html
