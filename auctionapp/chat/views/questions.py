"""The questions under a seller's own lots in one place, answered where they stand."""

from flask import Response, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import htmx
from auctionapp.chat import services
from auctionapp.chat.queries import questions as queries
from auctionapp.chat.views import blueprint, writing
from auctionapp.errors import DomainError, NotFound
from auctionapp.idempotency import Key
from auctionapp.pictures import StoredPicture


@blueprint.get("/dashboard/questions")
@login_required
def questions() -> Response:
    """What others wrote under own lots: those lots that wait for an answer, or all (?show=all)."""
    return _page(None, "", "")


@blueprint.post("/dashboard/questions/<int:auction_id>")
@login_required
def answer_question(auction_id: int) -> Response:
    """Write in the chat of an own lot."""
    if queries.lot_of(auction_id, current_user.id) is None:
        raise NotFound()

    def write(text: str, _picture: StoredPicture | None, key: Key | None) -> dict:
        return services.post(auction_id, current_user.id, text, key)

    text = request.form.get("text", "")
    try:
        writing.send(text, write)
    except DomainError as refusal:
        if refusal.status not in writing.REFUSED:
            raise
        return _page(auction_id, text, refusal.text, refusal.status)
    flash("Your answer stands in the lot's chat.", "success")
    return htmx.see_other(url_for("chat.questions", show=request.args.get("show")))


def _page(refused_id: int | None, text: str, error: str, status: int = 200) -> Response:
    every = request.args.get("show") == "all"
    found, next_before = queries.asked(current_user.id, not every, writing.before())
    return make_response(render_template(
        "chat/questions.html", lots=found, next_before=next_before, every=every, refused_id=refused_id,
        form=writing.Typed(text, error), later="before" in request.args), status)
