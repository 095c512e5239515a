"""How often one person may write, ask and report (fault 52): settings of the house, changed at the administrators' desk.

The usual figures stand here, those that administrators have set in a table. Each process keeps what it read for some
seconds.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from auctionapp import audit
from auctionapp.audit import Actor
from auctionapp.errors import DomainError
from auctionapp.extensions import db, limiter

KEPT_SECONDS = 10.0
LEAST, MOST = 1, 100_000


class QuotaSetting(db.Model):
    """A quota that administrators have set, in the place of the usual figure."""

    __tablename__ = "quota_settings"
    __table_args__ = (CheckConstraint(f"most BETWEEN {LEAST} AND {MOST}", name="most_in_range"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    most: Mapped[int]


@dataclass(frozen=True)
class Quota:
    """So many (`usual`) of one thing within any such span."""

    what: str
    seconds: int
    usual: int
    words: str

    @property
    def name(self) -> str:
        return f"{self.what}_{self.seconds}"


QUOTAS = (
    Quota("messages", 10, 20, "Messages in 10 seconds"),
    Quota("messages", 600, 300, "Messages in 10 minutes"),
    Quota("changes", 60, 60, "Changes of messages in a minute"),
    Quota("chats", 3_600, 20, "New chats in an hour"),
    Quota("chats", 86_400, 50, "New chats in a day"),
    Quota("added", 86_400, 300, "People added to groups in a day"),
    Quota("posts", 3_600, 10, "Posts in an hour"),
    Quota("posts", 86_400, 30, "Posts in a day"),
    Quota("post_edits", 60, 10, "Changes of posts in a minute"),
    Quota("post_edits", 3_600, 60, "Changes of posts in an hour"),
    Quota("comments", 10, 5, "Comments in 10 seconds"),
    Quota("comments", 600, 60, "Comments in 10 minutes"),
    Quota("likes", 60, 60, "Likes in a minute"),
    Quota("pictures", 600, 100, "Pictures sent in 10 minutes"),
    Quota("friend_requests", 86_400, 30, "Friend requests in a day"),
    Quota("open_requests", 0, 50, "Friend requests that wait for an answer"),
    Quota("reports", 86_400, 10, "Reports in a day"),
)

_kept: tuple[float, Mapping[str, int]] | None = None


class InvalidQuotas(DomainError):
    slug = "invalid-quotas"


def stored(session: Session) -> dict[str, int]:
    """Every quota by its name, as it stands in the database."""
    own = {setting.name: setting.most for setting in session.execute(select(QuotaSetting.name, QuotaSetting.most))}
    return {quota.name: own.get(quota.name, quota.usual) for quota in QUOTAS}


def spans(what: str) -> list[tuple[int, int]]:
    """Pairs of (seconds, most) of one thing; some seconds old."""
    global _kept
    if _kept is None or _kept[0] < time.monotonic():
        _kept = time.monotonic() + KEPT_SECONDS, stored(db.session())
    return [(quota.seconds, _kept[1][quota.name]) for quota in QUOTAS if quota.what == what]


def most(what: str) -> int:
    """The one figure of a thing that has a single span."""
    [(_, figure)] = spans(what)
    return figure


def by_clicks(what: str) -> Callable[[], str]:
    """What the limiter asks at each request, for things that leave no trace to count: likes that are taken back,
    further edits of one text, pictures that were refused."""
    return lambda: "; ".join(f"{figure} per {seconds} second" for seconds, figure in spans(what))


def used_up(session: Session, what: str, now: datetime, at: Any, *whose: Any, more: int = 1) -> int | None:
    """The seconds of the first span that has no room for `more` of a thing; None where there is room, or no limits are
    kept. `at` is the column of its time, `whose` says which rows are the person's. One statement."""
    if not limiter.enabled:
        return None
    known = spans(what)
    counts = session.execute(
        select(*(func.count().filter(at > now - timedelta(seconds=seconds)) for seconds, _ in known))
        .where(*whose, at > now - timedelta(seconds=max(seconds for seconds, _ in known)))).one()
    return next((seconds for count, (seconds, figure) in zip(counts, known, strict=True) if count + more > figure), None)


def change(session: Session, actor: Actor, wanted: Mapping[str, int], reason: str, now: datetime) -> None:
    """Set quotas in the caller's transaction, which holds the house's row. Raises InvalidQuotas, ReasonMissing."""
    reason = audit.clean_reason(reason)
    before = stored(session)
    standing = before | {name: figure for name, figure in wanted.items() if name in before}
    if any(not LEAST <= figure <= MOST for figure in standing.values()):
        raise InvalidQuotas(f"A quota is {LEAST} to {MOST:,}.")
    for shorter, longer in zip(QUOTAS, QUOTAS[1:], strict=False):
        if shorter.what == longer.what and standing[longer.name] < standing[shorter.name]:
            raise InvalidQuotas(f"“{longer.words}” cannot be fewer than “{shorter.words}”.")
    changed = [name for name in standing if standing[name] != before[name]]
    for name in changed:
        session.merge(QuotaSetting(name=name, most=standing[name]))
    if changed:
        audit.record(session, actor, "set_quotas", "house", 1, now, {name: before[name] for name in changed},
                     {name: standing[name] for name in changed}, reason)


def forget_kept() -> None:
    """Read again at the next use: this process has just changed them."""
    global _kept
    _kept = None


def expect_usual() -> None:
    """The usual figures until they are changed here: for a house that has just begun, as in tests."""
    global _kept
    _kept = math.inf, {quota.name: quota.usual for quota in QUOTAS}
