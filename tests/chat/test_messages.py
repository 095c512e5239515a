"""What a message may be and what becomes of it: pictures, links, editing, deleting, who saw it, finding it again."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import column, event, func, insert, literal, select

from auctionapp.chat import live, queries, rules, services
from auctionapp.chat.models import Message
from auctionapp.chat.queries import search
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from tests import factories
from tests.counting import statements

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def picture(colour="teal", size=(900, 600)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def talk(people):
    """A direct chat of Ann and Ben."""
    return services.open_direct(people[0].id, people[1].id).conversation_id


def talk_of(page):
    """The open chat of a page, without the list beside it."""
    return page[page.index("data-chat-lines"):]


def files_of(app):
    return sorted(path.name for path in app.config["MEDIA"].glob("*.webp"))


def test_a_picture_is_sent_with_or_without_words_and_its_file_goes_with_the_message(app, people, as_person, talk, tmp_path):
    app.config["MEDIA"] = tmp_path
    client = as_person(people[0])
    data = {"text": "", "key": "one", "picture": (io.BytesIO(picture()), "holiday.png")}
    sent = client.post(f"/inbox/{talk}/messages", data=data)
    assert sent.status_code == 303
    [line] = queries.private_chat(talk, people[1].id).lines
    assert (line.text, line.picture_width, line.picture_height) == ("", 900, 600)
    page = as_person(people[1]).get(f"/inbox/{talk}").text
    assert f"/media/{line.picture}-1600.webp" in page and "Picture from Ann" in page
    assert "Picture</span>" in as_person(people[1]).get("/inbox").text
    stored = files_of(app)
    assert stored == [f"{line.picture}-1600.webp"]

    data["picture"] = (io.BytesIO(picture()), "holiday.png")  # sent again, as when the answer was lost
    assert client.post(f"/inbox/{talk}/messages", data=data).status_code == 303
    assert len(queries.private_chat(talk, people[0].id).lines) == 1 and files_of(app) == stored
    data["picture"] = (io.BytesIO(picture("red")), "holiday.png")
    assert client.post(f"/inbox/{talk}/messages", data=data).status_code == 422
    assert files_of(app) == stored

    assert client.post(f"/inbox/{talk}/messages/{line.id}/delete").status_code == 303
    assert files_of(app) == []
    assert "Message deleted" in as_person(people[1]).get(f"/inbox/{talk}").text


@pytest.mark.parametrize(("content", "status", "words"), [
    (b"<svg onload=alert(1)>", 422, "not a picture that we can read"),
    (picture(size=(6000, 5000)), 413, "at most 25 megapixels")])
def test_what_is_no_picture_is_refused_beside_the_field_and_the_words_stay(app, people, as_person, talk, content, status, words):
    client = as_person(people[0])
    for headers in ({}, FRAGMENT):
        answer = client.post(f"/inbox/{talk}/messages", headers=headers,
                             data={"text": "Look & see", "picture": (io.BytesIO(content), "x.png")})
        assert answer.status_code == status and words in answer.text
        assert headers or "Look &amp; see</textarea>" in answer.text
    assert queries.private_chat(talk, people[0].id).lines == []


def test_the_chat_of_a_lot_takes_no_pictures(app, people, as_person, tmp_path):
    app.config["MEDIA"] = tmp_path
    lot = factories.auction().id
    client = as_person(people[0])
    assert 'type="file"' not in client.get(f"/auctions/{lot}/messages").text
    client.post(f"/auctions/{lot}/messages", data={"text": "Hello", "picture": (io.BytesIO(picture()), "x.png")})
    assert [line.picture for line in queries.chat_of(lot).lines] == [None] and files_of(app) == []


def test_addresses_are_links_and_our_lots_show_a_card_in_page_broadcast_and_answer(app, people, as_person, talk):
    lot = factories.auction(title="Brass telescope").id
    draft = factories.auction(state="draft", title="Secret draft").id
    client = as_person(people[0])
    text = f'<b> https://example.org/"x /auctions/{lot} /auctions/{draft}'
    answer = client.post(f"/inbox/{talk}/messages", headers=FRAGMENT, data={"text": text})
    page = as_person(people[1]).get(f"/inbox/{talk}").text
    for html in (answer.text, page):
        assert "&lt;b&gt;" in html and "<b>" not in html
        assert 'href="https://example.org/" rel="nofollow noopener ugc"' in html
        assert html.count(f'data-price-of="{lot}"') == 1 and "Brass telescope" in html
        assert "Secret draft" not in html and f'data-price-of="{draft}"' not in html


def test_cards_of_a_page_cost_one_query_and_none_without_links(app, people, talk, as_person):
    lots = [factories.auction().id for _ in range(4)]
    client = as_person(people[0])
    services.post_in(talk, people[0].id, "nothing")
    with statements() as without:
        client.get(f"/inbox/{talk}")
    for lot in lots:
        services.post_in(talk, people[0].id, f"/auctions/{lot}")
    with statements() as linked:
        client.get(f"/inbox/{talk}")
    assert len(linked) == len(without) + 1


def test_a_message_is_edited_and_deleted_in_pages_and_in_its_line(app, people, as_person, talk):
    ann, ben, _ = people
    client, other = as_person(ann), as_person(ben)
    message = services.post_in(talk, ann.id, "At ten")["id"]
    path = f"/inbox/{talk}/messages/{message}"
    assert "At ten</textarea>" in client.get(f"{path}/edit").text and "<title>" in client.get(f"{path}/edit").text
    inline = client.get(f"{path}/edit", headers=FRAGMENT).text
    assert inline.lstrip().startswith("<li") and "At ten</textarea>" in inline
    assert client.post(f"{path}/edit", data={"text": " "}).status_code == 422
    done = client.post(f"{path}/edit", data={"text": "At <eleven>"})
    assert (done.status_code, done.location) == (303, f"/inbox/{talk}?around={message}#message-{message}")
    changed = client.post(f"{path}/edit", headers=FRAGMENT, data={"text": "At twelve"}).text
    assert f'hx-target="#message-{message}"' in changed and "At twelve" in changed and "edited" in changed
    assert "At twelve" in client.get(path, headers=FRAGMENT).text and client.get(path).status_code == 303
    for method, end in (("GET", "/edit"), ("POST", "/edit"), ("GET", "/delete"), ("POST", "/delete")):
        assert other.open(path + end, method=method, data={"text": "Mine"}).status_code == 404
        assert as_person(people[2]).open(path + end, method=method, data={"text": "Mine"}).status_code == 404
    assert as_person(people[2]).get(path, headers=FRAGMENT).status_code == 404
    assert "Delete this message?" in client.get(f"{path}/delete").text
    assert client.post(f"{path}/delete").status_code == 303
    assert client.get(f"{path}/edit").status_code == 404
    assert "At twelve" not in other.get(f"/inbox/{talk}").text


def test_after_a_quarter_of_an_hour_a_message_stands_and_says_so(app, people, as_person, talk):
    past = SetClock(datetime.now(UTC) - rules.CHANGEABLE - timedelta(minutes=1))
    message = services.post_in(talk, people[0].id, "At ten", clock=past)["id"]
    client = as_person(people[0])
    for action in ("edit", "delete"):
        for headers in ({}, FRAGMENT):
            answer = client.post(f"/inbox/{talk}/messages/{message}/{action}", headers=headers, data={"text": "Else"})
            assert answer.status_code == 409 and "can be changed for 15 minutes" in answer.text
    assert "At ten" in client.get(f"/inbox/{talk}").text


def test_within_a_quarter_of_an_hour_the_page_offers_to_change_a_message_and_no_longer_after_it(
        app, people, as_person, talk):
    ann, ben, _ = people
    now = datetime.now(UTC)
    late = services.post_in(talk, ann.id, "Written at ten", clock=SetClock(now - rules.CHANGEABLE))["id"]
    young = services.post_in(talk, ann.id, "Written now", clock=SetClock(now - rules.CHANGEABLE + timedelta(seconds=30)))["id"]
    client = as_person(ann)
    page = client.get(f"/inbox/{talk}").text
    for action in ("edit", "delete"):
        assert f"/messages/{young}/{action}" in page and f"/messages/{late}/{action}" not in page
        assert f"/messages/{young}/{action}" not in as_person(ben).get(f"/inbox/{talk}").text
    for message, status, shown in ((late, 409, "can be changed for 15 minutes"), (young, 303, "")):
        answer = client.post(f"/inbox/{talk}/messages/{message}/edit", data={"text": "Said better"})
        assert answer.status_code == status and shown in answer.text
    page = talk_of(client.get(f"/inbox/{talk}").text)
    assert "Written at ten" in page and "Written now" not in page and page.count('class="chat-edited"') == 1


def test_an_own_message_says_who_has_seen_it(app, people, as_person, talk):
    ann, ben, cy = people
    services.post_in(talk, ann.id, "One")
    services.post_in(talk, ann.id, "Two")
    assert "chat-seen" not in as_person(ann).get(f"/inbox/{talk}").text
    services.mark_read(talk, ben.id, 1)
    seen = talk_of(as_person(ann).get(f"/inbox/{talk}").text)
    assert seen.count('class="chat-seen">Seen<') == 1 and seen.index("One") < seen.index("chat-seen") < seen.index("Two")
    assert "chat-seen" not in as_person(ben).get(f"/inbox/{talk}").text
    group = services.open_group(ann.id, "Clocks", [ben.id, cy.id])
    services.post_in(group, ann.id, "Hello all")
    for number, (person, words) in enumerate([(ben, "Seen by 1"), (cy, "Seen by all")]):
        services.mark_read(group, person.id)
        assert f'class="chat-seen">{words}<' in as_person(ann).get(f"/inbox/{group}").text, number


def test_a_search_finds_words_in_any_case_in_own_chats_alone_and_leads_to_their_place(app, people, as_person, talk):
    ann, ben, cy = people
    found = services.post_in(talk, ben.id, "Der Große ÜBERZUG kostet 100% mehr")["id"]
    services.post_in(talk, ben.id, "kostet 1000 mehr")
    secret = services.open_direct(ben.id, cy.id).conversation_id
    services.post_in(secret, ben.id, "Der große Überzug")
    system = services.open_group(ben.id, "Überzug", [ann.id, cy.id])
    services.leave(system, ann.id)
    services.post_in(system, ben.id, "Überzug ohne sie")
    client = as_person(ann)
    page = client.get("/inbox/search?q=überzug GROSSE").text
    assert page.count('class="hit"') == 1 and f"/inbox/{talk}?around={found}#message-{found}" in page
    assert "<mark>ÜBERZUG</mark>" in page
    assert client.get("/inbox/search?q=100%25").text.count('class="hit"') == 1
    for nothing in ("gibtesnicht", "began", "_", "a", "%00", "' OR 1=1"):
        assert client.get(f"/inbox/search?q={nothing}").text.count('class="hit"') == 0
    services.delete(found, ben.id)
    assert client.get("/inbox/search?q=überzug").text.count('class="hit"') == 0


def test_what_a_search_found_goes_on_by_a_key_with_a_constant_number_of_statements(app, people, as_person, talk):
    client = as_person(people[0])
    texts = [f"Number {number} <i>" for number in range(45)]
    for text in texts:
        services.post_in(talk, people[1].id, text)
    shown, path = [], "/inbox/search?q=number"
    while path:
        page = client.get(path, headers=FRAGMENT).text
        shown += [text for text in reversed(texts) if f"</mark>{text[6:].replace('<', '&lt;').replace('>', '&gt;')}<" in page]
        path = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&") if "hx-get" in page else ""
    assert shown == texts[::-1]
    with statements() as many:
        client.get("/inbox/search?q=number")
    with statements() as none:
        client.get("/inbox/search?q=nobody-said-this")
    assert len(many) == len(none)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_search_reads_no_messages_but_those_of_own_chats(app, people, talk):
    elsewhere = services.open_direct(people[1].id, people[2].id).conversation_id
    for chat, count, word in ((elsewhere, 30_000, "needle"), (talk, 3_000, "hay"), (elsewhere, 30_000, "needle")):
        db.session.execute(insert(Message).from_select(
            ["conversation_id", "number", "author_id", "text", "search_text", "created_at"],
            select(literal(chat), func.coalesce(select(func.max(Message.number)).where(
                Message.conversation_id == chat).scalar_subquery(), 0) + column("i"), literal(people[1].id), literal(word),
                literal(word), func.now()).select_from(func.generate_series(1, count).alias("i"))))
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE messages")
    plans = []
    before = event.listens_for(db.engine, "before_cursor_execute")

    @before
    def explain(_connection, cursor, statement, values, *_given):
        if "LIKE" in statement:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
            plans.append(cursor.fetchone()[0][0]["Plan"])

    try:
        assert search.hits(people[0].id, ["needle"]) == ([], None)
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    [plan] = plans
    assert 3_000 <= messages_read(plan) <= 3_100, plan


def messages_read(plan):
    """How many rows of messages a statement took, by the database's own account of it."""
    own = plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0) if plan.get("Relation Name") == "messages" else 0
    return own * plan["Actual Loops"] + sum(map(messages_read, plan.get("Plans", ())))


