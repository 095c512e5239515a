"""What comes out of order, twice or not at all is put right before any stream hears it."""

import json
import re

import pytest

from auctionapp import wiring
from auctionapp.chat import services
from auctionapp.realtime import catch_up, cursor, frames
from auctionapp.realtime.message import API, PAGE, Message
from auctionapp.realtime.streams import QueueStream
from auctionapp.realtime.topic import Topic
from tests import factories
from tests.counting import statements
from tests.realtime.reader import parse


def news(*numbers, html=None):
    events = [{"sequence": number, "kind": "bid", "payload": {"n": number}, "html": f"<i>{number}</i>"}
              for number in numbers]
    text = json.dumps({"events": events, "state": False, "html": html, "close": False})
    return Message.decode("auction:1", text.encode())


def state():
    return Message("auction:1", None, None, [], "<b>state</b>")


def told(messages):
    return [event["sequence"] for message in messages for event in message.events]


@pytest.fixture
def topic():
    topic = Topic("auction:1")
    topic.last = 10
    return topic


def test_a_later_number_waits_for_the_earlier_one(topic):
    assert topic.arrange(news(12), 1.0) == []
    assert topic.behind_since == 1.0
    assert told(topic.arrange(news(11), 2.0)) == [11, 12]
    assert topic.behind_since is None and topic.parked == []


def test_what_was_told_is_not_told_again(topic):
    assert topic.arrange(news(9, 10), 1.0) == []
    assert told(topic.arrange(news(9, 10, 11, 12), 1.0)) == [11, 12]
    assert topic.arrange(news(11), 1.0) == []


def test_what_the_database_tells_closes_a_gap_even_where_numbers_have_no_event(topic):
    topic.arrange(news(15), 1.0)
    assert told(topic.arrange(Message("auction:1", 14, 10, [], "<b>state</b>"), 2.0)) == [15]
    assert topic.last == 15


def test_a_state_is_told_at_once_and_moves_no_number(topic):
    topic.arrange(news(12), 1.0)
    shown, = topic.arrange(state(), 1.0)
    assert (shown.sequence, topic.last) == (10, 10)


def test_a_state_never_takes_a_stream_back():
    stream = opened(PAGE, "auction:1", seen={"auction:1": 12})
    shown = state()
    shown.sequence = 10
    stream.take(shown)
    stream.take(news(11, 12, 13))
    assert [(frame.id, frame.data) for frame in heard(stream)] == [
        ("a1.12", "<b>state</b>"), ("a1.13", "<i>13</i>")]


def test_before_the_first_reading_of_the_database_everything_waits():
    topic = Topic("auction:1")
    assert topic.arrange(news(6), 1.0) == topic.arrange(news(5), 1.0) == topic.arrange(news(4), 1.0) == []
    assert told(topic.settle(4)) == [5, 6]


def opened(kind, *topics, seen):
    stream = QueueStream(kind, list(topics))
    stream.go_live(seen)
    return stream


def heard(stream):
    stream.end()
    return parse(b"".join(stream.pieces()).decode())


def test_a_stream_leaves_out_what_its_replay_told():
    stream = opened(API, "auction:1", seen={"auction:1": 5})
    stream.take(news(4, 5))
    stream.take(news(5, 6))
    stream.take(news(7))
    assert [frame.id for frame in heard(stream)] == ["6", "7"]


def test_what_came_while_it_was_brought_up_to_date_comes_before_the_rest():
    stream = QueueStream(API, ["auction:1"])
    stream.take(news(5))
    stream.take(news(6))
    stream.go_live({"auction:1": 5})
    stream.take(news(7))
    assert [frame.id for frame in heard(stream)] == ["6", "7"]


def test_a_pages_id_names_all_its_topics():
    stream = opened(PAGE, "auction:1", "person:7", seen={"auction:1": 5, "person:7": 2})
    stream.take(news(6, html="<b>price</b>"))
    stream.take(Message("person:7", 3, 2, [], "<b>wallet</b>"))
    frames_heard = heard(stream)
    assert [frame.id for frame in frames_heard] == ["a1.6-p7.2", "a1.6-p7.3"]
    assert frames_heard[0].data == "<b>price</b><i>6</i>"


def test_a_reader_that_takes_nothing_is_cut_off():
    stream = opened(PAGE, "auction:1", seen={"auction:1": 0})
    for number in range(1, 2000):
        stream.take(news(number))
    assert stream.ended


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_break_cannot_forge_a_frame(end):
    text = f"hello{end}{end}event: closed{end}id: 99{end}data: forged{end}{end}"
    frame, = parse(frames.event(text, "message", "5").decode())
    assert (frame.event, frame.id) == ("message", "5")
    assert frame.data.replace("\n", "") == text.replace(end, "")
    api, = parse(Message("auction:1", 1, 0, [
        {"sequence": 1, "kind": "message", "payload": {"text": text}}]).shared(API, False).decode())
    assert json.loads(api.data) == {"text": text}


@pytest.mark.parametrize("wrong", ["", "x", "a1", "a1.2-", "a1.-2", "a1.2-q3.4", "a1.1e9", "a0.1", "a1." + "9" * 30,
                                   "a1.2\n", "a٣.1", "-".join(["a1.1"] * 100)])
def test_what_is_no_cursor_tells_nothing(wrong):
    assert cursor.read(wrong) == {}


def test_a_cursor_is_read_as_it_was_written():
    seen = {"auction:42": 17, "person:7": 0}
    assert cursor.read(cursor.write(seen)) == seen


def test_the_state_of_many_people_takes_as_many_statements_as_that_of_one(app):
    people = [factories.user().id for _ in range(30)]
    counted = []
    for some in (people[:1], people):
        with statements() as said:
            states = wiring.people_states(some)
        counted.append(len(said))
        assert sorted(states) == some and all("#bar-inbox" in html and "#bar-wallet" in html for html in states.values())
    assert counted[1] <= counted[0]


def test_a_long_absence_is_made_good_in_small_parts_between_which_others_have_their_turn(app):
    ann, ben = factories.user().id, factories.user().id
    chat = services.open_direct(ann, ben).conversation_id
    for number in range(120):
        services.post_in(chat, ann, f"Line {number}.")
    topic = f"conversation:{chat}"
    pieces = [piece.decode() for piece in catch_up.page_opening({topic: 0}, {topic: 120}, 1000)]
    told = [[int(one) for one in re.findall(r"Line (\d+)\.", piece)] for piece in pieces]
    assert [number for part in told for number in part] == list(range(120)), "each once, in order"
    assert max(map(len, told)) == catch_up.LINES_AT_ONCE
