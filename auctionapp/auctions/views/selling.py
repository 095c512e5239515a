"""The seller's pages: describe a lot, publish it, change it, delete it, refuse a bidder."""

from collections.abc import Callable, Sequence
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from werkzeug.datastructures import FileStorage

from auctionapp import htmx, pictures
from auctionapp.auctions import seller_rules
from auctionapp.auctions.forms import AdditionForm, LotForm
from auctionapp.auctions.lots import PICTURES, InvalidLot, changed_fields
from auctionapp.auctions.models import Auction
from auctionapp.auctions.queries import catalogue, second_chances
from auctionapp.auctions.queries import lot as lots
from auctionapp.auctions.services import bidders, selling
from auctionapp.auctions.views import blueprint
from auctionapp.errors import Conflict, DomainError
from auctionapp.extensions import db
from auctionapp.formatting import reader_zone
from auctionapp.forms import uploads
from auctionapp.money import shown_amount

TOO_MANY = f"A lot has at most {PICTURES} pictures."


@blueprint.route("/auctions/new", methods=["GET", "POST"])
@uploads
@login_required
def new() -> Response:
    """The seller's form; what it saves is a draft, shown to its seller as bidders will see it."""
    if not current_user.has_role("seller"):
        return redirect(url_for("accounts.sell"), 303)  # type: ignore[return-value]
    form = _lot_form()
    problem = None
    seller_id = current_user.id
    old, relisted = _old_lot()
    before = selling.as_new(db.session(), old) if old else None
    images = list(lots.images(old.id)) if old else []
    old_id, old_title = (old.id, old.title) if old else (None, "")
    if form.is_submitted():
        draft = form.draft(before)
        if draft:
            dropped = form.dropped_pictures()
            carried = [pictures.StoredPicture(image.name, image.width, image.height)
                       for image in images if image.id not in dropped]
            auction_id, problem = _attempt(form, lambda stored: selling.create_draft(
                seller_id, draft, pictures=stored, relisted_from=old_id if relisted else None), carried)
            if auction_id is not None:
                return htmx.see_other(url_for("auctions.show", auction_id=auction_id))
    elif before is not None:
        form.fill(before, reader_zone())
        if relisted:
            problem = _refusal_of_relisting(old)
    else:
        form.process(data={"start": "now", "end": "after", "duration_hours": "72", "soft_close": True,
                           "time_zone": form.time_zone.data})
    return _page("auctions/new.html", form, problem, images=images, relisted=relisted, old_id=old_id, old_title=old_title)


def _old_lot() -> tuple[Auction | None, bool]:
    """The own lot that the form is filled from (`?like=` or `?relist=`), and whether that one is put on sale again.

    Raises NotFound for another's lot, NotAllowed where everybody may see it.
    """
    for name in ("relist", "like"):
        given = request.args.get(name, "")
        if given.isascii() and given.isdigit() and len(given) <= 18:
            return lots.own(int(given), current_user.id), name == "relist"
    return None, False


def _refusal_of_relisting(old: Any) -> Conflict | None:
    """What stands against it already, before the form is filled in."""
    try:
        seller_rules.refuse_relisting(old, second_chances.offers_of(db.session(), old.id))
    except Conflict as refusal:
        return refusal
    return None


@blueprint.route("/auctions/<int:auction_id>/edit", methods=["GET", "POST"])
@uploads
@login_required
def edit(auction_id: int) -> Response:
    """Before the first bid the whole form, after it only what may still be added (R9)."""
    auction = lots.own(auction_id, current_user.id)
    if auction.state not in ("draft", "open"):
        raise Conflict("This auction is over, so it can no longer be edited.")
    return _edit_after_bids(auction) if auction.bid_number else _edit_before_bids(auction)


@blueprint.post("/auctions/<int:auction_id>/publish")
@login_required
def publish(auction_id: int) -> Response:
    try:
        selling.publish(auction_id, current_user.id)
    except Conflict as refusal:
        flash(refusal.text, "error")
        return htmx.see_other(url_for("auctions.edit", auction_id=auction_id))
    flash("Your lot is on sale.", "success")
    return htmx.see_other(url_for("auctions.show", auction_id=auction_id))


@blueprint.route("/auctions/<int:auction_id>/delete", methods=["GET", "POST"])
@login_required
def delete(auction_id: int) -> Response:
    """Ask once, then delete."""
    auction = lots.own(auction_id, current_user.id)
    form = AdditionForm()
    if not form.is_submitted():
        if auction.bid_number:
            raise Conflict("There are bids on this lot, so it cannot be deleted.")
        return make_response(render_template("auctions/delete.html", auction=auction))
    gone = selling.delete(auction_id, current_user.id)
    flash("The lot is deleted." if gone else "The lot is withdrawn. What people wrote about it stays.", "success")
    return htmx.see_other(url_for("auctions.own_auctions"))


