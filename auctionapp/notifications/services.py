"""Telling people what happened to them: in the site and by mail, each thing once.

Written in a transaction of its own after the fact. A notice's key is made of what it tells, so a reaction that
runs again, or a sweep that makes up for a lost one, changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from auctionapp import bulk, transaction
from auctionapp.accounts.models import User
from auctionapp.auctions.models import Auction, Bid
from auctionapp.clock import Clock, database_clock
from auctionapp.events import NoticesCreated, announce
from auctionapp.mail import services as mails
from auctionapp.mail.site import Site
from auctionapp.notifications import words
from auctionapp.notifications.models import Notice
from auctionapp.wallet.models import Payment

OUTBID_MAIL_AFTER = timedelta(minutes=1)
OUTBID_MAIL_PAUSE = timedelta(hours=1)
"""Per person and auction at most one mail about a lost lead in this time."""
OUTBID_MAILS_AT_ONCE = 100
AT_ONCE = 500


def notify(session: Session, notices: Sequence[words.Notice], site: Site, now: datetime,
           titles: dict[int, str] | None = None, tell: bool = True) -> set[str]:
    """Write those notices that are new, and queue their mails; return the keys of the new ones.

    In the caller's transaction. Announces NoticesCreated, unless the caller tells the people itself.
    """
    new: dict[str, int] = {}
    for start in range(0, len(notices), AT_ONCE):
        rows = [
            {"user_id": one.user_id, "kind": one.kind, "key": one.key, "auction_id": one.auction_id,
             "text": one.text[:300], "path": one.path, "created_at": now}
            for one in notices[start:start + AT_ONCE]
        ]
        written = session.connection().execute(
            bulk.dialect_insert(session, Notice.__table__).on_conflict_do_nothing(index_elements=["key"])
            .returning(Notice.key, Notice.id), rows)
        new |= {key: notice_id for key, notice_id in written}
    created = [one for one in notices if one.key in new]
    if created:
        _mail(session, created, site, now, titles or {}, new)
        if tell:
            announce(session, NoticesCreated(tuple(new.values()), tuple(sorted({one.user_id for one in created}))))
    return set(new)


def _mail(session: Session, created: Sequence[words.Notice], site: Site, now: datetime, titles: dict[int, str],
          ids: dict[str, int]) -> None:
    wanted = [one for one in created if one.by_mail]
    if not wanted or not site.mail_works:
        return
    addresses = dict(session.execute(
        select(User.id, User.email).where(User.id.in_({one.user_id for one in wanted}), User.blocked_at.is_(None))
    ).all())
    for one in wanted:
        if one.user_id in addresses:
            subject, body = words.mail(one, titles.get(one.auction_id or 0, ""), site)
            mails.queue(session, addresses[one.user_id], subject, body, one.user_id, now)
    session.execute(update(Notice).where(Notice.id.in_([ids[one.key] for one in wanted])).values(mailed_at=now))


def tell_outbid(lost_leads: Iterable[tuple[int, int, int]], site: Site, currency: str,
                clock: Clock = database_clock) -> None:
    """Tell people who lost the lead: triples of auction, person and the bid that lost it.

    Only the last loss of each person on each auction is told, and none to whoever leads again. An older unread
    notice of the same gives way to the newer, and to leading again.
    """
    last = {(auction_id, user_id): bid_id for auction_id, user_id, bid_id in lost_leads}
    auction_ids = {auction_id for auction_id, _ in last}

    def work(session: Session) -> None:
        lots = {lot.id: lot for lot in session.execute(
            select(Auction.id, Auction.title, Auction.price_cents, Auction.leader_id)
            .where(Auction.id.in_(auction_ids), Auction.state == "open"))}
        now = clock.now(session)
        losers = sorted(pair for pair in last if pair[0] in lots and lots[pair[0]].leader_id != pair[1])
        _mark_answered(session, [*losers, *sorted((lot.id, lot.leader_id) for lot in lots.values())], now)
        notify(session, [
            words.outbid(words.Lot(auction_id, lots[auction_id].title, lots[auction_id].price_cents, currency),
                         user_id, last[auction_id, user_id])
            for auction_id, user_id in losers], site, now)

    transaction.write(work)


def _mark_answered(session: Session, pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Outbid notices of these auctions and people have been overtaken: their counters fall."""
    answered = update(Notice.__table__).where(
        Notice.kind == "outbid", Notice.read_at.is_(None),
        tuple_(Notice.auction_id, Notice.user_id).in_(bindparam("pairs", expanding=True))
    ).values(read_at=now).returning(Notice.user_id)
    if not pairs:
        return
    people = {user_id for user_id, in session.connection().execute(answered, {"pairs": list(pairs)})}
    if people:
        announce(session, NoticesCreated((), tuple(sorted(people))))


