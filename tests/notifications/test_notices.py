"""Notices: outbid, won, lost, sold, unsold, reserve, payment; each once, in the site, live and
by mail (R4, R7; faults 25, 26, 41)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import current_app
from sqlalchemy import delete, select, update

from auctionapp import events, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.auctions.services import bidding, blocking, closing, selling
from auctionapp.clock import SetClock
from auctionapp.extensions import db
from auctionapp.mail.models import Mail
from auctionapp.mail.site import Site
from auctionapp.notifications import handlers, jobs, live
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services import auctions, mailing, writing
from auctionapp.wallet.models import Payment
from tests import factories
from tests.auctions.test_live_fragments import Ear

LATER = SetClock(datetime.now(UTC) + timedelta(hours=2))


def place(lot_id, person_id, cents, kind="manual"):
    return bidding.place_bid(lot_id, bidding.Offer(person_id, kind, cents))


def notices(person_id, kind=None):
    db.session.rollback()
    db.session.expire_all()
    wanted = select(Notice).where(Notice.user_id == person_id).order_by(Notice.id)
    return [notice for notice in db.session.scalars(wanted) if kind in (None, notice.kind)]


def mails(person_id):
    db.session.rollback()
    return db.session.scalars(select(Mail.subject).where(Mail.user_id == person_id).order_by(Mail.id)).all()


def client_of(app, person_id):
    client = app.test_client()
    factories.sign_in(client, db.session.get(User, person_id))
    return client


@pytest.fixture
def people(app):
    """Three bidders with money, who were told nothing yet."""
    found = [factories.bidder(1_000_000) for _ in range(3)]
    db.session.execute(delete(Notice))
    db.session.execute(delete(Mail))
    db.session.commit()
    return found


@pytest.fixture
def lot(app):
    return factories.auction().id


# -- outbid ------------------------------------------------------------------------------------------------------


def test_an_outbid_person_is_told_once(lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    [notice] = notices(people[0])
    assert (notice.kind, notice.auction_id, notice.read_at) == ("outbid", lot, None)
    assert notice.text == "You were outbid on Brass telescope: the bid is 30.00 EUR now."
    assert notice.path == f"/auctions/{lot}#bid-panel"
    assert notices(people[1]) == []


def test_the_same_event_again_changes_nothing(lot, people):
    place(lot, people[0], 2000)
    bid_id = db.session.scalar(select(Bid.id))
    place(lot, people[1], 3000)
    [notice] = notices(people[0])
    version = db.session.get(Auction, lot).version
    assert notice.key == f"outbid:{bid_id}:{version}"
    for _ in range(3):
        handlers.tell_outbid(events.BidsPlaced(lot, ((people[0], bid_id),), version))
    assert len(notices(people[0])) == 1


def test_a_newer_outbid_replaces_the_older_and_leading_again_answers_it(lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    place(lot, people[0], 4000)
    assert [bool(notice.read_at) for notice in notices(people[0])] == [True]
    place(lot, people[1], 5000)
    assert [bool(notice.read_at) for notice in notices(people[0])] == [True, False]


def test_who_leads_again_after_others_bids_went_is_told_when_outbid_once_more(app, lot, people):
    rival = people[2]
    place(lot, people[0], 2000)
    place(lot, rival, 3000)
    assert [bool(notice.read_at) for notice in notices(people[0])] == [False]
    blocking.block(factories.actor(), rival, "Bids without meaning it.", "void")
    db.session.rollback()
    assert db.session.get(Auction, lot).leader_id == people[0]
    assert [bool(notice.read_at) for notice in notices(people[0])] == [True], "leading again answers it"
    assert mail_outbid(app, 5) == 0
    place(lot, people[1], 5000)
    told = notices(people[0])
    assert [bool(notice.read_at) for notice in told] == [True, False] and "the bid is 50.00" in told[1].text
    assert mail_outbid(app, 5) == 1


def mail_outbid(app, minutes_later):
    """What the periodic round does, some minutes from now."""
    later = SetClock(datetime.now(UTC) + timedelta(minutes=minutes_later))
    return mailing.mail_unread(Site.of(app.config), later)


def test_a_lost_lead_that_stays_unread_is_mailed_once_an_hour_and_auction(app, lot, people):
    for number in range(4):
        place(lot, people[number % 2], 2000 + 1000 * number)
    assert mail_outbid(app, 0.5) == 0
    assert mail_outbid(app, 1.1) == 1
    assert mails(people[0]) == ["You were outbid: Brass telescope"]
    place(lot, people[0], 9000)
    place(lot, people[1], 10_000)
    assert mail_outbid(app, 30) == 0
    assert mail_outbid(app, 62) == 1
    assert len(mails(people[0])) == 2


def test_a_lost_lead_that_was_read_or_answered_is_not_mailed(app, lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    writing.mark_read(people[0])
    place(lot, people[0], 4000)
    place(lot, people[1], 5000)
    place(lot, people[0], 6000)
    assert mail_outbid(app, 5) == 1  # the other one
    assert mails(people[0]) == []


def test_who_leads_again_meanwhile_is_not_told(lot, people):
    place(lot, people[0], 2000)
    auctions.tell_outbid([(lot, people[0], 1, 2)], Site.of(current_app.config), "EUR")
    assert notices(people[0]) == []


def test_a_beaten_challenger_is_not_outbid(lot, people):
    place(lot, people[0], 9000, "auto")
    place(lot, people[1], 3000)
    assert notices(people[0]) == notices(people[1]) == []


# -- the close ---------------------------------------------------------------------------------------------------


def test_winner_seller_and_losers_are_told_how_it_ended(lot, people):
    seller_id = db.session.scalar(select(Auction.seller_id))
    for person, cents in zip(people, (2000, 3000, 4000), strict=True):
        place(lot, person, cents)
    closing.close(lot, LATER)
    [won] = notices(people[2])
    assert won.text == "You won Brass telescope for 40.00 EUR. Arrange the hand-over with the seller."
    assert [notice.kind for notice in notices(seller_id)] == ["sold"]
    for loser in people[:2]:
        [lost] = notices(loser, "lost")
        assert lost.text == "Brass telescope went to another bidder for 40.00 EUR."
    assert mails(people[2]) == ["You won: Brass telescope"]
    assert mails(seller_id) == ["Your lot was sold: Brass telescope"]
    assert "An auction has ended: Brass telescope" in mails(people[0])


def test_everybody_with_a_bid_learns_that_a_lowered_reserve_is_met(people):
    lot = factories.auction(reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(days=2))
    place(lot.id, people[0], 2000)
    place(lot.id, people[1], 6000, "auto")
    selling.edit(lot.id, lot.seller_id, {"reserve_price_cents": 5000})
    for person in people[:2]:
        [notice] = notices(person, "reserve")
        assert notice.text == "The seller of Brass telescope lowered the reserve, and it is met now: the bid is 50.00 EUR."
        assert "The reserve is met: Brass telescope" in mails(person)
    assert notices(people[2], "reserve") == []


@pytest.mark.parametrize(("maximum", "lowered_to"), [(6000, 7000), (9500, 5000)])
def test_a_reserve_that_stays_unmet_or_was_met_before_is_no_news(people, maximum, lowered_to):
    lot = factories.auction(reserve_price_cents=9000, ends_at=datetime.now(UTC) + timedelta(days=2))
    place(lot.id, people[0], maximum, "auto")
    selling.edit(lot.id, lot.seller_id, {"reserve_price_cents": lowered_to})
    assert notices(people[0], "reserve") == []


def test_an_unsold_lot_is_told_to_its_seller_and_to_who_bid(app, people):
    seller = factories.seller()
    quiet, reserved = factories.auction(seller.id).id, factories.auction(seller.id, reserve_price_cents=90_000).id
    seller_id = seller.id
    place(reserved, people[0], 2000)
    closing.close(quiet, LATER)
    closing.close(reserved, LATER)
    assert [notice.text for notice in notices(seller_id)] == [
        "Brass telescope was not sold: nobody bid.", "Brass telescope was not sold: the reserve was not met."]
    [lost] = notices(people[0])
    assert "Nothing is held from you" in lost.text


def test_the_end_is_told_once_whatever_is_repeated(lot, people):
    place(lot, people[0], 2000)
    closing.close(lot, LATER)
    for _ in range(3):
        events.dispatch(events.AuctionClosed(lot))
    assert len(notices(people[0])) == 1
    assert mails(people[0]) == ["You won: Brass telescope"]


def test_the_sweep_tells_what_a_lost_reaction_left_untold(lot, people):
    place(lot, people[0], 2000)
    with events.unheard():
        closing.close(lot, LATER)
    assert notices(people[0]) == []
    jobs.announce_missing()
    assert notices(people[0]) == []  # just closed: its own reactions may be under way
    transaction.write(lambda session: session.execute(
        update(Auction).values(closed_at=datetime.now(UTC) - timedelta(seconds=10))))
    jobs.announce_missing()
    jobs.announce_missing()
    assert [notice.kind for notice in notices(people[0])] == ["won"]


# -- payments ----------------------------------------------------------------------------------------------------


@pytest.mark.made_up_books
@pytest.mark.parametrize(("kind", "state", "words"), [
    ("deposit", "completed", "Your deposit of 12.50 EUR was completed."),
    ("withdrawal", "failed", "Your withdrawal of 12.50 EUR failed. The money is available again."),
])
def test_a_finished_payment_is_told_once_in_the_site_and_by_mail(people, kind, state, words):
    payment = Payment(user_id=people[0], kind=kind, amount_cents=1250, state=state, gateway="sandbox",
                      external_reference="r1", created_at=datetime.now(UTC), finished_at=datetime.now(UTC))
    db.session.add(payment)
    db.session.commit()
    payment_id = payment.id
    for _ in range(2):
        events.dispatch(events.PaymentFinished(payment_id))
    assert [notice.text for notice in notices(people[0])] == [words]
    assert mails(people[0]) == [words]


# -- live and pages ----------------------------------------------------------------------------------------------


def test_an_outbid_persons_own_stream_is_told(lot, people, redis_server):
    place(lot, people[0], 20_000, "auto")
    ear = Ear(redis_server.client, f"person:{people[0]}")
    place(lot, people[1], 30_000)
    assert any(message["state"] for _, message in ear.hear())
    own_part = live.render_own_part(lot, people[0])
    assert 'data-own-alias="Bidder 1"' in own_part
    assert "Held from your wallet" not in own_part
    state = live.render_state(people[0])
    assert "You were outbid on" in state
    assert "300.00" in state
    assert '<hx-partial hx-target="#bar-notices" hx-swap="innerHTML">1</hx-partial>' in state
    assert "csrf" not in state


def test_the_banner_stands_on_every_page_until_it_is_answered(app, lot, people):
    client = client_of(app, people[0])
    assert "You were outbid on" not in client.get("/rules").text
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    page = client.get("/rules").text
    assert "You were outbid on" in page
    assert f'href="/auctions/{lot}#bid-panel"' in page
    assert "You were outbid on" in live.render_state(people[0])
    assert "You were outbid on" not in live.render_state(people[1])
    place(lot, people[0], 4000)
    assert "You were outbid on" not in client.get("/rules").text


def test_the_banner_can_be_closed_without_script(app, lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    client = client_of(app, people[0])
    [notice] = notices(people[0])
    closed = client.post("/notifications/read", data={"id": notice.id, "next": "/rules"})
    assert (closed.status_code, closed.location) == (303, "/rules")
    assert "You were outbid on" not in client.get("/rules").text


def test_notices_are_listed_and_marked_as_read_by_their_owner_alone(app, lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    own, other = client_of(app, people[0]), client_of(app, people[1])
    assert "You were outbid on Brass telescope" in own.get("/notifications").text
    assert "You were outbid on" not in other.get("/notifications").text
    [notice] = notices(people[0])
    other.post("/notifications/read", data={"id": notice.id})
    other.post("/notifications/read")
    assert notices(people[0])[0].read_at is None
    assert own.post("/notifications/read").status_code == 303
    assert notices(people[0])[0].read_at is not None


def test_reading_the_list_changes_nothing(app, lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    client_of(app, people[0]).get("/notifications")
    assert notices(people[0])[0].read_at is None


def test_a_guest_is_sent_to_sign_in(client):
    for answer in (client.get("/notifications"), client.post("/notifications/read")):
        assert answer.status_code == 303
        assert answer.location.startswith("/account/login")


@pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "٣", "1.5"])
def test_nonsense_never_breaks_the_pages(app, people, nonsense):
    client = client_of(app, people[0])
    assert client.post("/notifications/read", data={"id": nonsense}).status_code == 400
    assert client.get(f"/notifications?page={nonsense}").status_code in (200, 404)


def test_titles_are_inert_in_notices_banner_and_mail(app, people):
    lot = factories.auction(title="<b>x</b>\r\nBcc: all").id
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    client = client_of(app, people[0])
    for html in (client.get("/notifications").text, client.get("/rules").text, live.render_state(people[0])):
        assert "<b>x" not in html
    assert mail_outbid(app, 5) == 1
    assert "\n" not in mails(people[0])[0]


def test_leading_again_takes_the_notice_from_the_counter_at_once(lot, people):
    place(lot, people[0], 2000)
    place(lot, people[1], 3000)
    assert 'hx-target="#bar-notices" hx-swap="innerHTML">1</hx-partial>' in live.render_state(people[0])
    told = []
    reactions = {event: list(handlers) for event, handlers in events._handlers.items()}
    events.subscribe(reactions | {events.NoticesCreated: [told.append]})
    try:
        place(lot, people[0], 4000)
    finally:
        events.subscribe(reactions)
    assert people[0] in {user_id for event in told for user_id in event.user_ids}
    assert 'hx-target="#bar-notices" hx-swap="innerHTML"></hx-partial>' in live.render_state(people[0])
