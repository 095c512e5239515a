"""The pages that explain the house."""

from flask import Blueprint, current_app, render_template

from auctionapp.health import queries as health
from auctionapp.money import share
from auctionapp.pages import queries

blueprint = Blueprint("pages", __name__)

EXAMPLE_PRICES_CENTS = (1_000, 12_250, 50_000, 234_567)


@blueprint.get("/rules")
def rules() -> str:
    """The rules in plain words, with the increments in force."""
    return render_template("pages/rules.html", house=queries.house())


@blueprint.get("/fees")
def fees() -> str:
    """The commission as it is set, with examples computed by the same rounding as the close (R15)."""
    house = queries.house()
    examples = [(price, share(price, house.commission_basis_points)) for price in EXAMPLE_PRICES_CENTS]
    return render_template("pages/fees.html", house=house, examples=examples)


@blueprint.get("/help")
def help_page() -> str:
    """How to register, pay in, bid and sell; whether everything works just now."""
    sandbox = current_app.config["GATEWAY"] == "sandbox"
    return render_template("pages/help.html", house=queries.house(), sandbox=sandbox,
                           health=health.health(current_app.config["MEDIA"]))


@blueprint.get("/terms")
def terms() -> str:
    return render_template("pages/terms.html")
