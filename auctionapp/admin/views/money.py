"""Bids, the ledger and payments: to read only (fault 43). A correction is made on a person's page, as one more transfer."""


from flask_admin import expose
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from auctionapp.accounts.models import User
from auctionapp.admin.door import DeskView
from auctionapp.admin.queries import sales
from auctionapp.admin.tables import Choice, Column, page, sent_id
from auctionapp.auctions.models import Bid
from auctionapp.extensions import db
from auctionapp.wallet import check
from auctionapp.wallet.models import Account, Payment, Transfer

KINDS = ("deposit", "withdraw", "withdrawn", "withdraw_back", "hold", "release", "capture", "payout", "fee", "adjustment")


class BidsView(DeskView):
    @expose("/")
    def index(self) -> str:
        state = Choice("state", "State", [("", "All"), ("standing", "Standing"), ("void", "Void"), ("retracted", "Retracted")])
        columns = [
            Column("Lot", "title", "lot", of="auction_id"), Column("Bidder", "bidder", "person", of="bidder_id"),
            Column("Maximum", "maximum_cents", "money"), Column("Kind", "kind"), Column("State", "state"),
            Column("Placed", "placed_at", "moment"),
        ]
        table = page(sales.bids(sent_id("auction"), sent_id("person"), state.chosen), Bid.id, columns, [state])
        return self.render("admin/list.html", title="Bids", table=table, keeps=("auction", "person"),
                           intro="Every accepted offer with its secret maximum, the newest first. They are only read here.",
                           empty="There are no such bids.")


class TransfersView(DeskView):
    @expose("/")
    def index(self) -> str:
        kind = Choice("kind", "Kind", [("", "All"), *((kind, kind.replace("_", " ").capitalize()) for kind in KINDS)])
        columns = [
            Column("Kind", "kind"), Column("Amount", "amount_cents", "money"), Column("From", "from_kind"),
            Column("Of", "from_name", "person", of="from_id"), Column("To", "to_kind"),
            Column("Of", "to_name", "person", of="to_id"), Column("Lot", "auction_id", "lot", of="auction_id"),
            Column("Reason", "reason"), Column("Time", "created_at", "moment"),
        ]
        table = page(_transfers(kind.chosen, sent_id("person"), sent_id("auction")), Transfer.id, columns, [kind])
        return self.render("admin/list.html", title="Ledger", table=table, keeps=("auction", "person"),
                           intro="Every movement of money, append-only. A mistake is corrected by an adjustment on the "
                           "person's page.", empty="There are no such transfers.",
                           totals=f"All accounts together: {check.sums(db.session())}.")


class PaymentsView(DeskView):
    @expose("/")
    def index(self) -> str:
        state = Choice("state", "State", [("", "All"), ("pending", "Pending"), ("completed", "Completed"), ("failed", "Failed")])
        found: Select = select(Payment.id, Payment.kind, Payment.amount_cents, Payment.state, Payment.gateway,
                       Payment.external_reference, Payment.failure, Payment.created_at, Payment.finished_at,
                       Payment.user_id, User.display_name.label("person")).join(User, User.id == Payment.user_id)
        if state.chosen:
            found = found.where(Payment.state == state.chosen)
        if (person := sent_id("person")) is not None:
            found = found.where(Payment.user_id == person)
        columns = [
            Column("Person", "person", "person", of="user_id"), Column("Kind", "kind"),
            Column("Amount", "amount_cents", "money"), Column("State", "state", "status"), Column("Gateway", "gateway"),
            Column("Reference", "external_reference", "code"), Column("Begun", "created_at", "moment"),
            Column("Finished", "finished_at", "moment"), Column("Failure", "failure"),
        ]
        return self.render("admin/list.html", title="Payments", table=page(found, Payment.id, columns, [state]),
                           keeps=("person",), intro="Deposits and withdrawals, the newest first. The gateway alone "
                           "finishes them.", empty="There are no such payments.")


def _transfers(kind: str, person_id: int | None, auction_id: int | None) -> Select:
    debit, credit, giver, taker = aliased(Account), aliased(Account), aliased(User), aliased(User)
    found = (select(Transfer.id, Transfer.kind, Transfer.amount_cents, Transfer.reason, Transfer.auction_id,
                    Transfer.created_at, debit.kind.label("from_kind"), giver.id.label("from_id"),
                    giver.display_name.label("from_name"), credit.kind.label("to_kind"), taker.id.label("to_id"),
                    taker.display_name.label("to_name"))
             .join(debit, debit.id == Transfer.debit_account_id).join(credit, credit.id == Transfer.credit_account_id)
             .outerjoin(giver, giver.id == debit.owner_id).outerjoin(taker, taker.id == credit.owner_id))
    if kind:
        found = found.where(Transfer.kind == kind)
    if auction_id is not None:
        found = found.where(Transfer.auction_id == auction_id)
    if person_id is not None:
        own = select(Account.id).where(Account.owner_id == person_id)
        found = found.where(Transfer.debit_account_id.in_(own) | Transfer.credit_account_id.in_(own))
    return found
