"""What a seller does with a lot that has bids or is over: end it early, lower the reserve, offer a second chance."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, flash, make_response, render_template, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.auctions import seller_rules
from auctionapp.auctions.forms import EndForm, ReserveForm, SecondChanceForm
from auctionapp.auctions.queries import own, second_chances
from auctionapp.auctions.services import ending, second_chance, selling
from auctionapp.auctions.views import blueprint
from auctionapp.auctions.views.cards import cards_of
from auctionapp.audit import ReasonMissing
from auctionapp.errors import Conflict, InvalidAmount
from auctionapp.extensions import db
from auctionapp.money import parse_amount

REASON_ASKED = "Say in a few words why, in one line: bidders and everybody else read it."


@blueprint.route("/dashboard/auctions/<int:auction_id>/end", methods=["GET", "POST"])
@login_required
def end_early(auction_id: int) -> Response:
    """With 12 hours or more left a reason, with less the sale to who leads (R9)."""
    lot, form = own.one(auction_id, current_user.id), EndForm()
    problem: str | None = None
    if form.validate_on_submit():
        try:
            if form.seen_price.data:
                ending.sell_now(auction_id, current_user.id, parse_amount(form.seen_price.data) or 0)
                flash("Sold. The price, less the commission, is in your wallet.", "success")
            else:
                ending.end(auction_id, current_user.id, form.reason.data or "")
                flash("The lot is ended, its bids are void, and bidders are told.", "success")
            return htmx.see_other(url_for("auctions.own_lot", auction_id=auction_id))
        except ReasonMissing:
            form.reason.errors = [REASON_ASKED]
        except Conflict as refusal:
            problem = refusal.text
        lot = own.one(auction_id, current_user.id)
    way = None
    try:
        way = seller_rules.way_to_end(lot, datetime.now(UTC))
    except Conflict as refusal:
        problem = refusal.text
    return _page("selling/end.html", lot, form, problem, way=way)


@blueprint.route("/dashboard/auctions/<int:auction_id>/reserve", methods=["GET", "POST"])
@login_required
def lower_reserve(auction_id: int) -> Response:
    """A lower reserve, once and 12 hours before the end at the latest (R4)."""
    lot, form = own.one(auction_id, current_user.id), ReserveForm()
    problem: str | None = None
    if form.validate_on_submit():
        if form.reserve_price.cents is None and not form.none.data:
            form.reserve_price.errors = [InvalidAmount.text]
        else:
            try:
                selling.edit(auction_id, current_user.id,
                             {"reserve_price_cents": None if form.none.data else form.reserve_price.cents})
                flash("The reserve is lowered.", "success")
                return htmx.see_other(url_for("auctions.own_lot", auction_id=auction_id))
            except selling.InvalidLot as refusal:
                form.reserve_price.errors = list(refusal.errors.values())
            except Conflict as refusal:
                problem = refusal.text
    allowed = True
    try:
        seller_rules.refuse_other_reserve(lot, datetime.now(UTC))
    except Conflict as refusal:
        allowed, problem = False, refusal.text
    return _page("selling/reserve.html", lot, form, problem, allowed=allowed)


@blueprint.route("/dashboard/auctions/<int:auction_id>/second-chance", methods=["GET", "POST"])
@login_required
def second_chance_form(auction_id: int) -> Response:
    """Offer an unsold lot to its highest bidder (R4)."""
    lot, form = own.one(auction_id, current_user.id), SecondChanceForm()
    problem: str | None = None
    if form.validate_on_submit():
        if form.how.data not in ("maximum", "amount"):
            form.how.errors = ["Choose what you ask for."]
        elif form.how.data == "amount" and form.amount.cents is None:
            form.amount.errors = [InvalidAmount.text]
        else:
            try:
                second_chance.offer(auction_id, current_user.id, form.amount.cents if form.how.data == "amount" else None)
                flash("The offer is made. The bidder has 48 hours to answer.", "success")
                return htmx.see_other(url_for("auctions.own_lot", auction_id=auction_id))
            except Conflict as refusal:
                problem = refusal.text
    offers, allowed = second_chances.offers_of(db.session(), auction_id), True
    try:
        seller_rules.refuse_second_chance(lot, offers, datetime.now(UTC))
    except Conflict as refusal:
        allowed, problem = False, refusal.text
    return _page("selling/second_chance.html", lot, form, problem, allowed=allowed,
                 offers_left=seller_rules.MOST_OFFERS - offers.made)


@blueprint.post("/dashboard/auctions/<int:auction_id>/second-chance/withdraw")
@login_required
def withdraw_second_chance(auction_id: int) -> Response:
    own.one(auction_id, current_user.id)
    try:
        second_chance.withdraw(auction_id, current_user.id)
        flash("The offer is withdrawn, and the bidder is told.", "success")
    except Conflict as refusal:
        flash(refusal.text, "error")
    return htmx.see_other(url_for("auctions.own_lot", auction_id=auction_id))


def _page(template: str, lot: Any, form: Any, problem: str | None, **context: Any) -> Response:
    """The form, or 422 with what is wrong; 409 where the lot does not allow it (any more)."""
    status = 200 if not form.is_submitted() else 409 if problem else 422
    facts = {name: value for name, value in lot._mapping.items() if name not in ("leader_id", "leader_maximum_cents")}
    card = cards_of([lot], datetime.now(UTC))[0]
    return make_response(render_template(template, lot=facts, card=card, form=form, problem=problem, **context), status)