@blueprint.post("/auctions/<int:auction_id>/bidders/<int:alias>")
@login_required
def bidder(auction_id: int, alias: int) -> Response:
    """The seller takes no more bids from a bidder of this lot (blocked=1), or takes them again (R11)."""
    if request.form.get("blocked") == "1":
        bidders.block(auction_id, current_user.id, alias)
        flash(f"You take no more bids from Bidder {alias}, on this lot or any other. Bids that stand already stay.", "success")
    else:
        bidders.unblock(auction_id, current_user.id, alias)
        flash(f"You take bids from Bidder {alias} again.", "success")
    return htmx.see_other(url_for("auctions.show", auction_id=auction_id, _anchor="who-bids"))


def _edit_before_bids(auction: Auction) -> Response:
    form = _lot_form()
    auction_id, seller_id = auction.id, auction.seller_id
    before, version = selling.draft_of(db.session(), auction), auction.version
    images = lots.images(auction_id)
    problem = None
    if form.is_submitted():
        wanted = form.draft(before)
        if wanted:
            changes = changed_fields(before, wanted)
            _, problem = _attempt(form, lambda stored: selling.edit(
                auction_id, seller_id, changes, pictures=stored, dropped_pictures=form.dropped_pictures(),
                version=form.seen_version()))
            if problem is None and not form.errors:
                flash("Saved.", "success")
                return htmx.see_other(url_for("auctions.show", auction_id=auction_id))
    else:
        form.fill(before, reader_zone(), version)
    return _page("auctions/edit.html", form, problem, auction=auction, images=images)


def _edit_after_bids(auction: Auction) -> Response:
    form = AdditionForm()
    auction_id, seller_id = auction.id, auction.seller_id
    problem = None
    if form.validate_on_submit():
        changes: dict[str, Any] = {"description_addition": form.description_addition.data}
        if form.reserve_price.cents is not None:
            changes["reserve_price_cents"] = form.reserve_price.cents
        _, problem = _attempt(form, lambda stored: selling.edit(auction_id, seller_id, changes, pictures=stored))
        if problem is None and not form.errors:
            flash("Added.", "success")
            return htmx.see_other(url_for("auctions.show", auction_id=auction_id))
    reserve = shown_amount(auction.reserve_price_cents) if auction.reserve_price_cents else None
    return _page("auctions/edit_after_bids.html", form, problem, auction=auction, images=lots.images(auction_id),
                 reserve=reserve)


def _attempt(form: Any, work: Callable[[Sequence[pictures.StoredPicture]], Any],
             carried: Sequence[pictures.StoredPicture] = ()) -> tuple[Any, DomainError | None]:
    """Store the uploads and copies of the pictures that are carried over, do the work that names them; a refusal is
    put beside its field or comes back."""
    uploads, folder = _uploads(form.pictures.data), current_app.config["MEDIA"]
    if len(uploads) + len(carried) > PICTURES:
        form.pictures.errors = [TOO_MANY]
        return None, None
    try:
        with pictures.copied(folder, carried) as copies, pictures.stored(folder, uploads) as stored:
            return work([*copies, *stored]), None
    except pictures.InvalidPicture as refusal:
        form.pictures.errors = [refusal.text]
    except InvalidLot as refusal:
        homeless = form.show_errors(refusal.errors) if isinstance(form, LotForm) else list(refusal.errors.values())
        return None, InvalidLot({"": " ".join(homeless)}) if homeless else None
    except Conflict as refusal:
        return None, refusal
    return None, None


def _uploads(files: Sequence[Any] | None) -> list[BinaryIO]:
    return [one.stream for one in files or [] if isinstance(one, FileStorage) and one.filename]  # type: ignore[misc]


def _lot_form() -> LotForm:
    form = LotForm()
    form.offer(catalogue.categories(), ZoneInfo(reader_zone().key))
    return form


def _page(template: str, form: Any, problem: DomainError | None, **context: Any) -> Response:
    """The form again: 422 when it was sent and refused, 409 when the lot no longer allows it."""
    status = 200 if not form.is_submitted() else problem.status if problem else 422
    return make_response(render_template(template, form=form, problem=problem.text if problem else None, **context),
                         status)
