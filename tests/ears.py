"""Hears what web processes are told through Redis."""

import json
import time
from typing import Any

from auctionapp import bus


class Ear:
    """What is published from now on, of the topics whose name begins with `topics`."""

    def __init__(self, redis, topics: str = ""):
        self.topics = topics
        self.pubsub = redis.pubsub()
        self.pubsub.subscribe(bus.CHANNEL)
        assert self.pubsub.get_message(timeout=5)["type"] == "subscribe"

    def hear(self, seconds: float = 0.3) -> list[tuple[str, dict[str, Any]]]:
        """Topics with what was told of them, in order; listens for so long."""
        heard = []
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if message := self.pubsub.get_message(timeout=left):
                heard += [(topic, json.loads(told)) for topic, told in bus.heard(message["data"])
                          if topic.startswith(self.topics)]
        return heard

    def close(self) -> None:
        self.pubsub.close()
