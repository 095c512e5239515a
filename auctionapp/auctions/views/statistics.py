"""A bidder's statistics: a year in figures and plots, each plot with its table."""

from datetime import UTC, datetime

from flask import render_template, request
from flask_login import current_user, login_required

from auctionapp import plots
from auctionapp.auctions.queries import bid_figures
from auctionapp.auctions.views import blueprint
from auctionapp.formatting import reader_zone
from auctionapp.wallet import queries as wallet
from auctionapp.wallet.statement import Month

MONTHS = 12
CATEGORIES = 8
"""So many are drawn; the table has all."""
LEADS, BEHIND = 1, 3
"""Tones of bars."""


@blueprint.get("/dashboard/statistics")
@login_required
def statistics() -> str:
    """The last twelve months, or a `year` of the calendar, in the person's zone."""
    present = Month.of(datetime.now(UTC), reader_zone())
    years = list(range(present.first.year, current_user.created_at.astimezone(present.zone).year - 1, -1))
    year = request.args.get("year", type=int)
    months = _months(present, year if year in years else None)
    found = bid_figures.year(current_user.id, months)
    compared = bid_figures.compared(current_user.id)
    labels = [f"{month.first:%b %Y}" for month in months]
    drawn = list(found.categories.items())[:CATEGORIES]
    return render_template(
        "auctions/statistics.html", years=years, year=year if year in years else None, zone=present.zone.key,
        total=found.total, categories=found.categories, compared=compared,
        running=found.running, held_cents=wallet.balances(current_user.id)["held"],
        ever=found.ever,
        lots_plot=plots.columns(labels, *([getattr(month, name) for month in found.months]
                                          for name in ("entered", "won", "lost"))),
        sums_plot=plots.columns(labels, *([getattr(month, name) for month in found.months]
                                          for name in ("bid_cents", "held_cents", "spent_cents"))),
        category_lots=plots.rows([(name, (one.entered, one.won, one.lost)) for name, one in drawn]),
        category_sums=plots.rows([(name, (one.bid_cents, one.held_cents, one.spent_cents)) for name, one in drawn]),
        compared_plot=plots.against([(one.title, one.price_cents, one.own_cents, LEADS if one.leads else BEHIND)
                                     for one in compared]))


def _months(present: Month, year: int | None) -> list[Month]:
    month = present
    if year is not None:
        while month.first.month != 12 or month.first.year != year:
            month = month.after if (month.first.year, month.first.month) < (year, 12) else month.before
    months = [month]
    while len(months) < MONTHS:
        months.insert(0, months[0].before)
    return months
