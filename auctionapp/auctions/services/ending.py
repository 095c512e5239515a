"""A seller ends an own lot before its time (R9): with 12 hours or more left for a reason, its bids void; with less left
only by selling it to who leads."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionapp import audit, events, transaction
from auctionapp.auctions import seller_rules
from auctionapp.auctions.models import Bid, HouseSettings, PriceStep
from auctionapp.auctions.representation import auction_json
from auctionapp.auctions.services import closing
from auctionapp.auctions.services.selling import locked_own
from auctionapp.clock import Clock, database_clock
from auctionapp.errors import Conflict


def end(auction_id: int, seller_id: int, reason: str, clock: Clock = database_clock) -> None:
    """End a lot without a sale: bids are void, what is held is freed, everybody reads the reason.

    Ending what was ended so already changes nothing. Raises NotFound, NotAllowed, Conflict where R9 does not allow
    it, ReasonMissing.
    """
    reason = audit.clean_reason(reason)

    def work(session: Session) -> None:
        auction = locked_own(session, auction_id, seller_id)
        if auction.state == "cancelled":
            return
        accounts = closing.lock_accounts(session, auction, sold=False)
        now = clock.now(session)
        if seller_rules.way_to_end(auction, now) != seller_rules.VOID:
            raise Conflict("With less than 12 hours left a lot can only be ended by selling it to who leads.")
        closing.release_hold(session, auction, accounts, now)
        session.execute(update(Bid).where(Bid.auction_id == auction.id, Bid.state == "standing").values(state="void"))
        session.execute(update(PriceStep).where(PriceStep.auction_id == auction.id).values(reason="void"))
        auction.state, auction.closed_at, auction.ended_reason = "cancelled", now, reason
        auction.ends_at, auction.featured_at = now, None
        auction.version += 1
        session.flush()
        closing.tell(session, auction, "closed", auction_json(auction, now=now), now)
        events.announce(session, events.AuctionChanged(auction.id))
        events.announce(session, events.AuctionEndedEarly(auction.id))

    transaction.write(work)


def sell_now(auction_id: int, seller_id: int, seen_price_cents: int, clock: Clock = database_clock) -> None:
    """Sell to who leads at the present price, whether or not it meets the reserve; settled like any close.

    Selling what is sold already changes nothing. Raises NotFound, NotAllowed, Conflict where R9 does not allow it or
    the price is below what the seller has seen.
    """
    def work(session: Session) -> None:
        auction = locked_own(session, auction_id, seller_id)
        if auction.state == "sold":
            return
        house = session.scalars(select(HouseSettings)).one()
        accounts = closing.lock_accounts(session, auction, sold=True)
        now = clock.now(session)
        if seller_rules.way_to_end(auction, now) != seller_rules.SELL:
            raise Conflict("With 12 hours or more left a lot is ended with a reason, and not by selling it at once.")
        if (auction.price_cents or 0) < seen_price_cents:
            raise Conflict("Bids were taken out and the price has fallen. Look at it again before you sell.")
        closing.settle(session, auction, accounts, house.commission_basis_points, auction.price_cents, now)
        auction.ends_at = now
        closing.decided(session, auction, now)

    transaction.write(work)
