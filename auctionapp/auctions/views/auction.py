"""One auction's page: its state, the bid box with its confirmation, the history."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from auctionapp import htmx, idempotency
from auctionapp.auctions import chart, rules
from auctionapp.auctions.queries import auction as auctions
from auctionapp.auctions.queries import history as steps
from auctionapp.auctions.queries import second_chances
from auctionapp.auctions.queries.auction import Panel
from auctionapp.auctions.services import bidding
from auctionapp.auctions.views import blueprint
from auctionapp.errors import (
    AuctionNotLive,
    BidTooLow,
    DomainError,
    IdempotencyKeyReuse,
    InsufficientFunds,
    InvalidAmount,
    NotAllowed,
    NotFound,
    OwnAuction,
    OwnMaximumAgain,
)
from auctionapp.extensions import db, limiter
from auctionapp.formatting import money_with_currency, reader_zone
from auctionapp.forms import sent_key
from auctionapp.money import format_amount, parse_amount, parse_typed_amount
from auctionapp.security import safe_return

HISTORY_PER_PAGE = 50
WARN_ABOVE = 3
"""A bid above so many times the minimum may be a slip of the keys."""
KINDS = ("manual", "auto")
WORDS_OF_KIND = {"manual": "This amount now", "auto": "Up to this maximum, step by step"}


@dataclass
class BidForm:
    """What the bid box shows and keeps: typed amount and kind, the error beside the field, a key for the next try."""

    amount: str = ""
    kind: str = "auto"
    key: str = ""
    error: str = ""
    error_names_minimum: bool = False
    """The hint beside the field is not shown then: it would say the same."""
    missing_cents: int = 0
    """What the wallet lacks: the error offers the way to add it."""
    confirm_cents: int | None = None
    """Set while the bid is to be confirmed."""
    asked_again: str = ""
    """Why a confirmed bid is asked about once more."""
    done: str = ""
    """What became of the bid that was just sent."""
    back: str = ""
    """Where the bidder came from and goes back to, if not the lot's own page."""
    warn_above: int = WARN_ABOVE

    def __post_init__(self) -> None:
        self.key = self.key or secrets.token_urlsafe(16)


def viewer_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def wanted_panel(auction_id: int) -> Panel:
    """The auction as its viewer may see it. Raises NotFound."""
    found = auctions.panel(auction_id, viewer_id(), datetime.now(UTC))
    if found is None:
        raise NotFound("There is no such lot, or it is not on sale yet.")
    return found


@blueprint.get("/auctions/<int:auction_id>")
def show(auction_id: int) -> Response:
    lot = wanted_panel(auction_id)
    quick = parse_typed_amount(request.args.get("amount", "")[:20])
    return page(lot, BidForm(amount=format_amount(quick) if quick else ""))


def page(lot: Panel, form: BidForm, status: int = 200) -> Response:
    """The whole page, or the bid panel alone when htmx asks for it."""
    context = panel_context(lot, form)
    if htmx.is_htmx() and request.method == "POST":
        html = render_template("auctions/_bid_answer.html", **context)
    elif form.confirm_cents is not None:
        html = render_template("auctions/confirm.html", **context)
    else:
        sees_names = lot.is_seller or (current_user.is_authenticated and current_user.has_role("admin"))
        html = render_template("auctions/show.html", bidders=steps.bidders(lot.id) if sees_names else None,
                               offer=second_chances.standing_for(lot.viewer_id, lot.id, lot.now)
                               if lot.phase == "unsold" and lot.is_leader else None, **context)
    response = make_response(html, status)
    response.vary.add("HX-Request")
    return response


def panel_context(lot: Panel, form: BidForm) -> dict[str, Any]:
    return {"lot": lot, "form": form, "last_steps": steps.last(lot.id), "zone": reader_zone(), "role": lot.role,
            "words_of_kind": WORDS_OF_KIND}


def person_or_address() -> str:
    return f"person:{current_user.id}" if current_user.is_authenticated else request.remote_addr or ""


@blueprint.post("/auctions/<int:auction_id>/bids")
@limiter.limit("120/minute", key_func=person_or_address)
def bid(auction_id: int) -> AnyResponse:
    """Judge what was typed, ask for a confirmation, then place the bid (http-contract)."""
    if not current_user.is_authenticated:
        return to_sign_in(auction_id)
    lot = wanted_panel(auction_id)
    typed = request.form.get("amount", "")[:40]
    kind = request.form.get("kind") or "auto"
    form = BidForm(amount=typed.strip(), kind=kind if kind in KINDS else "auto", key=sent_key(),
                   back=safe_return(request.form.get("next"), ""))
    amount = parse_typed_amount(typed)
    try:
        if kind not in KINDS:
            raise DomainError("Choose how to bid: this amount now, or up to a maximum.")
        if amount is None:
            raise InvalidAmount()
        key = idempotency.Key(current_user.id, "POST", request.path, form.key, f"{kind} {amount}")
        if idempotency.earlier_result(db.session(), key):
            return htmx.see_other(form.back or url_for("auctions.show", auction_id=auction_id))
        judge(lot, kind, amount)
        if request.form.get("confirmed") != "1":
            form.confirm_cents = amount
            return page(lot, form)
        placed = bidding.place_bid(auction_id, bidding.Offer(current_user.id, kind, amount, key))
    except DomainError as refusal:
        return refused(auction_id, form, amount, refusal)
    return accepted(auction_id, placed, form, amount)


