"""One topic with open streams in this process: its news in the order of the database, none missing, none twice."""

from auctionapp.realtime.message import Message
from auctionapp.realtime.streams import Stream

PARKED = 1000
"""Messages that may wait for an earlier one; the database has them all anyway."""


class Topic:
    """Puts messages in order.

    Several processes publish, so a later number may arrive first, and any message may be lost. `last` is the number
    up to which everything was told here; None until a first stream has read the database.
    """

    __slots__ = ("name", "last", "streams", "parked", "behind_since")

    def __init__(self, name: str):
        self.name = name
        self.last: int | None = None
        self.streams: dict[Stream, None] = {}
        self.parked: list[Message] = []
        self.behind_since: float | None = None
        """Since when a number is missing, on the monotonic clock."""

    def arrange(self, message: Message, now: float) -> list[Message]:
        """The messages that can be told now that this one came, in order."""
        if self.last is None or self._is_early(message):
            if len(self.parked) < PARKED:
                self.parked.append(message)
            if self.last is not None and self.behind_since is None:
                self.behind_since = now
            return []
        ready = []
        if self._is_news(message):
            ready.append(message)
        return ready + self._unpark()

    def settle(self, sequence: int) -> list[Message]:
        """A stream has read the database up to this number. Says what can be told now to streams that joined."""
        if self.last is None:
            self.last = sequence
            return self._unpark()
        return []

    def _unpark(self) -> list[Message]:
        ready: list[Message] = []
        for message in sorted(self.parked, key=lambda one: one.sequence or 0):
            if self._is_early(message):
                continue
            self.parked.remove(message)
            if self._is_news(message):
                ready.append(message)
        if not self.parked:
            self.behind_since = None
        return ready

    def _is_early(self, message: Message) -> bool:
        assert self.last is not None
        return message.after is not None and message.after > self.last

    def _is_news(self, message: Message) -> bool:
        """Whether it tells something new; then `last` moves on. A message without events moves nothing."""
        assert self.last is not None
        if message.after is None:
            message.sequence = self.last
            return True
        if message.sequence <= self.last:
            return False
        message.forget_until(self.last)
        self.last = message.sequence
        return True
