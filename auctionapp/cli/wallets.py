"""`flask wallets …`: money that an operator has received by other means."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from auctionapp.accounts.models import User
from auctionapp.errors import DomainError, InvalidAmount
from auctionapp.extensions import db
from auctionapp.money import format_amount, parse_amount
from auctionapp.wallet import services

wallets = AppGroup("wallets", help="People's wallets.")


@wallets.command("deposit")
@click.option("--email", required=True)
@click.option("--amount", required=True, help="A decimal amount such as 100.00.")
def deposit(email: str, amount: str) -> None:
    """Add an amount to a person's wallet at once."""
    cents = parse_amount(amount)
    if cents is None:
        raise click.ClickException(InvalidAmount.text)
    user_id = db.session.scalar(select(User.id).where(User.email == email.strip().lower()))
    if user_id is None:
        raise click.ClickException("Nobody has this address.")
    try:
        services.deposit_by_operator(user_id, cents)
    except DomainError as error:
        raise click.ClickException(error.text) from error
    click.echo(f"{format_amount(cents)} added to the wallet of {email.strip().lower()}.")
