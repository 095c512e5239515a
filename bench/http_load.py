"""A lean HTTP load: N connections that each send the next request when the last answer is there. One thread."""

import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

BETWEEN_CONNECTIONS_SECONDS = 0.005
"""Connections opened in one burst are often all taken by the one web process that happens to be awake."""


@dataclass
class Load:
    """What came back: seconds of each answer, and how many of each status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


class _Connection:
    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.began = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def whole_answer(self) -> int | None:
        """Read what is there; the status once the answer is whole."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("the server hung up")
        self.received += data
        head_end = self.received.find(b"\r\n\r\n")
        if head_end < 0:
            return None
        head = self.received[:head_end].lower()
        place = head.find(b"content-length:")
        if place < 0:
            raise ValueError("an answer without its length")
        length = int(head[place + 15:].split(b"\r\n", 1)[0])
        return int(head[9:12]) if len(self.received) >= head_end + 4 + length else None


def run(port: int, clients: int, seconds: float, next_request: Callable[[], bytes]) -> Load:
    """Load the server for some seconds; what is under way at the end is still waited for."""
    load = Load()
    poll = select.epoll()
    connections: dict[int, _Connection] = {}
    for _ in range(clients):
        connection = _Connection(port)
        time.sleep(BETWEEN_CONNECTIONS_SECONDS)
        connections[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
    began = time.perf_counter()
    ends_at = began + seconds
    for connection in connections.values():
        connection.send(next_request())
    under_way = clients
    while under_way:
        for descriptor, _ in poll.poll(10):
            connection = connections[descriptor]
            status = connection.whole_answer()
            if status is None:
                continue
            now = time.perf_counter()
            load.latencies.append(now - connection.began)
            load.statuses[status] += 1
            if now < ends_at:
                connection.send(next_request())
            else:
                under_way -= 1
    load.seconds = time.perf_counter() - began
    for connection in connections.values():
        connection.socket.close()
    return load
