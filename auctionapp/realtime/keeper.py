"""What keeps streams true when Redis fails or a sign-in ends: heartbeats, and looks at the database.

One query per process asks where all open topics stand, so a page is at most some seconds behind whatever is lost
(fault 26), a private stream ends within five seconds of its sign-in or its reader's membership (fault 37), and whom a
reader blocks is heard no more just as soon.
"""

import logging
import time
from datetime import UTC, datetime

from auctionapp.clock import rfc3339
from auctionapp.realtime import catch_up, frames, queries
from auctionapp.realtime.hub import Hub
from auctionapp.realtime.topic import Topic

log = logging.getLogger(__name__)

TICK_SECONDS = 0.1
PATIENCE_SECONDS = 0.15
"""How long a message that was overtaken may still come by itself."""
TOPICS_SECONDS = 2.0
SIGN_INS_SECONDS = 3.0
HEARTBEAT_SECONDS = 15.0
PAUSE_AFTER_FAILURE_SECONDS = 1.0
OPEN_TO_ALL = ("post:", "feed:", "conversation:")
"""Topics in which everybody speaks to everybody, the lobby among them."""


class Keeper:
    def __init__(self, hub: Hub):
        self.hub = hub
        self.connections_seen = 0
        now = time.monotonic()
        self.next_topics = now + TOPICS_SECONDS
        self.next_sign_ins = now + SIGN_INS_SECONDS
        self.next_heartbeat = now + HEARTBEAT_SECONDS

    def run(self) -> None:
        while not self.hub.stopped:
            time.sleep(TICK_SECONDS)
            try:
                self.tick()
            except Exception:
                log.exception("Looking after the streams failed and is tried again")
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)

    def tick(self) -> None:
        now = time.monotonic()
        if now >= self.next_heartbeat:
            self.next_heartbeat = now + HEARTBEAT_SECONDS
            self.beat()
        if now >= self.next_sign_ins:
            self.next_sign_ins = now + SIGN_INS_SECONDS
            self.end_signed_out()
            self.end_excluded()
            self.keep_blocks()
        if self.connections_seen != self.hub.connections:
            self.connections_seen = self.hub.connections
            for topic in list(self.hub.topics.values()):
                self.read(topic)
        if now >= self.next_topics:
            self.next_topics = now + TOPICS_SECONDS
            self.compare()
        for name in list(self.hub.behind):
            topic = self.hub.topics.get(name)
            if topic is None or topic.behind_since is None:
                self.hub.behind.discard(name)
            elif now - topic.behind_since >= PATIENCE_SECONDS:
                self.read(topic)

    def beat(self) -> None:
        """Keep connections alive, and tell pages the time: their countdown follows the server's clock."""
        page = frames.event(rfc3339(datetime.now(UTC)), "heartbeat")
        beats = {(kind, chunked): frames.chunk(data) if chunked else data
                 for kind, data in (("page", page), ("api", b": beat\n\n")) for chunked in (False, True)}
        live = [stream for stream in list(self.hub.streams) if stream.live]
        self.hub.write_to(live, lambda stream: beats[stream.kind, stream.chunked])

    def compare(self) -> None:
        """Mark the topics that the database is ahead of; what is just under way has PATIENCE_SECONDS to come."""
        open_topics = [topic for topic in list(self.hub.topics.values()) if topic.last is not None]
        if not open_topics:
            return
        with self.hub.app.app_context():
            present = queries.sequences(topic.name for topic in open_topics)
        for topic in open_topics:
            if present.get(topic.name, 0) > (topic.last or 0) and topic.behind_since is None:
                topic.behind_since = time.monotonic()
                self.hub.behind.add(topic.name)

    def read(self, topic: Topic) -> None:
        """Tell what the database has and the topic does not, and have the state shown anew."""
        last = topic.last
        if last is None:
            return
        with self.hub.app.app_context():
            present = queries.sequences([topic.name]).get(topic.name)
            if present is None:
                self.hub.close(topic, True)
                return
            for message in catch_up.missed(topic.name, last, present):
                self.hub.tell(message)
        self.hub.painter.mark(topic)
        topic.behind_since = None

    def end_signed_out(self) -> None:
        """End streams whose sign-in ended, expired, or belongs to a person who was blocked."""
        private = [stream for stream in list(self.hub.streams) if stream.sign_in_id is not None]
        if not private:
            return
        with self.hub.app.app_context():
            holding = queries.sign_ins_that_hold({stream.sign_in_id for stream in private if stream.sign_in_id})
        for stream in private:
            if (stream.sign_in_id, stream.user_id) not in holding:
                stream.end()

    def end_excluded(self) -> None:
        """End streams of conversations whose reader is no member any more."""
        inside = [(stream, number) for stream in list(self.hub.streams)
                  for kind, number in map(queries.split, stream.seen) if kind == "conversation"]
        if not inside:
            return
        with self.hub.app.app_context():
            members, open_to_all = queries.admitted({number for _, number in inside})
        for stream, number in inside:
            if number not in open_to_all and (number, stream.user_id) not in members:
                stream.end()

    def keep_blocks(self) -> None:
        """Whom the readers of streams have blocked by now."""
        read = [stream for stream in list(self.hub.streams) if stream.user_id is not None
                and any(name.startswith(OPEN_TO_ALL) for name in stream.seen)]
        if not read:
            return
        with self.hub.app.app_context():
            blocked = queries.blocked_by({stream.user_id for stream in read if stream.user_id is not None})
        for stream in read:
            stream.unheard = blocked.get(stream.user_id or 0, frozenset())
