"""Auctions: look at all of it, suspend, let go on, withdraw with a public reason (R9), show on the home page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for
from flask_admin import expose

from auctionapp.admin.door import DeskView, actor, fresh, said
from auctionapp.admin.forms import PublicReasonForm, ReasonForm
from auctionapp.admin.queries import people, sales
from auctionapp.admin.tables import Choice, Column, page, sent_words
from auctionapp.auctions.models import Auction, Bid
from auctionapp.auctions.services import stopping
from auctionapp.errors import NotFound

STATES = [("", "All"), ("open", "On sale"), ("overdue", "Overdue"), ("suspended", "Suspended"), ("sold", "Sold"),
          ("unsold", "Not sold"), ("cancelled", "Cancelled"), ("draft", "Drafts"), ("featured", "On the home page")]
BID_COLUMNS = [
    Column("Number", "number", "number"), Column("Bidder", "bidder", "person", of="bidder_id"),
    Column("Maximum", "maximum_cents", "money"), Column("Kind", "kind"), Column("State", "state"),
    Column("Placed", "placed_at", "moment"),
]


class AuctionsView(DeskView):
    @expose("/")
    def index(self) -> str:
        state = Choice("state", "State", STATES)
        columns = [
            Column("Lot", "title", "lot", of="id"), Column("State", "state", "auction-state"),
            Column("Price", "price_cents", "money"), Column("Bids", "bid_count", "number"),
            Column("Ends", "ends_at", "moment"), Column("Seller", "seller", "person", of="seller_id"),
            Column("Leader", "leader", "person", of="leader_id"),
        ]
        table = page(sales.auctions(sent_words(), state.chosen, datetime.now(UTC)), Auction.id, columns, [state])
        return self.render("admin/list.html", title="Auctions", table=table, search="Words of the lot, or its number",
                           intro="Every lot, the newest first; maxima and reserves are on the lot's own page.",
                           empty="No lot is found like that.")

    @expose("/<int:auction_id>/")
    def show(self, auction_id: int) -> str:
        lot = _lot(auction_id)
        return self.render("admin/auction.html", lot=lot, entries=people.entries_about("auction", auction_id),
                           bids=page(sales.bids(auction_id), Bid.id, BID_COLUMNS, per_page=20),
                           now=datetime.now(UTC))

    @expose("/<int:auction_id>/suspend", methods=("GET", "POST"))
    @fresh
    def suspend(self, auction_id: int) -> Response:
        return self._form(auction_id, PublicReasonForm(), stopping.suspend, "Suspend {}", "No bids are taken and what is "
                          "held is freed, until you let it go on or withdraw it.", "Suspend", "The lot is suspended.")

    @expose("/<int:auction_id>/resume", methods=("GET", "POST"))
    @fresh
    def resume(self, auction_id: int) -> Response:
        return self._form(auction_id, ReasonForm(), stopping.resume, "Let {} go on", "Its end moves by the time that it "
                          "stood still. Who leads is held again; whose money is not there any more is passed over and "
                          "told.", "Let it go on", "The lot goes on.")

    @expose("/<int:auction_id>/withdraw", methods=("GET", "POST"))
    @fresh
    def withdraw(self, auction_id: int) -> Response:
        return self._form(auction_id, PublicReasonForm(), stopping.withdraw, "Withdraw {}", "It ends for good without a "
                          "sale: its bids are void and what is held is freed. The rows of bids and money stay.", "Withdraw",
                          "The lot is withdrawn.", danger=True)

    @expose("/<int:auction_id>/feature", methods=("POST",))
    def feature(self, auction_id: int) -> Response:
        _lot(auction_id)
        shown = request.form.get("shown") == "1"
        words = "The lot is on the home page now." if shown else "The lot is on the home page no more."
        return self.done(lambda: said(lambda: stopping.feature(actor(), auction_id, shown), words),
                         url_for(".show", auction_id=auction_id))

    def _form(self, auction_id: int, form: Any, service: Callable[..., None], title: str, intro: str, submit: str,
              words: str, danger: bool = False) -> Response:
        lot = _lot(auction_id)
        return self.act(form, lambda: said(lambda: service(actor(), auction_id, form.reason.data or ""), words),
                        url_for(".show", auction_id=auction_id), title.format(f"“{lot.title}”"), intro, submit, danger)


def _lot(auction_id: int) -> Any:
    lot = sales.auction(auction_id)
    if lot is None:
        raise NotFound()
    return lot
