"""`flask auctions …` and `flask replay`: the house's own work, by hand."""

from pathlib import Path

import click
from flask.cli import AppGroup

from auctionapp.auctions.services import closing
from auctionapp.replay import Tally, UnreadableFile, replay

auctions = AppGroup("auctions", help="Lots on sale.")


@auctions.command("close-due")
def close_due() -> None:
    """Close every auction whose end has come, as the sweep does."""
    click.echo(f"{closing.sweep()} auctions closed.")


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay_command(file: Path) -> None:
    """Play a file of past bids through the engine, in a scratch database that is removed."""
    def progress(tally: Tally) -> None:
        if tally.auctions % 25 == 0:
            click.echo(f"\r{tally.auctions} auctions, {tally.bids} bids, {tally.bids / tally.seconds:.0f} bids per second",
                       err=True, nl=False)

    try:
        tally = replay(file, progress)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    click.echo("", err=True)
    if tally.seconds:
        click.echo(f"{tally.bids} bids in {tally.seconds:.1f} s: {tally.bids / tally.seconds:.0f} bids per second")
    click.echo(tally.line)
