"""The lists of people that somebody keeps: friends, requests, followed, blocked; and who could become a friend."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import render_template, request
from flask_login import current_user, login_required
from sqlalchemy import Row

from auctionapp.chat import companions
from auctionapp.extensions import db
from auctionapp.people import queries
from auctionapp.people.queries import People
from auctionapp.people.views import blueprint

RECEIVED_ON_TOP = 5
SUGGESTED = 8


@blueprint.get("/friends")
@login_required
def friends() -> str:
    session, now, viewer_id = db.session(), datetime.now(UTC), current_user.id
    shown = request.args.get("show", "friends")
    shown = shown if shown in queries.LISTS else "friends"
    counts = queries.counts(session, viewer_id, now)
    number = request.args.get("page", 1, type=int)
    people = queries.people(session, shown, viewer_id, now, number, counts[shown])
    received = People([], 0, 1)
    suggested: Sequence[Row[Any]] = []
    chats: dict[int, int] = {}
    if shown == "friends" and people.page == 1:
        if counts["received"]:
            received = queries.people(session, "received", viewer_id, now, 1, counts["received"])
        chats = companions.shared_chats(viewer_id)
        suggested = queries.strangers(session, viewer_id, list(chats), now)[:SUGGESTED]
    rows = [*people.rows, *received.rows, *suggested]
    return render_template(
        "people/friends.html", shown=shown, counts=counts, people=people, received=received.rows[:RECEIVED_ON_TOP],
        suggested=suggested, chats=chats, standings=queries.standings(session, viewer_id, [row.id for row in rows], now))
