"""What administrators do through the pages of the desk, and what the log keeps of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from auctionapp.accounts.models import SignIn, User
from auctionapp.announcements import queries as announcements
from auctionapp.auctions.models import Auction, AuctionTag, Category, HouseSettings, IncrementTable, Tag
from auctionapp.chat.models import Message
from auctionapp.chat.services import open_direct, post_in
from auctionapp.chat.services import post as say
from auctionapp.extensions import db
from auctionapp.posts.models import Comment, Post
from auctionapp.posts.services import comment
from auctionapp.reports.models import Report
from auctionapp.wallet.models import Transfer
from tests import factories
from tests.admin.desk import balances, fresh, last_entry, report, send
from tests.factories import assert_ledger_clean, auction, bid, bidder

# People


def test_people_are_found_by_name_address_and_number_and_by_page(client, admin):
    ada = factories.user(display_name="Ada Moreau", email="ada@example.org")
    factories.user(display_name="100%_sure", email="sure@example.org")
    for words in ("moreau", "ADA@EXAMPLE", str(ada.id)):
        assert "Ada Moreau" in client.get("/admin/people/", query_string={"q": words}).text
    assert "Ada Moreau" not in client.get("/admin/people/?q=%25_").text
    assert "Nobody is found like that." in client.get("/admin/people/?q=zzz").text
    for _ in range(55):
        factories.user()
    first = client.get("/admin/people/").text
    assert "Older" in first and "Ada Moreau" not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Ada Moreau" in client.get(older).text
    for hostile in ("before=x", "before=-1", "before=" + "9" * 40, "role=king", "q=" + "%00"):
        assert client.get(f"/admin/people/?{hostile}").status_code == 200


def test_a_person_is_blocked_through_the_page_with_a_reason_and_a_choice(app, client, admin):
    lot, leader = auction().id, bidder(100_000)
    other = app.test_client()
    factories.sign_in(other, db.session.get(User, leader))
    bid(lot, leader, 5_000)
    refused = client.post(f"/admin/people/{leader}/block", data={"reason": "", "bids": "stay"})
    assert refused.status_code == 422 and "Give a reason." in refused.text
    refused = client.post(f"/admin/people/{leader}/block", data={"reason": "A stolen account."})
    assert refused.status_code == 422 and "Choose what becomes of the bids." in refused.text
    assert "A stolen account." in refused.text, "what was typed stays"
    said = send(client, f"/admin/people/{leader}/block", reason="A stolen account.", bids="void")
    assert "is blocked." in said and "A stolen account." in said
    assert fresh(Auction, lot).leader_id is None
    assert_ledger_clean()
    assert other.get("/dashboard/wallet").status_code == 303
    assert "may come in again" in send(client, f"/admin/people/{leader}/unblock", reason="It was given back.")
    assert fresh(User, leader).blocked_at is None


def test_roles_change_but_never_ones_own(client, admin):
    person = factories.user()
    assert "is seller now" in send(client, f"/admin/people/{person.id}/role", role="seller", reason="Known to us.")
    entry = last_entry()
    assert (entry.action, entry.before, entry.after) == ("set_role", {"role": "user"}, {"role": "seller"})
    refused = client.post(f"/admin/people/{admin.id}/role", data={"role": "user", "reason": "Enough."})
    assert refused.status_code == 422 and "your own role" in refused.text
    assert client.post(f"/admin/people/{person.id}/role", data={"role": "king", "reason": "Why not."}).status_code == 422


def test_sessions_are_ended_and_the_person_may_sign_in_again(app, client, admin):
    person, other = factories.user(), app.test_client()
    factories.sign_in(other, person)
    assert other.get("/dashboard/wallet").status_code == 200
    send(client, f"/admin/people/{person.id}/end-sessions")
    assert other.get("/dashboard/wallet").status_code == 303
    assert fresh(User, person.id).blocked_at is None
    assert db.session.query(SignIn).filter_by(user_id=person.id).count() == 0
    assert (last_entry().before, last_entry().after) == ({"sign_ins": 1}, {"sign_ins": 0})


def test_what_a_person_did_is_listed_and_private_messages_are_not(client, admin):
    person, other = factories.seller(), factories.user()
    auction(seller_id=person.id, title="Brass telescope")
    factories.post(person.id, "Night Ferry")
    post_in(open_direct(person.id, other.id).conversation_id, person.id, "Between the two of us")
    page = client.get(f"/admin/people/{person.id}/").text
    assert "Brass telescope" in page and "Night Ferry" in page
    assert "Between the two of us" not in page


# Money


def test_an_adjustment_is_one_more_transfer_with_a_reason_and_happens_once(client, admin):
    person = bidder(10_000)
    form = {"direction": "take", "amount": "25,50", "reason": "Paid out in cash at the desk.", "key": "one-form"}
    assert "25.50\N{NO-BREAK SPACE}EUR taken." in send(client, f"/admin/people/{person}/adjust", **form)
    assert "was made already" in send(client, f"/admin/people/{person}/adjust", **form)
    assert balances(person)["available"] == 7_450
    transfer = db.session.scalars(select(Transfer).where(Transfer.kind == "adjustment")).one()
    assert (transfer.amount_cents, transfer.reason) == (2_550, "Paid out in cash at the desk.")
    entry = last_entry()
    assert (entry.before["available_cents"], entry.after["available_cents"]) == (10_000, 7_450)
    assert_ledger_clean()
    too_much = client.post(f"/admin/people/{person}/adjust", data=form | {"amount": "74.51", "key": "another"})
    assert too_much.status_code == 422
    for amount in ("", "0", "-5", "NaN", "1e9", "99999999999"):
        assert client.post(f"/admin/people/{person}/adjust", data=form | {"amount": amount, "key": "third"}).status_code == 422
    send(client, f"/admin/people/{person}/adjust", **(form | {"direction": "add", "amount": "0.01", "key": "fourth"}))
    assert balances(person)["available"] == 7_451
    assert_ledger_clean()


@pytest.mark.parametrize("page", ["bids", "transfers", "payments", "log"])
def test_bids_money_and_the_log_are_only_read(client, admin, page):
    lot, person = auction().id, bidder(50_000)
    bid(lot, person, 5_000)
    shown = client.get(f"/admin/{page}/?person={person}")
    assert shown.status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(f"/admin/{page}/").status_code == 405


# Auctions


def test_a_lot_is_suspended_goes_on_and_is_withdrawn_with_a_public_reason(client, admin):
    lot, leader = auction().id, bidder(50_000)
    bid(lot, leader, 5_000)
    assert "is suspended" in send(client, f"/admin/auctions/{lot}/suspend", reason="We check where it comes from.")
    assert fresh(Auction, lot).state == "suspended"
    assert balances(leader)["held"] == 0
    assert_ledger_clean()
    assert "We check where it comes from." in client.get(f"/auctions/{lot}").text
    assert "goes on" in send(client, f"/admin/auctions/{lot}/resume", reason="It is all right.")
    assert balances(leader)["held"] == 5_000
    assert_ledger_clean()
    assert "is withdrawn" in send(client, f"/admin/auctions/{lot}/withdraw", reason="It was stolen.")
    left = fresh(Auction, lot)
    assert (left.state, left.ended_reason, balances(leader)["held"]) == ("cancelled", "It was stolen.", 0)
    assert_ledger_clean()
    assert "It was stolen." in client.get(f"/auctions/{lot}").text
    entry = last_entry()
    assert (entry.before["state"], entry.after["state"], entry.reason) == ("open", "cancelled", "It was stolen.")
    again = client.post(f"/admin/auctions/{lot}/withdraw", data={"reason": "Once more."})
    assert again.status_code == 422 and "This auction is over" in again.text


def test_seller_and_bidders_are_told_of_a_withdrawal(client, admin):
    from auctionapp.notifications.models import Notice

    seller, leader = factories.seller(), bidder(50_000)
    lot = auction(seller_id=seller.id).id
    bid(lot, leader, 5_000)
    send(client, f"/admin/auctions/{lot}/withdraw", reason="It was stolen.")
    told = dict(db.session.execute(select(Notice.user_id, Notice.text).where(Notice.kind == "stopped")).all())
    assert set(told) == {seller.id, leader}
    assert "It was stolen." in told[leader]


def test_a_featured_lot_stands_on_the_home_page_while_it_is_on_sale(client, admin):
    lot = auction(title="A lot of note").id
    heading = "Chosen by the house"
    assert heading not in client.get("/").text
    send(client, f"/admin/auctions/{lot}/feature", shown="1")
    assert heading in client.get("/").text
    send(client, f"/admin/auctions/{lot}/feature", shown="0")
    assert heading not in client.get("/").text


# The house


def test_categories_make_a_tree_whose_lots_are_found_from_above(client, admin):
    art = db.session.query(Category).order_by(Category.position, Category.id).first()
    top, slug = art.id, art.slug
    send(client, "/admin/categories/new", name="Prints & Posters", parent=str(top))
    db.session.rollback()
    below = db.session.query(Category).filter_by(slug="prints-posters").one()
    assert below.parent_id == top
    lot = auction(title="A woodcut of cranes", category_id=below.id).id
    found = client.get(f"/auctions?category={slug}").text
    assert "A woodcut of cranes" in found and "1 lot" in found
    assert client.get(f"/api/v1/auctions?category={slug}").json["total"] == 1
    circle = client.post(f"/admin/categories/{top}/edit", data={"name": "Art", "parent": str(below.id)})
    assert circle.status_code == 422 and "below itself" in circle.text
    assert "cannot be removed" in send(client, f"/admin/categories/{below.id}/remove")
    assert fresh(Auction, lot) is not None
    before = [row.name for row in db.session.query(Category).filter_by(parent_id=None).order_by(Category.position)]
    second = db.session.query(Category).filter_by(name=before[1]).one().id
    send(client, f"/admin/categories/{second}/move", to="up")
    db.session.rollback()
    after = [row.name for row in db.session.query(Category).filter_by(parent_id=None).order_by(Category.position)]
    assert after[:2] == before[1::-1]


def test_merged_tags_keep_every_lot_and_post(client, admin):
    from auctionapp import transaction

    one, two = Tag(slug="clock", name="clock"), Tag(slug="clocks", name="Clocks")
    transaction.write(lambda session: session.add_all([one, two]))
    first, both = auction().id, auction().id
    transaction.write(lambda session: session.add_all([
        AuctionTag(auction_id=first, tag_id=one.id), AuctionTag(auction_id=both, tag_id=one.id),
        AuctionTag(auction_id=both, tag_id=two.id)]))
    post = factories.post(tags=("clock",))
    wrong = client.post(f"/admin/tags/{one.id}/merge", data={"into": "watches"})
    assert wrong.status_code == 422 and "There is no such tag." in wrong.text
    send(client, f"/admin/tags/{one.id}/merge", into="clocks")
    db.session.rollback()
    assert set(db.session.scalars(select(AuctionTag.auction_id).where(AuctionTag.tag_id == two.id))) == {first, both}
    assert db.session.query(Tag).filter_by(slug="clock").count() == 0
    assert "Clocks" in client.get("/admin/tags/").text
    assert post


def test_new_increments_are_a_new_version_and_lots_keep_theirs(client, admin):
    lot = auction().id
    for wrong in ("10: 1", "10: 1\n5: 2\nabove: 3", "above: 0", "ten: 1\nabove: 2", ""):
        assert client.post("/admin/house/increments", data={"steps": wrong}).status_code == 422, wrong
    send(client, "/admin/house/increments", steps="9.99: 0.50\r\n99.99: 2\r\nabove: 10")
    house = fresh(HouseSettings, 1)
    assert house.increment_table_id != fresh(Auction, lot).increment_table_id
    assert db.session.get(IncrementTable, house.increment_table_id).steps == [[999, 50], [9999, 200], [None, 1000]]
    assert "9.99" in client.get("/rules").text


def test_settings_count_from_now_on_and_are_logged(client, admin):
    form = {"commission": "7.5", "soft_close_seconds": "60", "soft_close_cap_seconds": "1800", "reason": "From December on."}
    send(client, "/admin/house/settings", **form)
    assert "7.5" in client.get("/fees").text
    entry = last_entry()
    assert (entry.before["commission_basis_points"], entry.after["commission_basis_points"]) == (500, 750)
    for wrong in ({"commission": "51"}, {"commission": "-1"}, {"commission": "five"}, {"soft_close_seconds": "9999"},
                  {"soft_close_cap_seconds": "-1"}):
        assert client.post("/admin/house/settings", data=form | wrong).status_code == 422, wrong


def test_an_announcement_is_seen_by_everybody_between_its_times(app, client, admin):
    guest = app.test_client()
    until = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M}"
    send(client, "/admin/announcements/new", text="Closed for an hour <b>tonight</b>", tone="warning", ends_at=until)
    assert "Closed for an hour &lt;b&gt;tonight&lt;/b&gt;" in guest.get("/").text
    [one] = announcements.newest()
    send(client, f"/admin/announcements/{one.id}/end")
    assert "Closed for an hour" not in guest.get("/").text
    later = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    send(client, "/admin/announcements/new", text="In an hour", tone="info", starts_at=later, ends_at=until)
    assert "In an hour" not in guest.get("/").text
    for wrong in ("2020-01-01T10:00", "yesterday", "", "2026-13-40T99:00"):
        refused = client.post("/admin/announcements/new", data={"text": "x", "tone": "info", "ends_at": wrong})
        assert refused.status_code == 422, wrong


def test_what_is_overdue_is_shown_and_closed_by_hand(client, admin):
    lot = auction(ends_at=datetime.now(UTC) - timedelta(minutes=1), close_failures=3,
                  close_again_at=datetime.now(UTC) + timedelta(minutes=5)).id
    shown = client.get("/admin/jobs/").text
    assert "Close what is due now" in shown and "Brass telescope" in shown
    assert "is overdue" in client.get("/admin/").text
    assert "1 closed" in send(client, "/admin/jobs/close-due")
    assert fresh(Auction, lot).state == "unsold"
    assert "Nothing is overdue." in client.get("/admin/jobs/").text


# Reports


def test_a_report_is_looked_at_its_message_removed_and_it_is_closed_with_a_note(client, admin):
    lot, author, reporter = auction().id, factories.user(), factories.user()
    message = say(lot, author.id, "Something very rude")["id"]
    number, twin = report(reporter.id, "message", message), report(factories.user().id, "message", message)
    page = client.get(f"/admin/reports/{number}/").text
    assert "As it stood then" in page and author.display_name in page and f"Report {twin}" in page
    send(client, f"/admin/reports/{number}/remove", reason="Insulting.")
    assert fresh(Message, message).text == ""
    assert "Something very rude" not in client.get(f"/auctions/{lot}").text
    assert "Something very rude" not in client.get(f"/api/v1/auctions/{lot}/messages").text
    send(client, f"/admin/reports/{number}/close", note="Removed the message.")
    assert {fresh(Report, one).note for one in (number, twin)} == {"Removed the message."}
    assert "Nothing waits here." in client.get("/admin/reports/").text
    assert "Removed the message." in client.get("/admin/reports/?state=closed").text


def test_reported_posts_and_comments_are_removed_and_the_log_says_so(client, admin):
    post = factories.post()
    said = comment(post, factories.user().id, "Buy cheap watches")
    send(client, f"/admin/reports/{report(factories.user().id, 'comment', said)}/remove", reason="Advertising.")
    assert fresh(Comment, said).deleted_at is not None
    assert (last_entry().action, last_entry().subject_id) == ("remove_comment", said)
    send(client, f"/admin/reports/{report(factories.user().id, 'post', post)}/remove", reason="Advertising.")
    assert fresh(Post, post).deleted_at is not None
    assert (last_entry().action, last_entry().before, last_entry().after) == (
        "remove_post", {"deleted": False}, {"deleted": True})


def test_what_a_blocked_person_wrote_and_what_stands_under_it_can_be_removed_too(client, admin):
    author = factories.user().id
    post = factories.post(author)
    said = comment(post, factories.user().id, "Buy cheap watches")
    comment_report, post_report = report(factories.user().id, "comment", said), report(factories.user().id, "post", post)
    factories.block_by_house(author)
    send(client, f"/admin/reports/{comment_report}/remove", reason="Advertising.")
    send(client, f"/admin/reports/{post_report}/remove", reason="Advertising.")
    assert fresh(Comment, said).deleted_at is not None and fresh(Post, post).deleted_at is not None
