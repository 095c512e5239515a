"""`flask ledger …`: proof of the books."""

import click
from flask.cli import AppGroup

from auctionapp.extensions import db
from auctionapp.wallet import check

ledger = AppGroup("ledger", help="The books.")


@ledger.command("check")
def check_command() -> None:
    """Prove every invariant of the money in one snapshot; exit 1 and say what differs when one does not hold."""
    with check.snapshot(db.engine) as session:
        found, totals = check.differences(session), check.totals(session)
    for difference in found:
        click.echo(difference)
    if found:
        raise SystemExit(1)
    click.echo(totals)
