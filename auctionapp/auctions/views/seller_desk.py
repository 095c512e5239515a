"""The seller's desk: own lots by status, one lot with its bids and names, income by month."""

import csv
import io
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp.auctions import chart, rules
from auctionapp.auctions.queries import history, income, own, second_chances
from auctionapp.auctions.views import blueprint
from auctionapp.auctions.views.auction import HISTORY_PER_PAGE
from auctionapp.auctions.views.cards import Card, cards_of
from auctionapp.auctions.views.wishes import known
from auctionapp.errors import NotFound
from auctionapp.formatting import reader_zone
from auctionapp.keyset import Key
from auctionapp.money import format_amount
from auctionapp.plots import columns

TABS = {"": "All", "live": "Live", "scheduled": "Starting soon", "draft": "Drafts", "sold": "Sold", "unsold": "Not sold",
        "cancelled": "Cancelled", "suspended": "Suspended"}
EMPTY = {
    "": ("Nothing on sale yet", "What you put on sale stands here, drafts too."),
    "live": ("Nothing is live", "Lots that take bids now stand here, the next to end first."),
    "scheduled": ("Nothing starts soon", "Lots that are published with a later start stand here."),
    "draft": ("No drafts", "A lot that you describe is a draft until you publish it."),
    "sold": ("Nothing sold yet", "Lots that found a buyer stand here, with what they brought."),
    "unsold": ("Nothing unsold", "A lot that ends without a bid, or below its reserve, can be offered again from here."),
    "cancelled": ("Nothing cancelled", "Lots that you or the house took back stand here."),
    "suspended": ("Nothing suspended", "Lots that the house has stopped for now stand here."),
}


class Action(NamedTuple):
    """Something that a seller may do with a lot now: a link, or a form that is sent (`post`)."""

    name: str
    words: str
    address: str
    post: bool = False


def actions_of(row: Any, now: datetime) -> list[Action]:
    """What is open for this lot, in the order in which pages offer it."""
    lot, desk = f"/auctions/{row.id}", f"/dashboard/auctions/{row.id}"
    every = {
        "publish": Action("publish", "Publish", f"{lot}/publish", post=True),
        "edit": Action("edit", "Edit", f"{lot}/edit"),
        "add": Action("add", "Add to it", f"{lot}/edit"),
        "reserve": Action("reserve", "Lower the reserve", f"{desk}/reserve"),
        "end": Action("end", "End early", f"{desk}/end"),
        "sell_now": Action("sell_now", "Sell now", f"{desk}/end"),
        "delete": Action("delete", "Delete", f"{lot}/delete"),
        "offer": Action("offer", "Second chance", f"{desk}/second-chance"),
        "withdraw_offer": Action("withdraw_offer", "Withdraw the offer", f"{desk}/second-chance/withdraw", post=True),
        "handover": Action("handover", "Hand-over", f"{lot}/handover"),
        "relist": Action("relist", "Relist", url_for("auctions.new", relist=row.id)),
        "similar": Action("similar", "Sell similar", url_for("auctions.new", like=row.id)),
    }
    return [every[name] for name in own.actions_of(row, now)]


class OwnLot(NamedTuple):
    """One line of the list; what is secret of the row stays behind."""

    card: Card
    reserve_cents: int | None
    reserve: str | None
    offer_stands: bool
    actions: list[Action]


@blueprint.get("/dashboard/auctions")
@login_required
def own_auctions() -> str:
    """Own lots of one status, a page by key."""
    now = datetime.now(UTC)
    status = known(request.args.get("status"), own.STATUSES)
    counts = own.counts(current_user.id, now)
    rows, next_key = own.page(current_user.id, status, now, Key.read(request.args.get("after", "")))
    lots = [OwnLot(card, row.reserve_price_cents, row.reserve, bool(row.offer_stands), actions_of(row, now))
            for row, card in zip(rows, cards_of(rows, now), strict=True)]
    tabs = [(name, words, counts[name]) for name, words in TABS.items() if counts[name] or name != "suspended"]
    return render_template("selling/lots.html", lots=lots, status=status, tabs=tabs, next_key=next_key,
                           empty=EMPTY[status], later="after" in request.args)


@blueprint.get("/dashboard/auctions/<int:auction_id>")
@login_required
def own_lot(auction_id: int) -> str:
    """One own lot: where it stands, who bid what when, what may be done now."""
    now = datetime.now(UTC)
    row = own.one(auction_id, current_user.id)
    pages = max(1, -(-row.step_sequence // HISTORY_PER_PAGE))
    number = request.args.get("page", 1, type=int)
    if not 1 <= number <= pages:
        raise NotFound()
    status = rules.status(row.state, row.starts_at, now)
    return render_template(
        "selling/lot.html", lot=_facts(row), card=cards_of([row], now)[0], status=status, page=number, pages=pages,
        actions=actions_of(row, now), offers=second_chances.of_lot(auction_id),
        lines=history.page(auction_id, number, HISTORY_PER_PAGE, with_names=True),
        related=own.titles([row.relisted_from_id, row.relisted_as]),
        chart=chart.step_chart(history.chart_points(auction_id, row.step_sequence), row.closed_at or now))


SECRET = {"leader_id", "leader_maximum_cents"}


def _facts(row: Any) -> dict[str, Any]:
    """The row without what its seller may not know: a maximum is its owner's alone (R19)."""
    return {name: value for name, value in row._mapping.items() if name not in SECRET}


@blueprint.get("/dashboard/income")
@login_required
def own_income() -> str:
    """What sold lots brought and what the house kept, by month of the seller's zone."""
    year, years = _year()
    months = income.months(current_user.id, year, reader_zone())
    labels = [month.label for month in months]
    return render_template(
        "selling/income.html", months=months, year=year, years=years, zone=reader_zone().key,
        sums=columns(labels, [month.hammer_cents for month in months], [month.fee_cents for month in months]),
        sold=columns(labels, [month.sold for month in months]))


@blueprint.get("/dashboard/income.csv")
@login_required
def own_income_file() -> Response:
    """The same months for a spreadsheet."""
    year, _ = _year()
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["month", "lots_sold", "hammer_prices", "fees", "income"])
    for month in income.months(current_user.id, year, reader_zone()):
        writer.writerow([f"{month.first:%Y-%m}", month.sold, *(
            format_amount(cents) for cents in (month.hammer_cents, month.fee_cents, month.income_cents))])
    return Response(file.getvalue(), mimetype="text/csv", headers={
        "Content-Disposition": f'attachment; filename="income-{year}.csv"'})


def _year() -> tuple[int, list[int]]:
    """The year that is asked for, of those since the first sale; the present one unless there is such."""
    zone = reader_zone()
    present = datetime.now(zone).year
    first = income.first_sale(current_user.id)
    years = list(range(present, (first.astimezone(zone).year if first else present) - 1, -1))
    asked = request.args.get("year", "")
    return (int(asked) if asked in map(str, years) else present), years
