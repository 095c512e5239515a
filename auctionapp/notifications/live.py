"""What a person's stream shows of the notices: the counter in the bar, the outbid banner, the own part of the bid box."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from flask import current_app

from auctionapp.auctions.queries import auction as auctions
from auctionapp.notifications import queries


def render_states(user_ids: Collection[int]) -> dict[int, str]:
    """The fragments of each of these people."""
    return {standing.id: _render(standing) for standing in queries.standing(user_ids)}


def render_state(user_id: int) -> str:
    """The fragments of one person, as an answer."""
    return render_states([user_id]).get(user_id, "")


def render_own_part(auction_id: int, user_id: int) -> str:
    """What only this person may know of an auction, for the bid box."""
    lot = auctions.panel(auction_id, user_id, datetime.now(UTC))
    if lot is None:
        return ""
    template = current_app.jinja_env.get_template("notifications/_own_part.html")
    return template.render(lot=lot, currency=current_app.config["CURRENCY"])


def _render(standing: Any) -> str:
    template = current_app.jinja_env.get_template("notifications/_live.html")
    return template.render(standing=standing, currency=current_app.config["CURRENCY"], with_token=False)
