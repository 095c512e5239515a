"""A second-chance offer as its bidder sees it: what is offered for how much until when, and the answer (R4)."""

from datetime import UTC, datetime

from flask import Response, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions.queries import second_chances
from auctionapp.auctions.services import second_chance
from auctionapp.auctions.views import blueprint
from auctionapp.auctions.views.cards import by_id
from auctionapp.errors import Conflict, InsufficientFunds
from auctionapp.formatting import money_with_currency
from auctionapp.wallet import queries as wallet


@blueprint.get("/dashboard/offers/<int:offer_id>")
@login_required
def offer(offer_id: int) -> Response:
    return _page(offer_id)


@blueprint.post("/dashboard/offers/<int:offer_id>")
@login_required
def answer_offer(offer_id: int) -> Response:
    """Accept (answer=accept) or decline (answer=decline)."""
    found = second_chances.for_bidder(offer_id, current_user.id)
    answer = request.form.get("answer")
    try:
        if answer == "accept":
            second_chance.accept(offer_id, current_user.id)
            flash(f"{found.title} is yours for {money_with_currency(found.amount_cents)}.", "success")
            return htmx.see_other(url_for("auctions.show", auction_id=found.auction_id))
        if answer == "decline":
            second_chance.decline(offer_id, current_user.id)
            flash("You have declined the offer. The seller is told.", "success")
            return htmx.see_other(url_for("auctions.offer", offer_id=offer_id))
    except InsufficientFunds as refusal:
        return _page(offer_id, refusal.text, 422, refusal.missing_cents)
    except Conflict as refusal:
        return _page(offer_id, refusal.text, 409)
    return _page(offer_id, "Accept the offer or decline it.", 422)


def _page(offer_id: int, problem: str = "", status: int = 200, missing_cents: int = 0) -> Response:
    found = second_chances.for_bidder(offer_id, current_user.id)
    stands = found.state == "open" and datetime.now(UTC) < found.lapses_at
    return make_response(render_template(
        "selling/offer.html", offer=found, stands=stands, card=by_id([found.auction_id])[found.auction_id],
        problem=problem, missing_cents=missing_cents,
        available_cents=wallet.balances(current_user.id)["available"]), status)
