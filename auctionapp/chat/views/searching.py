"""Searching one's own chats."""

from flask import Response, request
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.chat.queries import search
from auctionapp.chat.views import blueprint, writing

LONGEST = 100


@blueprint.get("/inbox/search")
@login_required
def find() -> Response:
    """Messages with all the words of ?q=, newest first, older ones with ?before=."""
    query = " ".join(request.args.get("q", "").replace("\0", "")[:LONGEST].split())
    hits, next_before = search.hits(current_user.id, search.asked_words(query), writing.before())
    return htmx.render("chat/search.html", "chat/_hits.html", q=query, hits=hits, next_before=next_before)
