"""Writing notices down, each thing once, where its reader wants it: in the site, by mail, both, neither.

A notice's key is made of what it tells, so a reaction that runs again, or a sweep that makes up for a lost one,
changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from auctionapp import bulk, transaction
from auctionapp.accounts.models import User
from auctionapp.clock import Clock, database_clock
from auctionapp.events import NoticesCreated, announce
from auctionapp.mail import services as mails
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.kinds import KINDS
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services import preferences
from auctionapp.notifications.services.preferences import Choices


def notify(session: Session, notices: Sequence[words.Notice], site: Site, now: datetime, again: bool = False) -> set[str]:
    """Write those notices that are new, and queue the mails of those kinds that do not wait; return the new keys.

    With `again` notices of the same keys are written anew: unread, and on top of the list. In the caller's
    transaction; announces NoticesCreated.
    """
    if not notices:
        return set()
    wanted = preferences.choices(session, {one.user_id for one in notices})
    rows = sorted((_row(one, wanted, now) for one in notices), key=lambda row: row["key"])
    if again:
        _remove(session, rows)
    new = dict(bulk.insert_rows(session.connection(), Notice.__table__, rows, ("key", "id"), unless_there=True,
                                created_at=now))
    created = [one for one in notices if one.key in new]
    at_once = [one for one in created
               if wanted.of(one.user_id, one.kind).by_mail and KINDS[one.kind].mail_after is None]
    if at_once:
        send(session, [[one] for one in at_once], site, now)
        session.execute(update(Notice).where(Notice.id.in_([new[one.key] for one in at_once])).values(mailed_at=now)
                        .execution_options(synchronize_session=False))
    readers = {one.user_id for one in created if wanted.of(one.user_id, one.kind).in_site}
    if readers:
        announce(session, NoticesCreated(tuple(new.values()), tuple(sorted(readers))))
    return set(new)


def _remove(session: Session, rows: Sequence[dict]) -> None:
    """Take these keys' present notices away; when one was mailed stays known, so that mails keep their pause."""
    connection, notices = session.connection(), Notice.__table__
    mailed = dict(connection.execute(
        delete(notices).where(bulk.among(notices.c.key, "keys", connection.dialect.name))
        .returning(notices.c.key, notices.c.mailed_at), {"keys": [row["key"] for row in rows]}).all())
    for row in rows:
        row["mailed_at"] = mailed.get(row["key"])


def _row(notice: words.Notice, wanted: Choices, now: datetime) -> dict:
    where = wanted.of(notice.user_id, notice.kind)
    wait = KINDS[notice.kind].mail_after
    mail_at = now + wait if where.by_mail and wait is not None else None
    return {
        "user_id": notice.user_id, "kind": notice.kind, "key": notice.key, "auction_id": notice.auction_id,
        "conversation_id": notice.conversation_id, "number": notice.number, "text": notice.text[:300],
        "path": notice.path, "mailed_at": None, "shown": where.in_site, "mail_at": mail_at,
        # What nobody will see needs no reading.
        "read_at": None if where.in_site or mail_at else now,
    }


def send(session: Session, letters: Sequence[Sequence[words.Notice]], site: Site, now: datetime) -> None:
    """Queue a mail for each list of notices: of one person and one kind. Nothing for people who are blocked."""
    if not site.mail_works:
        return
    addresses = dict(session.execute(
        select(User.id, User.email).where(User.id.in_({letter[0].user_id for letter in letters}),
                                          User.blocked_at.is_(None))).all())
    for letter in letters:
        reader_id, kind = letter[0].user_id, letter[0].kind
        if reader_id not in addresses:
            continue
        end = site.url(preferences.unsubscribe_path(site, reader_id, kind))
        subject, body = words.mail(letter, site, end)
        mails.queue(session, addresses[reader_id], subject, body, reader_id, now, {
            # RFC 2369 and 8058: a mail program's own button.
            "List-Unsubscribe": f"<{end}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})


def mark_read(user_id: int, notice_ids: Iterable[int] | None = None, clock: Clock = database_clock) -> int:
    """Mark a person's notices as read: these, or all. Others' notices are never touched. Returns how many changed."""

    def work(session: Session) -> int:
        wanted = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
        if notice_ids is not None:
            wanted = wanted.where(Notice.id.in_(list(notice_ids)))
        changed = session.execute(
            wanted.values(read_at=clock.now(session)).returning(Notice.id)
            .execution_options(synchronize_session=False)).all()
        if changed:
            announce(session, NoticesCreated((), (user_id,)))
        return len(changed)

    return transaction.write(work)
