"""What a person's stream shows of the wallet: the figure in the bar and those of the wallet's page."""

from flask import render_template

from auctionapp.wallet import queries


def render_state(user_id: int) -> str:
    """The fragments of one person."""
    return "".join(render_template("wallet/_live.html", figures=figures) for figures in queries.figures([user_id]))
