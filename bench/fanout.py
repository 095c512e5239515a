"""(b) Fan-out: 1,000 streams of one auction, 10 messages a second, two web processes, against nginx's nchan.

The message is an auction's real rendered state with the time of its publishing; both hubs get the same bytes.
Latency is from publish to receipt, on the one monotonic clock of the machine.
"""

import json
import os
import signal
import struct
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from auctionapp import bus, create_app, topics
from auctionapp.auctions import live
from bench import servers
from bench.house import build
from devtools.processes import end_with_parent

HERE = Path(__file__).parent / "reference"
STREAMS = 1000
MESSAGES = 100
PER_SECOND = 10
NCHAN_PORT = 18080
RECORD = struct.Struct("<QQII")
"""When a message was published and received (ns), by which connection."""


@dataclass
class Received:
    latencies_ms: list[float]
    complete: bool

    def percentile(self, share: float) -> float:
        return self.latencies_ms[min(len(self.latencies_ms) - 1, int(len(self.latencies_ms) * share))]


def compile_client(folder: Path) -> Path:
    """The epoll client of `reference/fanclient.c`."""
    program = folder / "fanclient"
    subprocess.run(["cc", "-O2", "-o", str(program), str(HERE / "fanclient.c")], check=True)
    return program


class Readers:
    """The client with all its connections open, on one path or on those of a file."""

    def __init__(self, program: Path, folder: Path, port: int, *where: str, messages: int = MESSAGES):
        self.records = folder / f"records-{port}"
        self.messages = messages
        self.process = subprocess.Popen(
            [str(program), "-p", str(port), *where, "-n", str(STREAMS), "-k", "T=", "-o", str(self.records),
             "-d", "180"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        ready = self.process.stdout.readline().split()
        if ready[:1] != ["READY"] or int(ready[1]) != STREAMS:
            raise RuntimeError(f"not all streams opened: {ready}")

    def finish(self) -> Received:
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=20)[0]
        end = json.loads(said[said.index("{"):])
        data = self.records.read_bytes()
        latencies = sorted((received - published) / 1e6 for published, received, _, _ in RECORD.iter_unpack(data))
        complete = end["min_per_conn"] == end["max_per_conn"] == self.messages and end["open"] == STREAMS
        return Received(latencies, complete)


def measure() -> dict[str, float]:
    """One repetition of both hubs with the same messages."""
    with tempfile.TemporaryDirectory(prefix="gavel-fanout-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        program = compile_client(folder)
        with servers.postgres() as postgres, servers.redis() as redis:
            servers.tool(postgres, "createdb", "gavel")
            url = postgres.url("gavel")
            [auction_id] = build(url, auctions=1, bidders=1).auction_ids
            environment = {"DATABASE_URL": url, "REDIS_URL": redis.url}
            app = create_app({"SQLALCHEMY_DATABASE_URI": url, "REDIS_URL": redis.url})
            with app.app_context(), servers.web(environment) as web:
                state = live.render_state(auction_id).replace("\n", "")
                ours = _ours(web, program, folder, auction_id, state)
        theirs = _nchan(program, folder, state)
    return ours | theirs | {"p99_ratio": ours["p99_ms"] / theirs["nchan_p99_ms"], "message_bytes": len(state)}


def _ours(web: servers.Web, program: Path, folder: Path, auction_id: int, state: str) -> dict[str, float]:
    path = f"/auctions/{auction_id}/stream"
    for _ in range(50):
        with urllib.request.urlopen(f"http://127.0.0.1:{web.port}{path}") as one:
            one.readline()
    time.sleep(1)
    memory = web.memory_bytes()
    readers = Readers(program, folder, web.port, "-P", path)
    time.sleep(2)
    grown = web.memory_bytes() - memory
    cpu = web.cpu_seconds()
    topic = topics.auction_topic(auction_id)
    _publish(lambda stamp: bus.publish(bus.News(topic, html=f"{state}T={stamp} ")))
    cpu = web.cpu_seconds() - cpu
    received = readers.finish()
    return {"p50_ms": received.percentile(0.5), "p99_ms": received.percentile(0.99),
            "delivered_share": len(received.latencies_ms) / (STREAMS * MESSAGES), "complete": received.complete,
            "cpu_us_per_delivery": cpu / (STREAMS * MESSAGES) * 1e6, "kb_per_stream": grown / STREAMS / 1024}


def _nchan(program: Path, folder: Path, state: str) -> dict[str, float]:
    with _nginx(folder) as pids:
        readers = Readers(program, folder, NCHAN_PORT, "-P", "/sub?id=lot")
        time.sleep(2)
        cpu = sum(servers.cpu_seconds(pid) for pid in pids)

        def post(stamp: int) -> None:
            body = f"{state}T={stamp} ".encode()
            urllib.request.urlopen(f"http://127.0.0.1:{NCHAN_PORT}/pub?id=lot", data=body).read()

        _publish(post)
        cpu = sum(servers.cpu_seconds(pid) for pid in pids) - cpu
        received = readers.finish()
    return {"nchan_p50_ms": received.percentile(0.5), "nchan_p99_ms": received.percentile(0.99),
            "nchan_cpu_us_per_delivery": cpu / (STREAMS * MESSAGES) * 1e6}


def _publish(send: Callable[[int], object]) -> None:
    """Send the messages at their even times; a late one does not move the next."""
    began = time.monotonic()
    for number in range(MESSAGES):
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        send(time.monotonic_ns())
    time.sleep(1)


@contextmanager
def _nginx(folder: Path) -> Iterator[list[int]]:
    for name in ("run", "out/static"):
        (folder / name).mkdir(parents=True)
    settings = (HERE / "nginx.conf.tpl").read_text().replace("@DIR@", str(folder)).replace(
        "__W__", str(servers.WEB_PROCESSES))
    (folder / "nginx.conf").write_text(settings)
    ourselves = os.getpid()
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"],
                               preexec_fn=lambda: end_with_parent(ourselves))
    try:
        time.sleep(1)
        yield servers.children(process.pid)
    finally:
        process.terminate()
        process.wait(10)
