"""Where a page of a list ends that is ordered by a time: the next one goes on after it, whatever has come or gone meanwhile."""

import re
from dataclasses import dataclass
from datetime import datetime

from auctionapp.clock import EPOCH, microseconds_of, moment

_KEY = re.compile(r"(\d{1,17})\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True)
class Key:
    """The last row of a page: the time that the list is ordered by, and the row's id."""

    moment: datetime = EPOCH
    id: int = 0

    def __str__(self) -> str:
        return f"{microseconds_of(self.moment)}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """What an address carries as `str(key)`; None for anything else."""
        found = _KEY.fullmatch(text)
        return cls(moment(int(found[1])), int(found[2])) if found else None
