"""Profiles and friends as pages: who sees what of whom, what the buttons do, what they refuse."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Bid
from auctionapp.chat import companions
from auctionapp.chat import services as chat
from auctionapp.extensions import db
from auctionapp.people import services
from auctionapp.people.models import Friendship
from tests import factories
from tests.counting import statements

HTMX = {"HX-Request": "true"}


@pytest.fixture
def viewer(app, client):
    person = factories.user(display_name="Vera")
    factories.sign_in(client, person)
    return person


@pytest.fixture
def mira(app):
    return factories.seller(display_name="Mira", about="I sell <b>lamps</b>.", first_name="Miriam", last_name="Holm",
                            born_on=date(1980, 3, 4))


def befriend(one: User, other: User) -> None:
    services.request(one.id, other.id)
    services.accept(other.id, one.id)


def test_a_profile_shows_what_its_person_says_and_sells_but_no_draft(client, mira):
    for title, state in (("Lamp on sale", "open"), ("Lamp in the drawer", "draft")):
        factories.auction(seller_id=mira.id, title=title, state=state)
    page = client.get(f"/people/{mira.id}").text
    assert "Mira" in page and "Member since" in page and "I sell &lt;b&gt;lamps" in page
    assert "Lamp on sale" in page and "Lamp in the drawer" not in page
    assert "Sign in" in page and "Add as friend" not in page


def test_name_address_and_birthday_are_not_shown_unless_chosen(app, client, viewer, mira):
    page = client.get(f"/people/{mira.id}").text
    for private in ("Miriam", "Holm", "March", "1980", mira.email):
        assert private not in page
    befriend(viewer, mira)
    db.session.execute(db.update(User).where(User.id == mira.id).values(shows_birthday=True))
    db.session.commit()
    page = client.get(f"/people/{mira.id}").text
    assert "Miriam Holm" in page and "Birthday 4 March" in page
    assert "1980" not in page and mira.email not in page


def test_a_profile_says_nothing_of_what_its_person_bids_on(app, client, viewer):
    bidder = factories.user(display_name="Quiet Quentin")
    lot = factories.auction(title="Contested telescope")
    db.session.add(Bid(auction_id=lot.id, number=1, bidder_id=bidder.id, kind="manual", maximum_cents=5000,
                       placed_at=datetime.now(UTC)))
    db.session.commit()
    page = client.get(f"/people/{bidder.id}").text
    assert "Contested telescope" not in page and "Bidder" not in page
    assert "Quiet Quentin" not in client.get("/friends").text


@pytest.mark.parametrize("missing", [{"confirmed_at": None}, {"blocked_at": datetime.now(UTC)}])
def test_who_is_not_a_person_of_the_house_has_no_profile_and_no_buttons(client, viewer, missing):
    other = factories.user(**missing).id
    for person_id in (other, 10**17):
        assert client.get(f"/people/{person_id}").status_code == 404
        assert client.get(f"/people/{person_id}/block").status_code == 404
        for path in (f"/friends/{person_id}/request", f"/people/{person_id}/follow", f"/people/{person_id}/block"):
            assert client.post(path).status_code == 404


def test_guests_are_sent_to_sign_in(client, mira):
    for path in (f"/friends/{mira.id}/request", f"/people/{mira.id}/follow", f"/people/{mira.id}/block"):
        answer = client.post(path)
        assert answer.status_code == 303 and answer.location.startswith("/account/login")
    assert client.get("/friends").location.startswith("/account/login")


def test_a_request_without_script_goes_back_and_with_htmx_swaps_the_buttons(client, viewer, mira):
    answer = client.post(f"/friends/{mira.id}/request", data={"next": "/friends?show=sent"})
    assert (answer.status_code, answer.location) == (303, "/friends?show=sent")
    assert "Your request is sent to Mira." in client.get("/friends").text
    answer = client.post(f"/friends/{mira.id}/withdraw", headers=HTMX)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert f'id="standing-{mira.id}"' in answer.text and "Add as friend" in answer.text
    assert "is withdrawn" in answer.text
    assert client.post(f"/people/{mira.id}/follow", data={"next": "https://evil.example"}).location == f"/people/{mira.id}"


def test_a_refusal_says_why_on_the_profile_or_beside_the_buttons(client, viewer, mira):
    answer = client.post(f"/friends/{mira.id}/accept")
    assert answer.status_code == 409 and "no longer open" in answer.text and "<h1" in answer.text
    answer = client.post(f"/friends/{mira.id}/accept", headers=HTMX)
    assert answer.status_code == 409 and "no longer open" in answer.text and "<html" not in answer.text
    assert client.post(f"/friends/{viewer.id}/request").status_code == 422
    services.block(mira.id, viewer.id)
    answer = client.post(f"/people/{mira.id}/follow")
    assert answer.status_code == 403 and "You cannot follow this person." in answer.text


def test_who_is_blocked_sees_the_profile_as_before_and_their_request_looks_sent(client, viewer, mira):
    before = client.get(f"/people/{mira.id}").text
    services.block(mira.id, viewer.id)
    assert client.get(f"/people/{mira.id}").text.count("<form") == before.count("<form")
    assert client.post(f"/friends/{mira.id}/request").status_code == 303
    assert "Request sent" in client.get(f"/people/{mira.id}").text


def test_blocking_and_removing_ask_first_and_end_it_then(client, viewer, mira):
    befriend(viewer, mira)
    assert "Remove Mira from your friends?" in client.get(f"/friends/{mira.id}/remove").text
    assert "Block Mira?" in client.get(f"/people/{mira.id}/block?next=//evil.example").text
    assert db.session.scalar(select(Friendship.accepted_at)) is not None, "a GET changes nothing"
    assert client.post(f"/friends/{mira.id}/remove").status_code == 303
    db.session.rollback()
    assert db.session.scalar(select(Friendship)) is None
    assert client.post(f"/people/{mira.id}/block").location == f"/people/{mira.id}"
    page = client.get(f"/people/{mira.id}").text
    assert "You have blocked Mira" in page and "Unblock" in page and "Add as friend" not in page
    assert client.post(f"/people/{mira.id}/unblock", headers=HTMX).status_code == 200
    assert client.get(f"/people/{viewer.id}/block").status_code == 404


def test_a_way_back_in_any_script_fits_into_a_header(client, viewer, mira):
    answer = client.post(f"/people/{mira.id}/block", data={"next": "/feed?tag=часы"}, headers=HTMX)
    assert answer.headers["HX-Location"] == "/feed?tag=%D1%87%D0%B0%D1%81%D1%8B"


def test_the_page_of_friends_shows_each_list(client, viewer, mira):
    asking, asked, followed, blocked = (factories.user(display_name=name) for name in ("Ana", "Bo", "Cy", "Di"))
    befriend(viewer, mira)
    services.request(asking.id, viewer.id)
    services.request(viewer.id, asked.id)
    services.follow(viewer.id, followed.id)
    services.block(viewer.id, blocked.id)
    first = client.get("/friends").text
    assert "Mira" in first and "A request" in first and "Accept the request of Ana" in first
    for show, name, button in (("received", "Ana", "Decline"), ("sent", "Bo", "Withdraw"), ("followed", "Cy", "Following"),
                               ("blocked", "Di", "Unblock")):
        page = client.get(f"/friends?show={show}").text
        assert name in page and button in page
    for odd in ("?show=nobody", "?page=0", "?page=-5", "?page=99999999999999999999", "?page=x", "?show=sent&page=7"):
        assert client.get(f"/friends{odd}").status_code == 200


def test_a_block_is_taken_back_also_of_somebody_whom_the_house_has_blocked_since(client, viewer):
    gone, other = factories.user(display_name="Gus").id, factories.user(display_name="Hal").id
    for one in (gone, other):
        services.block(viewer.id, one)
        factories.block_by_house(one)
    page = client.get("/friends?show=blocked").text
    assert "Gus" in page and "also blocked by the house" in page and f'href="/people/{gone}"' not in page
    assert client.get(f"/people/{gone}").status_code == 404
    answer = client.post(f"/people/{gone}/unblock")
    assert (answer.status_code, answer.location) == (303, "/friends?show=blocked")
    answer = client.post(f"/people/{other}/unblock", headers=HTMX, data={"part": "block"})
    assert answer.status_code == 200 and "Hal is no longer blocked." in answer.text
    assert "Nobody is blocked" in client.get("/friends?show=blocked").text
    assert client.post(f"/people/{gone}/unblock").status_code == 404, "for everybody else they are not there"


def test_the_own_profile_stands_in_the_menu_behind_me(app, client, viewer):
    def quick(path):
        return client.get(path).text.split('class="bottom-bar"')[1].split("</nav>")[0]

    me = re.search(r'<a href="([^"]+)">(?:(?!</a>).)*Me</a>', quick("/"))[1]
    assert f'<a href="/people/{viewer.id}">Your profile</a>' in client.get(me).text.split('id="content"')[1]
    assert f'<a href="{me}" aria-current="page">' in quick(f"/people/{viewer.id}")
    assert '<a href="/account/login">' in app.test_client().get("/").text.split('class="bottom-bar"')[1]


def test_what_a_followed_seller_puts_on_sale_stands_on_the_first_page_until_one_follows_no_longer(app, client, viewer, mira):
    for title, state in (("Lamp of Mira", "open"), ("Lamp in the drawer", "draft")):
        factories.auction(seller_id=mira.id, title=title, state=state)
    assert "From people you follow" not in client.get("/").text
    services.follow(viewer.id, mira.id)
    part = client.get("/").text.split("From people you follow")[1].split("</section>")[0]
    assert "Lamp of Mira" in part and "drawer" not in part
    assert "From people you follow" not in app.test_client().get("/").text
    services.unfollow(viewer.id, mira.id)
    assert "From people you follow" not in client.get("/").text


def test_long_lists_have_pages_and_cost_the_same_number_of_statements(client, viewer):
    def fill(count):
        for number in range(count):
            befriend(viewer, factories.user(display_name=f"Friend {number:02}"))
            services.request(factories.user().id, viewer.id)

    fill(2)
    client.get("/friends")
    with statements() as few:
        client.get("/friends")
    fill(20)
    with statements() as many:
        page = client.get("/friends").text
    assert len(many) == len(few)
    assert "page=2" in page and "See all" in page
    assert client.get("/friends?page=2").text.count('class="person-row"') == 2


def test_a_profile_costs_the_same_number_of_statements_with_many_lots(client, viewer, mira):
    mira_id = mira.id
    path = f"/people/{mira_id}"
    factories.auction(seller_id=mira_id)
    client.get(path)
    with statements() as few:
        client.get(path)
    for _ in range(14):
        factories.auction(seller_id=mira_id)
    with statements() as many:
        page = client.get(path).text
    assert len(many) == len(few), "\n".join(many)
    assert f"{path}?page=2" in page
    assert client.get(f"{path}?page=2").text.count('class="lot-card') == 3


def test_who_writes_in_the_same_chats_is_suggested_until_the_chat_is_left(app, client, viewer, mira):
    lot = factories.auction(seller_id=mira.id)
    writer, silent, late = (factories.user(display_name=name) for name in ("Wanda", "Silas", "Lars"))
    bidding = factories.user(display_name="Bidou")
    factories.give_money(bidding.id, 10_000)
    factories.bid(lot.id, bidding.id, 2000)
    chat.post(lot.id, writer.id, "Is it brass?")
    assert companions.shared_chats(viewer.id) == {}
    chat.post(lot.id, viewer.id, "It looks like it.")
    group = chat.open_group(viewer.id, "Brass", [silent.id, writer.id])
    chat.post_in(group, viewer.id, "Hello")
    chat.post_in(group, writer.id, "Hello")
    assert companions.shared_chats(viewer.id) == {writer.id: 2}
    page = client.get("/friends").text
    assert "Wanda" in page and "Writes in 2 of your chats" in page and "Silas" not in page
    assert "Bidou" not in page, "who only bids there stays an alias"
    chat.leave(group, viewer.id)
    chat.add(group, chat_admin(group), [late.id])
    chat.post_in(group, late.id, "I am new")
    assert companions.shared_chats(viewer.id) == {writer.id: 1}
    services.block(writer.id, viewer.id)
    assert "Wanda" not in client.get("/friends").text


def chat_admin(group: int) -> int:
    from auctionapp.chat.models import Member

    db.session.rollback()
    return db.session.scalar(select(Member.user_id).where(
        Member.conversation_id == group, Member.is_admin, Member.left_at.is_(None)))


def test_extra_fields_change_nothing(client, viewer, mira):
    other = factories.user()
    client.post(f"/friends/{mira.id}/request", data={"person_id": other.id, "requester_id": mira.id, "accepted_at": "1"})
    db.session.rollback()
    row = db.session.scalar(select(Friendship))
    assert (row.requester_id, row.accepted_at) == (viewer.id, None)
    assert {row.low_id, row.high_id} == {viewer.id, mira.id}
    answer = client.post(f"/friends/{mira.id}/withdraw", headers=HTMX, data={"part": "<script>"})
    assert answer.status_code == 200 and "<script>" not in answer.text


def test_names_are_inert_on_profiles_and_in_lists(client, viewer):
    hostile = factories.user(display_name="<img src=x onerror=alert(1)>", about='"><script>x</script>')
    befriend(viewer, hostile)
    for path in (f"/people/{hostile.id}", "/friends", f"/people/{hostile.id}/block"):
        page = client.get(path).text
        assert "<img src=x" not in page and "<script>x" not in page


def test_how_long_ago_is_kept(app, viewer, mira):
    services.request(viewer.id, mira.id)
    db.session.rollback()
    assert datetime.now(UTC) - db.session.scalar(select(Friendship.created_at)) < timedelta(minutes=1)