def test_a_message_is_shown_in_its_place_between_older_and_newer_ones(app, people, as_person, talk):
    ids = [services.post_in(talk, people[1].id, f"Number {number:02}")["id"] for number in range(40)]
    client = as_person(people[0])
    page = client.get(f"/inbox/{talk}?around={ids[20]}").text
    assert [number for number in range(40) if f"Number {number:02}" in talk_of(page)] == list(range(15, 25))
    assert "You are reading older messages" in page and f"/inbox/{talk}/stream" not in page
    newest = client.get(f"/inbox/{talk}?around={ids[38]}").text
    assert "Number 39" in newest and "You are reading older messages" not in newest and f"/inbox/{talk}/stream" in newest
    other = services.open_direct(people[1].id, people[2].id).conversation_id
    elsewhere = services.post_in(other, people[1].id, "Elsewhere")["id"]
    for strange in (elsewhere, 10**18, "x", "-1", "9" * 30):
        assert "Number 39" in talk_of(client.get(f"/inbox/{talk}?around={strange}").text)


def test_a_long_text_is_cut_around_what_was_found():
    pieces = search.pieces("x" * 5000 + " needle " + "y" * 5000, ["NEEDLE"])
    assert [text for text, found in pieces if found] == ["needle"]
    assert sum(len(text) for text, _ in pieces) <= search.LENGTH + 2


