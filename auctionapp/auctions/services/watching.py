"""What people who do not bid do with a lot: watch it, report it."""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from auctionapp import transaction
from auctionapp.accounts.models import User
from auctionapp.auctions import lots
from auctionapp.auctions.models import Auction, Report, Watch
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict, NotFound

REPORTS_A_DAY = 10


class TooManyReports(Conflict):
    slug = "too-many-reports"
    status = 429
    text = "You have reported many lots today. Please write again tomorrow."


def toggle_watch(user_id: int, auction_id: int, clock: Clock = database_clock) -> bool:
    """Put a lot on the person's watchlist, or take it off; returns whether it is on it now."""
    def work(session: Session) -> bool:
        _visible(session, user_id, auction_id)
        watch = session.get(Watch, (user_id, auction_id))
        if watch is not None:
            session.delete(watch)
            return False
        session.execute(insert(Watch).values(user_id=user_id, auction_id=auction_id, created_at=clock.now(session)))
        return True

    return transaction.write(work)


def report(user_id: int, auction_id: int, reason: str, clock: Clock = database_clock) -> None:
    """Tell the administrators what is wrong with a lot; a second report by the same person replaces the first.

    Raises TooManyReports beyond ten lots a day (fault 52).
    """
    def work(session: Session) -> None:
        _visible(session, user_id, auction_id)
        now = clock.now(session)
        # The reporter's row is locked, so that many reports at once are counted one by one.
        session.execute(select(User.id).where(User.id == user_id).with_for_update())
        session.execute(delete(Report).where(
            Report.reporter_id == user_id, Report.subject_kind == "auction", Report.subject_id == auction_id))
        today = session.scalar(select(func.count()).select_from(Report).where(
            Report.reporter_id == user_id, Report.created_at > now - timedelta(days=1))) or 0
        if today >= REPORTS_A_DAY:
            raise TooManyReports()
        session.add(Report(reporter_id=user_id, subject_kind="auction", subject_id=auction_id,
                           reason=lots.clean_text(reason), created_at=now))

    transaction.write(work)


def _visible(session: Session, user_id: int, auction_id: int) -> None:
    """The lot's row, locked, so that two clicks at once come one after the other. Raises NotFound."""
    lot = session.execute(select(Auction.seller_id, Auction.state).where(Auction.id == auction_id).with_for_update()).first()
    if lot is None or (lot.state == "draft" and lot.seller_id != user_id):
        raise NotFound()