def mail_outbid(site: Site, currency: str, clock: Clock = database_clock) -> int:
    """Mail lost leads that were still unread after a minute, at most once an hour for each auction and person.

    Who is on the site has seen the banner and needs no mail. Returns how many were mailed.
    """

    def work(session: Session) -> int:
        now = clock.now(session)
        lately = aliased(Notice)
        unread = session.execute(
            select(Notice, Auction.title).join(Auction, Auction.id == Notice.auction_id)
            .where(Notice.kind == "outbid", Notice.read_at.is_(None), Notice.mailed_at.is_(None),
                   Notice.created_at <= now - OUTBID_MAIL_AFTER, Auction.state == "open",
                   ~exists().where(lately.user_id == Notice.user_id, lately.auction_id == Notice.auction_id,
                                   lately.kind == "outbid", lately.mailed_at > now - OUTBID_MAIL_PAUSE))
            .order_by(Notice.id).limit(OUTBID_MAILS_AT_ONCE).with_for_update(of=Notice, skip_locked=True)).all()
        told = [words.Notice(row.user_id, row.kind, row.key, row.text, row.path, row.auction_id) for row, _ in unread]
        _mail(session, told, site, now, {row.auction_id: title for row, title in unread},
              {row.key: row.id for row, _ in unread})
        return len(told)

    return transaction.write(work)


def tell_closed(auction_id: int, site: Site, currency: str, clock: Clock = database_clock) -> set[str]:
    """Tell winner, seller and everybody else with a bid how an auction ended (R7). Returns the keys of new notices."""

    def work(session: Session) -> set[str]:
        auction = session.execute(
            select(Auction.id, Auction.title, Auction.state, Auction.seller_id, Auction.leader_id, Auction.bid_count,
                   Auction.hammer_price_cents).where(Auction.id == auction_id)).first()
        if auction is None or auction.state not in ("sold", "unsold"):
            return set()
        sold = auction.state == "sold"
        bidders = _bidders(session, auction_id)
        lot = words.Lot(auction.id, auction.title, auction.hammer_price_cents, currency)
        notices = [words.lost(lot, bidder, sold) for bidder in bidders if not (sold and bidder == auction.leader_id)]
        if sold:
            notices += [words.won(lot, auction.leader_id), words.sold(lot, auction.seller_id)]
        else:
            notices.append(words.unsold(lot, auction.seller_id, bool(auction.bid_count)))
        return notify(session, notices, site, clock.now(session), {auction.id: auction.title})

    return transaction.write(work)


def tell_reserve_reached(auction_id: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell everybody with a bid that the seller lowered the reserve and it is met now (R4)."""

    def work(session: Session) -> None:
        auction = session.execute(
            select(Auction.id, Auction.title, Auction.price_cents)
            .where(Auction.id == auction_id, Auction.state == "open", Auction.price_cents.is_not(None))).first()
        if auction is None:
            return
        lot = words.Lot(auction.id, auction.title, auction.price_cents, currency)
        notify(session, [words.reserve_reached(lot, bidder) for bidder in _bidders(session, auction_id)], site,
               clock.now(session), {auction.id: auction.title})

    transaction.write(work)


def _bidders(session: Session, auction_id: int) -> Sequence[int]:
    return session.scalars(
        select(Bid.bidder_id).where(Bid.auction_id == auction_id, Bid.state == "standing").distinct()
        .order_by(Bid.bidder_id)).all()


def tell_payment(payment_id: int, site: Site, currency: str, clock: Clock = database_clock) -> None:
    """Tell a person how a deposit or withdrawal ended (R14)."""

    def work(session: Session) -> None:
        paid = session.get(Payment, payment_id, populate_existing=True)
        if paid is None or paid.state == "pending":
            return
        notify(session, [words.payment(paid.id, paid.user_id, paid.kind, paid.state == "completed", paid.amount_cents,
                                       currency)], site, clock.now(session))

    transaction.write(work)


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
