"""Programs that talk to the API of a house whose processes die: one request, bids that are repeated, a reader."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

PATIENCE_SECONDS = 25.0
"""How long a bidder repeats a bid that got no answer."""


class Lost(Exception):
    """No answer came, or one that asks to come again later."""


class Program:
    """Sends JSON with a token, each request on a connection of its own."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method: str, path: str, body: Any = None, timeout: float = 5, **headers: str) -> tuple[int, Any]:
        """Status and body. Raises Lost."""
        text = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, f"/api/v1{path}", text,
                               {"Content-Type": "application/json"} | self.headers | headers)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost(repr(error)) from error
        finally:
            connection.close()
        if status in (502, 503, 504):
            raise Lost(f"{status} {content[:200]!r}")
        return status, json.loads(content)

    def get(self, path: str, patience: float = PATIENCE_SECONDS) -> Any:
        """The body of a 200, asked for again while none comes."""
        deadline = time.monotonic() + patience
        while True:
            try:
                status, body = self.send("GET", path)
                assert status == 200, body
                return body
            except Lost:
                assert time.monotonic() < deadline, f"{path} was not answered for {patience} s"
                time.sleep(0.1)

    def sell(self, seconds: float, **more: Any) -> int:
        """Put a lot on sale that ends in so many seconds (at least 10); its id."""
        ends_at = datetime.now(UTC) + timedelta(seconds=seconds)
        lot = {"title": "Brass telescope", "category": "other", "starting_price": "1.00", "bid_step": "1.00",
               "soft_close_seconds": 0, "ends_at": ends_at.isoformat()}
        status, answer = self.send("POST", "/auctions", lot | more, timeout=15)
        assert status == 201, answer
        return answer["id"]

    def bids(self, auction_id: int) -> dict[int, dict[str, Any]]:
        """The whole public history: sequence to Bid."""
        found: dict[int, dict[str, Any]] = {}
        for page in itertools.count(1):
            answer = self.get(f"/auctions/{auction_id}/bids?per_page=100&page={page}")
            found |= {bid["sequence"]: bid for bid in answer["items"]}
            if page * 100 >= answer["total"]:
                break
        return found


@dataclass
class Offer:
    """One bid as its bidder knows it. Amounts of one auction are all different."""

    bidder_id: int
    auction_id: int
    amount_cents: int
    kind: str
    key: str = field(default_factory=lambda: uuid4().hex)
    lost: int = 0
    """How often its answer was lost."""
    status: int | None = None
    answer: Any = None
    seconds: float = 0.0
    """What the answer that came took."""

    def send(self, program: Program) -> tuple[int, Any]:
        amount = f"{self.amount_cents // 100}.{self.amount_cents % 100:02}"
        return program.send("POST", f"/auctions/{self.auction_id}/bids", {"amount": amount, "kind": self.kind},
                            **{"Idempotency-Key": self.key})

    def make(self, program: Program) -> None:
        """Send it until it is answered, the same key each time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            started = time.monotonic()
            try:
                self.status, self.answer = self.send(program)
                self.seconds = time.monotonic() - started
                return
            except Lost:
                self.lost += 1
                time.sleep(0.1)


class Bidder(threading.Thread):
    """Bids on lots in turn, with amounts from one rising counter for each, until told to stop or all are over."""

    def __init__(self, program: Program, bidder_id: int, counters: dict[int, Iterator[int]], seed: int,
                 pause: float = 0.01) -> None:
        super().__init__(daemon=True)
        self.program = program
        self.bidder_id = bidder_id
        self.counters = counters
        self.random = random.Random(seed)
        self.pause = pause
        self.offers: list[Offer] = []
        self.stopping = False

    def run(self) -> None:
        open_lots = list(self.counters)
        while open_lots and not self.stopping:
            auction_id = self.random.choice(open_lots)
            units = next(self.counters[auction_id])
            # One in six is a maximum somewhat above what the others bid; its cents keep it apart.
            automatic = self.random.random() < 1 / 6
            cents = (units + 5) * 100 + 50 if automatic else units * 100
            offer = Offer(self.bidder_id, auction_id, cents, "auto" if automatic else "manual")
            self.offers.append(offer)
            offer.make(self.program)
            if offer.status == 409:
                open_lots.remove(auction_id)
            time.sleep(self.pause)


class Reader(threading.Thread):
    """Follows an auction's events to its close, over every break; now and then it breaks off by itself."""

    def __init__(self, port: int, auction_id: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.auction_id = auction_id
        self.random = random.Random(seed)
        self.events: list[tuple[int, str, Any]] = []
        self.last_id = "0"
        self.connections: list[tuple[str, str]] = []
        """Of each connection the id it was asked to go on after, and the last that it told."""
        self.stopping = False

    def run(self) -> None:
        while not self.stopping and not (self.events and self.events[-1][1] == "closed"):
            try:
                self._read(time.monotonic() + self.random.uniform(0.5, 3))
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(self.random.uniform(0, 0.3))

    def _read(self, until: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)
        try:
            connection.request("GET", f"/api/v1/auctions/{self.auction_id}/events",
                               headers={"Last-Event-ID": self.last_id})
            answer = connection.getresponse()
            if answer.status != 200:
                return
            self.connections.append((self.last_id, ""))
            frame: dict[str, str] = {}
            while time.monotonic() < until:
                line = answer.readline().decode()
                if not line:
                    return
                if line != "\n":
                    name, _, value = line.rstrip("\n").partition(": ")
                    frame[name] = value
                    continue
                if "id" in frame:
                    self.last_id = frame["id"]
                    self.connections[-1] = self.connections[-1][0], self.last_id
                if "event" in frame:
                    self.events.append((int(frame["id"]), frame["event"], json.loads(frame["data"])))
                frame = {}
        finally:
            connection.close()


class Watcher(threading.Thread):
    """Asks the API again and again how auctions stand, and notes how late after its end each is seen closed."""

    def __init__(self, program: Program, auction_ids: list[int]) -> None:
        super().__init__(daemon=True)
        self.program = program
        self.waiting = list(auction_ids)
        self.late_seconds: dict[int, float] = {}
        self.status: dict[int, str] = {}
        self.stopping = False

    def run(self) -> None:
        while self.waiting and not self.stopping:
            for auction_id in list(self.waiting):
                try:
                    status, auction = self.program.send("GET", f"/auctions/{auction_id}", timeout=2)
                except Lost:
                    continue
                if status == 200 and auction["status"] in ("sold", "unsold"):
                    self.waiting.remove(auction_id)
                    self.status[auction_id] = auction["status"]
                    self.late_seconds[auction_id] = time.time() - moment(auction["ends_at"])
            time.sleep(0.2)


def moment(text: str) -> float:
    """An RFC 3339 time as seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()
