"""What a person's stream shows of the wallet: the figure in the bar and those of the wallet's page."""

from collections.abc import Collection, Iterator

from flask import render_template

from auctionapp.wallet import queries
from auctionapp.wallet.queries import Figures


def render_state(user_id: int) -> str:
    """The fragments of one person, for a stream that connects."""
    return "".join(html for _figures, html in rendered([user_id]))


def rendered(user_ids: Collection[int]) -> Iterator[tuple[Figures, str]]:
    """The fragments of several people, from one query."""
    for figures in queries.figures(user_ids):
        yield figures, render_template("wallet/_live.html", figures=figures)
