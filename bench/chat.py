"""(d) Chat: 1,000 people online in 50 groups of 20, 100 messages a second through HTTP, two web processes.

Latency is from the moment at which a message was to be sent to its receipt, on the one monotonic clock of the machine:
a sender that comes late counts against us. And opening a long chat against a short one, and the inbox of 500 chats.
"""

import json
import random
import secrets
import select
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, insert, update

from auctionapp import create_app
from auctionapp.accounts.identity import token_hash
from auctionapp.accounts.models import SignIn
from auctionapp.chat.models import Conversation, Member, Message
from auctionapp.extensions import db
from bench import http_load, servers
from bench.fanout import Readers, compile_client
from bench.house import House, build

GROUPS = 50
MEMBERS = 20
PER_SECOND = 100
SECONDS = 20
CONNECTIONS = 32
LONG, SHORT = 100_000, 100
CHATS = 500
CLIENTS = 8


def measure() -> dict[str, float]:
    """One repetition of the groups."""
    with tempfile.TemporaryDirectory(prefix="gavel-chat-") as name, _house(GROUPS * MEMBERS) as (house, environment):
        folder = Path(name)
        groups = _groups(environment, house)
        messages = PER_SECOND * SECONDS
        with servers.web(environment) as web:
            own = folder / "own"
            cookies = _cookies(environment, house.people)
            own.write_text("".join(f"/inbox/{groups[place // MEMBERS]}/stream\t{cookie}\n"
                                   for place, cookie in enumerate(cookies)))
            readers = Readers(compile_client(folder), folder, web.port, "-F", str(own), messages=messages // GROUPS)
            _send(web.port, house, groups, PER_SECOND * 2, "W")  # to warm up
            time.sleep(2)
            cpu = web.cpu_seconds()
            late = _send(web.port, house, groups, messages, "T=")
            cpu = web.cpu_seconds() - cpu
            time.sleep(1)  # the last ones are under way
            received = readers.finish()
    deliveries = messages * MEMBERS
    return {"p50_ms": received.percentile(0.5), "p99_ms": received.percentile(0.99),
            "delivered_share": len(received.latencies_ms) / deliveries, "complete": received.complete,
            "web_cpu_share": cpu / SECONDS / 2, "answered_late_share": late / messages}


def measure_opening() -> dict[str, float]:
    """One repetition of the pages."""
    with _house(CHATS + 1) as (house, environment):
        long_id, short_id = _chats(environment, house)
        [cookie] = _cookies(environment, house.people[:1])

        def get(path: str) -> Callable[[], bytes]:
            return lambda: f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()

        with servers.web(environment) as web:
            loads = {}
            paths = (f"/inbox/{short_id}", f"/inbox/{long_id}", "/inbox")
            for path in paths:
                http_load.run(web.port, CLIENTS, 2.0, get(path))  # to warm up
            for path in paths:
                loads[path] = http_load.run(web.port, CLIENTS, 4.0, get(path))
                if set(loads[path].statuses) != {200}:
                    raise RuntimeError(f"{path}: not every answer was 200: {loads[path].statuses}")
        few, many = _queries(environment, "/inbox", house.people[1:2])[0], _queries(environment, "/inbox", house.people[:1])[0]
    short, long, inbox = loads.values()
    return {"100_messages_p50_ms": short.percentile_ms(0.5), "100,000_messages_p50_ms": long.percentile_ms(0.5),
            "ratio": long.percentile_ms(0.5) / short.percentile_ms(0.5), "inbox_p50_ms": inbox.percentile_ms(0.5),
            "inbox_of_1_queries": few, "inbox_of_500_queries": many}


@contextmanager
def _house(people: int) -> Iterator[tuple[House, dict[str, str]]]:
    with servers.postgres() as postgres, servers.redis() as redis:
        servers.tool(postgres, "createdb", "gavel")
        url = postgres.url("gavel")
        yield (build(url, auctions=1, bidders=people),
               {"DATABASE_URL": url, "REDIS_URL": redis.url, "SECRET_KEY": "only for measuring, and long enough"})


def _app(environment: dict[str, str]):
    return create_app({"SQLALCHEMY_DATABASE_URI": environment["DATABASE_URL"], "REDIS_URL": environment["REDIS_URL"],
                       "SECRET_KEY": environment["SECRET_KEY"], "RATELIMIT_ENABLED": False})


def _groups(environment: dict[str, str], house: House) -> list[int]:
    with _app(environment).app_context():
        now = datetime.now(UTC)
        groups = list(db.session.scalars(insert(Conversation).returning(Conversation.id), [
            {"kind": "group", "name": f"Group {number}", "creator_id": house.people[number * MEMBERS], "created_at": now,
             "last_message_at": now} for number in range(GROUPS)]))
        db.session.execute(insert(Member), [
            {"conversation_id": groups[place // MEMBERS], "user_id": person, "joined_at": now,
             "is_admin": place % MEMBERS == 0} for place, person in enumerate(house.people)])
        db.session.commit()
        db.engine.dispose()
    return groups


def _chats(environment: dict[str, str], house: House) -> tuple[int, int]:
    """500 direct chats of the first person: of them one with 100,000 messages, one with 100, the others with one."""
    with _app(environment).app_context():
        now = datetime.now(UTC)
        first = house.people[0]
        chats = list(db.session.scalars(insert(Conversation).returning(Conversation.id), [
            {"kind": "direct", "low_id": first, "high_id": other, "creator_id": first, "created_at": now,
             "last_message_at": now} for other in house.people[1:]]))
        db.session.execute(insert(Member), [
            {"conversation_id": chat, "user_id": person, "joined_at": now}
            for chat, other in zip(chats, house.people[1:], strict=True) for person in (first, other)])
        for chat, other, count in zip(chats, house.people[1:], [LONG, SHORT] + [1] * (CHATS - 2), strict=True):
            ids = list(db.session.scalars(insert(Message).returning(Message.id), [
                {"conversation_id": chat, "number": number, "author_id": (first, other)[number % 2],
                 "text": f"Message {number}, of about the usual length of what people write", "created_at": now}
                for number in range(1, count + 1)]))
            db.session.execute(update(Conversation).where(Conversation.id == chat).values(
                last_number=count, last_message_id=ids[-1], topic_sequence=count,
                last_message_at=now + timedelta(seconds=chat)))
        db.session.commit()
        db.engine.dispose()
    _analyze(environment)
    return chats[0], chats[1]


def _analyze(environment: dict[str, str]) -> None:
    with _app(environment).app_context():
        with db.engine.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        db.engine.dispose()


def _cookies(environment: dict[str, str], people: list[int]) -> list[str]:
    """A sign-in of each person, as the cookie that a browser would send."""
    app = _app(environment)
    now = datetime.now(UTC)
    tokens = [secrets.token_urlsafe() for _ in people]
    cookies = []
    serializer = app.session_interface.get_signing_serializer(app)
    assert serializer is not None
    with app.app_context():
        db.session.execute(insert(SignIn), [
            {"user_id": person, "token_hash": token_hash(token), "created_at": now, "seen_at": now,
             "expires_at": now + timedelta(days=1)} for person, token in zip(people, tokens, strict=True)])
        db.session.commit()
        for token in tokens:
            kept = serializer.dumps({"_user_id": token, "_fresh": True})
            cookies.append(f"{app.config['SESSION_COOKIE_NAME']}={kept}")
        db.engine.dispose()
    return cookies


def _send(port: int, house: House, groups: list[int], count: int, mark: str) -> int:
    """Post messages at their even times, over connections that are kept; each group gets as many, of random members.

    A message that finds no free connection waits, and its time counts from when it was due. Returns how many were due
    before the one before them was sent.
    """
    chance = random.Random(1)
    poll = select.epoll()
    connections = {}
    for _ in range(CONNECTIONS):
        connection = http_load._Connection(port)
        connections[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    free = deque(connections.values())
    under_way = sent = late = 0
    began = time.monotonic_ns() + 50_000_000
    while sent < count or under_way:
        due = began + sent * 1_000_000_000 // PER_SECOND
        now = time.monotonic_ns()
        if sent < count and now >= due and free:
            late += now - due > 20_000_000
            group = sent % GROUPS
            place = group * MEMBERS + chance.randrange(MEMBERS)
            body = json.dumps({"text": f"{mark}{due} and some words more, as people write them"})
            free.popleft().send((
                f"POST /api/v1/conversations/{groups[group]}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {house.tokens[place]}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
            sent += 1
            under_way += 1
            continue
        wait = max(0.0, (due - now) / 1e9) if sent < count and free else 10
        for descriptor, _ in poll.poll(wait):
            status = connections[descriptor].whole_answer()
            if status is None:
                continue
            if status != 201:
                raise RuntimeError(f"a message was answered with {status}: {connections[descriptor].received[-300:]!r}")
            free.append(connections[descriptor])
            under_way -= 1
    for connection in connections.values():
        connection.socket.close()
    return late


def _queries(environment: dict[str, str], path: str, people: list[int]) -> list[int]:
    """The statements that a page sends once warm, for each of these people."""
    app = _app(environment)
    counted = []
    for person in people:
        client = app.test_client()
        with app.app_context():
            now = datetime.now(UTC)
            token = secrets.token_urlsafe()
            db.session.execute(insert(SignIn), [{"user_id": person, "token_hash": token_hash(token), "created_at": now,
                                                 "seen_at": now, "expires_at": now + timedelta(days=1)}])
            db.session.commit()
            db.session.remove()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        client.get(path)
        seen: list[str] = []

        def note(*given, seen=seen):
            seen.append(given[2])

        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", note)
        if client.get(path).status_code != 200:
            raise RuntimeError(path)
        with app.app_context():
            event.remove(db.engine, "before_cursor_execute", note)
            db.engine.dispose()
        counted.append(len(seen))
    return counted
