"""Mail for what stayed unread: who is on the site has seen it and needs none."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.auctions.models import Auction
from auctionapp.clock import Clock, database_clock
from auctionapp.mail.site import Site
from auctionapp.notifications import queries, words
from auctionapp.notifications.models import Notice
from auctionapp.notifications.services import gone, preferences
from auctionapp.notifications.services.writing import send

MAIL_PAUSE = timedelta(hours=1)
"""At most one mail of a kind to a person in this time; of lost leads, one for each auction."""
AT_ONCE = 200

Letter = tuple[int, str, int | None]
"""Whose mail, of what kind, and of lost leads on which auction."""


def mail_unread(site: Site, clock: Clock = database_clock) -> int:
    """Mail notices whose time to be read is over, those of one kind together. Returns how many were mailed.

    A lost lead is mailed only while its auction goes on, a comment or a request only while it stands; whoever has chosen
    otherwise meanwhile gets none.
    """

    def work(session: Session) -> int:
        now = clock.now(session)
        due = session.scalars(
            select(Notice).where(Notice.mail_at <= now).order_by(Notice.mail_at).limit(AT_ONCE)
            .with_for_update(of=Notice, skip_locked=True).execution_options(populate_existing=True)).all()
        if not due:
            return 0
        unread = queries.listed(session, [notice.id for notice in due])
        wanted = preferences.choices(session, {notice.user_id for notice in due})
        lots = {lot.id: lot for lot in session.execute(
            select(Auction.id, Auction.title, Auction.state).where(
                Auction.id.in_({notice.auction_id for notice in due} - {None})))}
        gone_ids = gone.over(session, due)
        letters: dict[Letter, list[Notice]] = defaultdict(list)
        settled = []
        for notice in due:
            over = notice.id in gone_ids or (notice.kind == "outbid" and lots[notice.auction_id].state != "open")
            if over or not unread[notice.id].unread or not wanted.of(notice.user_id, notice.kind).by_mail:
                settled.append(notice.id)
            else:
                letters[_letter_of(notice)].append(notice)
        lately = _mailed_lately(session, letters, now)
        sent = []
        for letter, notices in letters.items():
            if letter in lately:
                _settle(session, [notice.id for notice in notices], mail_at=lately[letter] + MAIL_PAUSE)
            else:
                sent.append(notices)
        send(session, [[
            words.Notice(notice.user_id, notice.kind, notice.key, unread[notice.id].text, notice.path, notice.auction_id,
                         title=lots[notice.auction_id].title if notice.auction_id else "")
            for notice in notices] for notices in sent], site, now)
        _settle(session, settled, mail_at=None)
        _settle(session, [notice.id for notices in sent for notice in notices], mail_at=None, mailed_at=now)
        _settle(session, [notice.id for notice in due if not notice.shown and _letter_of(notice) not in lately], read_at=now)
        return sum(len(notices) for notices in sent)

    return transaction.write(work)


def _letter_of(notice: Notice) -> Letter:
    return notice.user_id, notice.kind, notice.auction_id if notice.kind == "outbid" else None


def _mailed_lately(session: Session, letters: dict[Letter, list[Notice]], now: datetime) -> dict[Letter, datetime]:
    """Those of these mails that were sent within the pause already, with the time of the last."""
    rows = session.execute(
        select(Notice.user_id, Notice.kind, Notice.auction_id, func.max(Notice.mailed_at).label("last"))
        .where(Notice.user_id.in_({user_id for user_id, _, _ in letters}), Notice.mailed_at > now - MAIL_PAUSE)
        .group_by(Notice.user_id, Notice.kind, Notice.auction_id))
    found: dict[Letter, datetime] = {}
    for row in rows:
        letter = (row.user_id, row.kind, row.auction_id if row.kind == "outbid" else None)
        if letter in letters:
            found[letter] = max(row.last, found.get(letter, row.last))
    return found


def _settle(session: Session, notice_ids: Sequence[int], **values: datetime | None) -> None:
    if notice_ids:
        session.execute(update(Notice).where(Notice.id.in_(notice_ids)).values(**values)
                        .execution_options(synchronize_session=False))
