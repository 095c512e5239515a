"""What a person's stream shows of the notices: the counter in the bar, the outbid banner, the own part of the bid box."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app

from auctionapp import bus, topics
from auctionapp.auctions.queries import auction as auctions
from auctionapp.extensions import db
from auctionapp.notifications import queries


def render_state(user_id: int) -> str:
    """The fragments of one person, for a stream that connects."""
    return "".join(_render(standing) for standing in queries.standing([user_id]))


def tell(people: Mapping[int, Collection[int]]) -> None:
    """Have people's counter and banner shown anew, and send what only they may know of some auctions."""
    news = []
    for user_id, auction_ids in people.items():
        found = [auctions.panel(auction_id, user_id, datetime.now(UTC)) for auction_id in auction_ids]
        html = "".join(_own_part(lot) for lot in found if lot is not None)
        news.append(bus.News(topics.person_topic(user_id), state=True, html=html or None))
    db.session.rollback()
    bus.publish_all(news)


def _own_part(lot: auctions.Panel) -> str:
    template = current_app.jinja_env.get_template("notifications/_own_part.html")
    return template.render(lot=lot, currency=current_app.config["CURRENCY"])


def _render(standing: Any) -> str:
    template = current_app.jinja_env.get_template("notifications/_live.html")
    return template.render(standing=standing, currency=current_app.config["CURRENCY"], with_token=False)
