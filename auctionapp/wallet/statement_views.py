"""The statement of a month, as a page that prints and as a table for programs."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, render_template, request
from flask_login import current_user, login_required

from auctionapp.errors import NotFound
from auctionapp.formatting import reader_zone
from auctionapp.keyset import Key
from auctionapp.wallet import statement
from auctionapp.wallet.statement import Month

blueprint = Blueprint("statements", __name__)

PER_PAGE = 200
"""A longer month is written on several pages, each with the balance carried over."""


@blueprint.get("/dashboard/wallet/statement")
@login_required
def show() -> str:
    """`month` is `2026-11`, in the person's zone; this month without. `after` goes on with a long one."""
    month, present = _wanted()
    after = Key.read(request.args.get("after", ""))
    paper = statement.statement(current_user.id, month, after, PER_PAGE)
    return render_template(
        "wallet/statement.html", paper=paper, month=month, first=after is None, runs=month.first == present.first,
        earlier=month.before if month.begin > current_user.created_at else None,
        later=month.after if month.first < present.first else None,
        with_withdrawing=any(balance.withdrawing for balance in (paper.opening, paper.closing))
        or any(line.change.withdrawing for line in paper.lines))


@blueprint.get("/dashboard/wallet/statement.csv")
@login_required
def table() -> Response:
    """The same as comma-separated values, whole."""
    month, _ = _wanted()
    paper = statement.statement(current_user.id, month)
    name = f"statement-{month}.csv"
    return Response(statement.as_csv(paper, current_app.config["CURRENCY"]), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _wanted() -> tuple[Month, Month]:
    """The month that was asked for, and the present one. Raises NotFound for what is no month, or is yet to come."""
    zone = reader_zone()
    present = Month.of(datetime.now(UTC), zone)
    asked = request.args.get("month", "")
    month = Month.read(asked, zone) if asked else present
    if month is None or month.first > present.first:
        raise NotFound("There is no statement of such a month.")
    return month, present