def to_sign_in(auction_id: int) -> AnyResponse:
    """A guest signs in and comes back to the lot."""
    location = url_for("accounts.login", next=url_for("auctions.show", auction_id=auction_id))
    if htmx.is_htmx():
        return Response(status=204, headers={"HX-Redirect": location})
    return htmx.see_other(location)


def judge(lot: Panel, kind: str, amount_cents: int) -> None:
    """Refuse before the confirmation what would be refused after it: the same rules on what the page shows now."""
    viewer = current_user.id
    if lot.is_seller:
        raise OwnAuction()
    rules.refuse_unless_open(lot.state)
    if lot.refused_by_seller:
        raise NotAllowed("You may not bid on this lot.")
    rules.resolve(lot.terms, lot.standing, viewer, kind, amount_cents, lot.now)
    missing = amount_cents - lot.own_hold_cents - lot.available_cents
    if missing > 0:
        raise InsufficientFunds(lot.available_cents, missing)


def seen_minimum() -> int | None:
    return parse_typed_amount(request.form.get("seen_minimum", "")[:20])


def whose_bid(auction_id: int) -> str:
    """What leads now, in words."""
    leading = steps.last(auction_id, 1)
    return "Someone's maximum" if leading and leading[0].kind == "auto" else "Someone's bid"


def refused(auction_id: int, form: BidForm, amount_cents: int | None, refusal: DomainError) -> AnyResponse:
    """The form again with the error beside the field, or the confirmation again when only the price has moved."""
    if isinstance(refusal, NotFound) or refusal.status == 503:
        raise refusal
    lot = wanted_panel(auction_id)
    form.error = refusal.text
    if isinstance(refusal, BidTooLow) and not isinstance(refusal, OwnMaximumAgain):
        seen, minimum = seen_minimum(), refusal.next_minimum_cents
        form.error, form.error_names_minimum = f"At least {money_with_currency(minimum)}.", True
        if lot.is_leader:
            form.error = f"You are leading. To raise the price, bid at least {money_with_currency(minimum)}."
        elif seen is not None and amount_cents is not None and seen <= amount_cents:
            # It was enough when the page was read: the price has moved since.
            form.asked_again = f"{form.error} {whose_bid(auction_id)} beat {money_with_currency(amount_cents)} a moment ago."
            form.confirm_cents, form.error, form.error_names_minimum = minimum, "", False
            form.amount, form.key = format_amount(minimum), secrets.token_urlsafe(16)
            return page(lot, form)
    elif isinstance(refusal, InsufficientFunds):
        form.missing_cents = refusal.missing_cents
        form.error = f"You have {money_with_currency(refusal.available_cents)} available:"
    elif isinstance(refusal, IdempotencyKeyReuse):
        form.key = secrets.token_urlsafe(16)
        form.error = "This form was sent before with another amount. Check the amount and send it once more."
    elif isinstance(refusal, AuctionNotLive) and lot.over:
        form.error = "The auction has ended. No more bids are taken."
    return page(lot, form, refusal.status if refusal.status == 403 else 422)


def shown_of(placed: bidding.Placed, name: str) -> str:
    return money_with_currency(parse_amount(placed.bid[name]))


def accepted(auction_id: int, placed: bidding.Placed, form: BidForm, amount_cents: int) -> AnyResponse:
    """303 back to where the bid came from, or the new bid panel for htmx."""
    amount, kind = money_with_currency(amount_cents), form.kind
    if not placed.leading:
        tone, words = "warning", (
            f"Your bid of {amount} was beaten at once by an earlier, higher maximum. "
            f"To go on, bid at least {shown_of(placed, 'next_minimum_bid')}.")
    elif placed.sequence is None:
        tone, words = "good", f"Your maximum is {amount} now. You are leading; the price stays."
    elif kind == "auto":
        tone, words = "good", f"You are leading at {shown_of(placed, 'current_price')}, with a maximum of {amount}."
    else:
        tone, words = "good", f"You are leading with {amount}."
    if not htmx.is_htmx():
        flash(f"{wanted_panel(auction_id).title}: {words}" if form.back else words, tone)
        return htmx.see_other(form.back or url_for("auctions.show", auction_id=auction_id))
    return page(wanted_panel(auction_id), BidForm(done=words, kind=kind))


@blueprint.get("/auctions/<int:auction_id>/bids")
def history(auction_id: int) -> str:
    """All steps with their reasons, and a step chart drawn here."""
    lot = wanted_panel(auction_id)
    sees_names = lot.is_seller or (current_user.is_authenticated and current_user.has_role("admin"))
    pages = max(1, -(-lot.step_sequence // HISTORY_PER_PAGE))
    number = request.args.get("page", 1, type=int)
    if not 1 <= number <= pages:
        abort(404)
    return render_template(
        "auctions/bids.html", lot=lot, page=number, pages=pages, with_names=sees_names,
        lines=steps.page(lot.id, number, HISTORY_PER_PAGE, with_names=sees_names),
        chart=chart.step_chart(steps.chart_points(lot.id, lot.step_sequence), lot.closed_at or lot.now),
    )
