"""`flask users …`: people, made by an operator."""

import click
from flask.cli import AppGroup

from auctionapp.accounts import services
from auctionapp.accounts.models import ROLES
from auctionapp.errors import DomainError

users = AppGroup("users", help="People of the house.")


@users.command()
@click.option("--email", required=True)
@click.option("--password", required=True, help="12 to 128 characters.")
@click.option("--name", default="", help="Shown to others; without it, what stands before the @.")
@click.option("--role", type=click.Choice(ROLES), default="user", show_default=True)
def create(email: str, password: str, name: str, role: str) -> None:
    """Make a person who is confirmed at once. An existing address is refused and nothing is changed."""
    try:
        user_id = services.create_user(email, password, name, role)
    except DomainError as refusal:
        raise click.ClickException(refusal.text) from None
    click.echo(f"Made {role} {user_id}: {email.strip().lower()}")