def test_a_name_leads_to_a_profile_in_every_kind_of_chat_and_to_none_of_who_has_no_profile(app, people, as_person, talk):
    ann, ben, _ = people
    seller = factories.seller(display_name="Harbour")
    lot = factories.auction(seller_id=seller.id).id
    bidder = factories.user(display_name="Dora")
    factories.give_money(bidder.id, 10_000)
    factories.bid(lot, bidder.id, 2000)
    services.post_in(talk, ben.id, "Direct")
    group = services.open_group(ben.id, "Clocks", [ann.id])
    services.post_in(group, ben.id, "Group")
    services.post_in(queries.lobby_id(), ben.id, "Lobby")
    for author in (ben, seller):
        services.post(lot, author.id, "In public")
    client = as_person(ann)
    link = f'<a class="chat-author" href="/people/{ben.id}" dir="auto">Ben</a>'
    for path in (f"/inbox/{talk}", f"/inbox/{group}", "/lobby", f"/auctions/{lot}", f"/auctions/{lot}/messages"):
        assert link in client.get(path).text, path
    page = client.get(f"/auctions/{lot}").text
    assert f'href="/people/{seller.id}" dir="auto">Harbour</a>' in page
    assert "Bidder 1" in page and f"/people/{bidder.id}" not in page and "Dora" not in page, "an alias leads to nobody"
    assert link in live.partial(queries.lines_by_id([services.post_in(talk, ben.id, "Live")["id"]]).popitem()[1])
    factories.block_by_house(ben.id)
    page = client.get(f"/inbox/{talk}").text
    assert '<span class="chat-author" dir="auto">Ben</span>' in page and link not in page
