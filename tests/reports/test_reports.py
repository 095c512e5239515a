"""Reports: only of what one may see, once for each thing, kept as it stood; administrators are told (faults 41, 52)."""

import pytest
from sqlalchemy import select

from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction
from auctionapp.chat.models import Message
from auctionapp.chat.queries import chats
from auctionapp.chat.services import changing, opening, writing
from auctionapp.extensions import db, limiter
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services.writing import mark_read
from auctionapp.posts import services as posts
from auctionapp.reports import services
from auctionapp.reports.models import Report
from tests import factories
from tests.auctions.bidding_client import client_of, signed_in


@pytest.fixture
def seller(app):
    return factories.seller().id


def reports() -> list[Report]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Report).order_by(Report.id)))


def notices_of(user_id) -> list[tuple[str, bool]]:
    db.session.rollback()
    rows = db.session.execute(select(Notice.text, Notice.read_at).where(Notice.user_id == user_id).order_by(Notice.id))
    return [(row.text, row.read_at is None) for row in rows]


def test_a_report_needs_a_reason_and_is_counted_by_the_day(app, seller, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    lots = [factories.auction(seller).id for _ in range(11)]
    client, _person = signed_in(app)
    assert client.get(f"/auctions/{lots[0]}/report").status_code == 200
    assert client.post(f"/auctions/{lots[0]}/report", data={"reason": " "}).status_code == 422
    too_long = client.post(f"/report/auction/{lots[0]}", data={"reason": "x" * 1001})
    assert too_long.status_code == 422 and "x" * 1001 in too_long.text
    codes = [client.post(f"/report/auction/{lot}", data={"reason": "A copy"}).status_code for lot in lots]
    assert codes == [303] * 10 + [429]
    assert client.post(f"/auctions/{lots[0]}/report", data={"reason": "Surely a copy"}).status_code == 303
    assert len(reports()) == 10


def test_a_second_report_replaces_the_words_of_the_first(app, seller):
    lot = factories.auction(seller).id
    client, person = signed_in(app)
    for reason in ("A copy", "Stolen from a museum"):
        assert client.post(f"/report/auction/{lot}", data={"reason": reason}).status_code == 303
    [report] = reports()
    assert (report.reason, report.reporter_id, report.subject_kind) == ("Stolen from a museum", person, "auction")


def test_what_was_reported_is_kept_as_it_stood(app, seller):
    lot = factories.auction(seller, description="Real ivory.").id
    client, _person = signed_in(app)
    client.post(f"/report/auction/{lot}", data={"reason": "Forbidden"})
    db.session.get(Auction, lot).description = "Old bone."
    db.session.commit()
    assert reports()[0].subject_text == "Brass telescope\n\nReal ivory."


def test_a_person_can_be_reported_and_nobody_reports_what_is_their_own(app, seller):
    lot = factories.auction(seller).id
    client, person = signed_in(app)
    assert "Report Person" in client.get(f"/report/person/{seller}").text
    assert client.post(f"/report/person/{seller}", data={"reason": "Bothers people"}).location == f"/people/{seller}"
    assert client.post(f"/report/person/{person}", data={"reason": "x"}).status_code == 403
    assert client_of(app, seller).post(f"/report/auction/{lot}", data={"reason": "x"}).status_code == 403
    assert len(reports()) == 1


@pytest.mark.parametrize("path", ["/report/auction/99", "/report/message/1", "/report/post/1", "/report/comment/1",
                                  "/report/person/99", "/report/wallet/1", "/report/auction/x"])
def test_what_does_not_exist_for_a_person_is_404(app, path):
    client, _person = signed_in(app)
    assert client.get(path).status_code == client.post(path, data={"reason": "x"}).status_code == 404


def test_somebody_elses_draft_and_a_blocked_person_do_not_exist(app, seller):
    draft = factories.auction(seller, state="draft").id
    blocked = factories.user(blocked_at=factories.datetime.now(factories.UTC)).id
    client, _person = signed_in(app)
    for path in (f"/report/auction/{draft}", f"/auctions/{draft}/report", f"/report/person/{blocked}"):
        assert client.get(path).status_code == client.post(path, data={"reason": "x"}).status_code == 404


def test_a_guest_is_sent_to_sign_in(client, seller):
    lot = factories.auction(seller).id
    for path in (f"/report/auction/{lot}", f"/auctions/{lot}/report"):
        assert client.get(path).location.startswith("/account/login?next=")


def test_administrators_have_one_notice_that_gathers_and_begins_again_once_it_is_read(app, seller):
    admin = factories.user(role="admin").id
    lots = [factories.auction(seller).id for _ in range(4)]
    _client, person = signed_in(app)
    services.report(person, "auction", lots[0], "A copy")
    assert notices_of(admin) == [("Somebody reported a lot.", True)]
    services.report(person, "auction", lots[0], "Surely a copy")
    assert notices_of(admin) == [("Somebody reported a lot.", True)]
    services.report(person, "person", seller, "Sells copies")
    assert notices_of(admin) == [("2 new reports, the last of a person.", True)]
    mark_read(admin)
    services.report(person, "auction", lots[1], "A copy too")
    assert notices_of(admin) == [("Somebody reported a lot.", True)]
    services.report(person, "auction", lots[2], "And this")
    assert notices_of(admin) == [("2 new reports, the last of a lot.", True)]
    assert notices_of(seller) == []


def test_only_administrators_read_reports_and_the_words_in_them_are_inert(app, seller):
    lot = factories.auction(seller, description="<b>bold</b>").id
    client, person = signed_in(app)
    services.report(person, "auction", lot, "<i>really</i>")
    administrator = factories.user(role="admin").id
    admin = client_of(app, administrator)
    services.report(factories.user().id, "auction", lot, "A copy")
    assert admin.get("/reports").location == "/admin/reports/"
    assert "&lt;i&gt;really" in admin.get("/admin/reports/").text
    page = admin.get(f"/admin/reports/{reports()[0].id}/").text
    assert "&lt;i&gt;really" in page and "&lt;b&gt;bold" in page and "<b>bold" not in page
    assert db.session.get(User, person).display_name in page
    for one in (client, client_of(app, seller)):
        assert one.get("/reports", follow_redirects=True).status_code == 403


# -- messages, posts, comments ---------------------------------------------------------------------------------------


@pytest.fixture
def people(app):
    return [factories.user().id for _ in range(3)]


def test_a_message_is_reported_by_who_reads_its_chat_and_kept_when_it_is_deleted(app, people):
    author, reader, stranger = people
    chat = opening.open_direct(author, reader).conversation_id
    message = writing.post_in(chat, author, "Send me your password")["id"]
    path = f"/report/message/{message}"
    for client in (client_of(app, stranger), client_of(app, factories.user(role="admin").id)):
        assert client.get(path).status_code == client.post(path, data={"reason": "x"}).status_code == 404
    client = client_of(app, reader)
    assert "Send me your password" in client.get(path).text
    assert client.post(path, data={"reason": "A fraud"}).location == f"/inbox/{chat}#message-{message}"
    changing.delete(message, author)
    [report] = reports()
    assert (report.reason, report.subject_text) == ("A fraud", "Send me your password")
    assert client.get(path).status_code == 404, "what is gone can no longer be reported"


def test_messages_of_the_lobby_and_of_an_auction_are_everybodys_and_a_drafts_are_not(app, people, seller):
    author, reader, _stranger = people
    lot = factories.auction(seller)
    said = [writing.post_in(chats.lobby_id(), author, "Buy from me")["id"], writing.post(lot.id, author, "A copy")["id"]]
    client = client_of(app, reader)
    assert [client.get(f"/report/message/{one}").status_code for one in said] == [200, 200]
    db.session.get(Auction, lot.id).state = "draft"
    db.session.commit()
    assert [client.get(f"/report/message/{one}").status_code for one in said] == [200, 404]


def test_what_happened_to_a_group_is_nobodys_words(app, people):
    author, reader, _stranger = people
    group = opening.open_group(author, "Collectors", [reader])
    system = db.session.scalars(select(Message.id).where(Message.conversation_id == group)).all()
    assert {client_of(app, reader).get(f"/report/message/{one}").status_code for one in system} <= {404}


def test_posts_and_comments_are_reported_while_they_stand(app, people):
    author, reader, commenter = people
    post = factories.post(author, title="Clocks", text="Buy **now**")
    comment = posts.comment(post, commenter, "Buy mine")
    client = client_of(app, reader)
    assert client.post(f"/report/post/{post}", data={"reason": "Advertising"}).location == f"/posts/{post}"
    assert client.post(f"/report/comment/{comment}", data={"reason": "Advertising"}).status_code == 303
    assert [report.subject_text for report in reports()] == ["Clocks\n\nBuy **now**", "Buy mine"]
    posts.remove_comment(post, comment, commenter)
    assert client.get(f"/report/comment/{comment}").status_code == 404
    posts.delete(post, author)
    assert client.get(f"/report/post/{post}").status_code == 404
