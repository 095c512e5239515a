"""What a person's stream shows of the wallet: the figure in the bar and those of the wallet's page."""

from collections.abc import Collection

from flask import render_template

from auctionapp.wallet import queries


def render_states(user_ids: Collection[int]) -> dict[int, str]:
    """The fragments of each of these people."""
    return {figures.user_id: render_template("wallet/_live.html", figures=figures)
            for figures in queries.figures(user_ids)}
