"""`flask demo`: a house worth looking at."""

import click
from flask import current_app
from flask.cli import with_appcontext

import config
from auctionapp import demo
from auctionapp.extensions import db


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Only into a house where nobody has registered yet.")
@with_appcontext
def demo_command(if_empty: bool) -> None:
    """Load sample people, lots and bids; refused in production."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("Demo data does not belong in production.")
    if demo.is_loaded(db.session()):
        renewed = demo.renew_ends()
        click.echo(f"The demo data is here already; {renewed} lots got their ends anew.")
    elif if_empty and not demo.is_empty(db.session()):
        return
    else:
        lots = demo.load(current_app.config["MEDIA"], config.ROOT / "static" / "demo")
        click.echo(f"{lots} lots, {len(demo.PEOPLE)} people.")
    lines = list(demo.sign_ins())
    (config.VAR / "demo-accounts.txt").write_text("\n".join(lines) + "\n")
    click.echo("\n".join(lines))
