"""Streams of real web processes: nothing missed, nothing twice, ended when they must."""

import socket
import time
import urllib.error
import urllib.request

from auctionapp import bus, events, topics
from auctionapp.accounts.models import SignIn
from auctionapp.auctions.services import bidding
from auctionapp.chat import services
from auctionapp.extensions import db
from tests import factories
from tests.realtime import shared
from tests.realtime.conftest import commit_news, events_path, page_path, tell_news

app, web, leave = shared.app, shared.web, shared.leave


def cookie_of(app, person):
    """The cookie of a new sign-in of this person."""
    client = app.test_client()
    factories.sign_in(client, person)
    return f"gavel={client.get_cookie('gavel').value}"


def status_of(web, path, **headers):
    request = urllib.request.Request(web.url + path, headers={"Accept": "text/event-stream"} | headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_page_gets_lines_missed_since_its_rendering_and_then_each_once(app, web, lot):
    author = factories.user().id
    before = [services.post(lot, author, f"early {number}")["id"] for number in range(3)]
    reader = web.read(f"{page_path(lot)}?last=a{lot}.1").wait_until_open()
    later = services.post(lot, author, "late\n\nevent: closed\ndata: forged")["id"]
    reader.wait_for(lambda reader: f'id="message-{later}"' in reader.text)
    lines = [line for line in before + [later] if f'id="message-{line}"' in reader.text]
    assert lines == [before[1], before[2], later]
    assert reader.text.count(f'id="message-{later}"') == 1
    assert {frame.event for frame in reader.frames} <= {"", "heartbeat"}
    assert reader.frames[-1].id == f"a{lot}.4"
    reader.hang_up()
    again = web.read(page_path(lot), **{"Last-Event-ID": f"a{lot}.3"}).wait_until_open()
    assert f'id="message-{later}"' in again.text and f'id="message-{before[2]}"' not in again.text


def test_a_lost_publish_shows_within_seconds_or_with_the_next(app, web, lot):
    reader = web.read(events_path(lot)).wait_until_open()
    commit_news(lot)
    assert reader.wait_for(lambda reader: len(reader.events) == 1) < 4
    commit_news(lot)
    tell_news(lot)
    assert reader.wait_for(lambda reader: len(reader.events) == 3) < 1
    assert [frame.id for frame in reader.events] == ["1", "2", "3"]


def test_while_redis_is_away_streams_read_the_database_and_afterwards_hear_again(app, web, lot, redis_server):
    reader = web.read(events_path(lot)).wait_until_open()
    tell_news(lot)
    reader.wait_for(lambda reader: len(reader.events) == 1)
    redis_server.kill()
    try:
        app.extensions["bus"].skip_until = 0
        tell_news(lot)
        assert reader.wait_for(lambda reader: len(reader.events) == 2) < 5
    finally:
        redis_server.start()
    app.extensions["bus"].skip_until = 0
    time.sleep(1.5)
    tell_news(lot)
    assert reader.wait_for(lambda reader: len(reader.events) == 3) < 3
    assert [frame.id for frame in reader.events] == ["1", "2", "3"]


def test_signing_out_ends_the_private_stream_and_leaves_others(app, web, lot):
    person = factories.user()
    first, second = cookie_of(app, person), cookie_of(app, person)
    streams = [web.read(page_path(lot), Cookie=first).wait_until_open(),
               web.read("/stream", Cookie=first).wait_until_open()]
    other = web.read("/stream", Cookie=second).wait_until_open()
    guest = web.read(page_path(lot)).wait_until_open()
    ended = db.session.query(SignIn).filter_by(user_id=person.id).order_by(SignIn.id).first()
    db.session.delete(ended)
    db.session.commit()
    for stream in streams:
        assert stream.wait_for(lambda reader: reader.ended_cleanly) < 5
    assert not other.ended_cleanly and not guest.ended_cleanly
    bus.publish(bus.News(topics.person_topic(person.id), close=[ended.id + 1]))
    assert other.wait_for(lambda reader: reader.ended_cleanly) < 0.5
    assert status_of(web, "/stream", Cookie=first) == 401


def test_the_hand_over_is_live_for_the_two_and_for_nobody_else(app, web):
    seller, winner, stranger = factories.seller(), factories.user(), factories.user()
    lot = factories.sold_auction(seller, winner).id
    thread = services.open_handover(lot)
    pair = [web.read(f"/inbox/{thread}/stream", Cookie=cookie_of(app, person)).wait_until_open()
            for person in (seller, winner)]
    other = web.read(page_path(lot), Cookie=cookie_of(app, stranger)).wait_until_open()
    shown = services.post_handover(lot, winner.id, "When may I come?")
    services.post(lot, stranger.id, "Congratulations")
    for reader in pair:
        reader.wait_for(lambda reader: f'id="message-{shown["id"]}"' in reader.text)
        assert f'hx-target="#chat-lines-handover-{lot}"' in reader.text
    other.wait_for(lambda reader: "Congratulations" in reader.text)
    assert status_of(web, f"/inbox/{thread}/stream", Cookie=cookie_of(app, stranger)) == 404
    assert "When may I come?" not in other.text


def test_another_persons_topic_is_out_of_reach(app, web, lot):
    victim, curious = factories.user(), factories.user()
    reader = web.read(f"{page_path(lot)}?last=a{lot}.0-p{victim.id}.0", Cookie=cookie_of(app, curious)).wait_until_open()
    bus.publish(bus.News(topics.person_topic(victim.id), html="<b>secret</b>"))
    bus.publish(bus.News(topics.person_topic(curious.id), html="<b>own</b>"))
    reader.wait_for(lambda reader: "<b>own</b>" in reader.text)
    assert "secret" not in reader.text and f"p{victim.id}" not in reader.text


def test_what_may_not_be_seen_is_not_found_and_wrong_cursors_are_no_failure(app, web, lot):
    seller = factories.seller()
    draft = factories.auction(seller_id=seller.id, state="draft", starts_at=None).id
    assert status_of(web, page_path(draft)) == 404
    assert status_of(web, events_path(draft)) == 404
    assert status_of(web, page_path(draft), Cookie=cookie_of(app, seller)) == 200
    assert status_of(web, page_path(999999)) == 404
    assert status_of(web, page_path(10**30)) == 404
    assert status_of(web, "/stream") == 401
    assert status_of(web, events_path(lot), **{"Last-Event-ID": "x"}) == 400
    assert status_of(web, events_path(lot), **{"Last-Event-ID": "9" * 18}) == 200
    for wrong in ("x", "a1", "-", "9" * 500, f"a{lot}.999999999"):
        assert status_of(web, page_path(lot), **{"Last-Event-ID": wrong}) == 200


def test_a_reader_that_does_not_read_is_cut_off_and_costs_no_memory(app, web, lot):
    slow = []
    for _ in range(20):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", web.port))
        one.sendall(f"GET {page_path(lot)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        slow.append(one)
    reader = web.read(page_path(lot)).wait_until_open()
    reader.wait_for(lambda _reader: web.open_streams() == 21)
    memory_kb = web.memory_kb()
    big = "x" * 50_000
    for number in range(40):
        bus.publish(bus.News(topics.auction_topic(lot), html=f"<b>{number:04} {big}</b>"))
        time.sleep(0.01)
    reader.wait_for(lambda reader: "<b>0039" in reader.text)
    assert [f"<b>{number:04}" in reader.text for number in range(40)] == [True] * 40
    assert web.open_streams() == 1
    assert web.memory_kb() - memory_kb < 20 * 2000
    for one in slow:
        one.close()


def shows_price(lot, amount):
    return lambda reader: f"[data-price-of='{lot}']" in reader.text and amount in reader.text


def test_a_page_hears_the_prices_of_the_lots_on_its_cards(app, web, lot):
    draft = factories.auction(state="draft").id
    bidder = factories.bidder(1_000_000)
    cookie = cookie_of(app, factories.user())
    reader = web.read(f"/stream?prices={lot}.{draft}.999999.x.-1.{'9' * 19}", Cookie=cookie).wait_until_open()
    reader.wait_for(shows_price(lot, "10.00"))
    assert f"'{draft}'" not in reader.text
    other = web.read("/stream", Cookie=cookie).wait_until_open()
    bidding.place_bid(lot, bidding.Offer(bidder, "manual", 4200))
    assert reader.wait_for(shows_price(lot, "42.00")) < 2
    told = reader.text.count("data-price-of")
    services.post(lot, bidder, "A chat line moves no price")
    bus.publish(bus.News(topics.auction_topic(lot), html="<b>not for cards</b>"))
    bidding.place_bid(lot, bidding.Offer(bidder, "manual", 5200))
    reader.wait_for(shows_price(lot, "52.00"))
    assert reader.text.count("data-price-of") == told + 1
    assert "A chat line" not in reader.text and "not for cards" not in reader.text
    assert "data-price-of" not in other.text
    assert not any("p" in frame.id.partition("p")[2] for frame in reader.frames if frame.id)


def test_the_auctions_own_page_may_carry_prices_of_others_and_a_lost_publish_shows(app, web, lot):
    second = factories.auction().id
    bidder = factories.bidder(1_000_000)
    reader = web.read(f"{page_path(lot)}?prices={second}").wait_until_open()
    with events.unheard():
        bidding.place_bid(second, bidding.Offer(bidder, "manual", 4200))
    assert reader.wait_for(shows_price(second, "42.00")) < 5
    line = services.post(lot, bidder, "Its own lines still come")["id"]
    reader.wait_for(lambda reader: f'id="message-{line}"' in reader.text)
    assert reader.frames[-1].id == f"a{lot}.1"
