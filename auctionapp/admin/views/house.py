"""The house's settings, its increments (R1) and its quotas (fault 52)."""

import re

from flask import Response, url_for
from flask_admin import expose

from auctionapp import quotas
from auctionapp.admin.door import DeskView, actor, fresh, said
from auctionapp.admin.forms import HouseForm, IncrementsForm, QuotasForm
from auctionapp.admin.queries import people
from auctionapp.auctions.services import arranging
from auctionapp.extensions import db
from auctionapp.money import format_amount, parse_typed_amount
from auctionapp.pages import queries as house

PER_CENT = re.compile(r"(\d{1,2})(?:[.,](\d{1,2}))?", re.ASCII)


class HouseView(DeskView):
    @expose("/")
    def index(self) -> str:
        standing = quotas.stored(db.session())
        return self.render("admin/house.html", house=house.house(), entries=people.entries_about("house", 1),
                           quotas=[(quota, standing[quota.name]) for quota in quotas.QUOTAS])

    @expose("/settings", methods=("GET", "POST"))
    @fresh
    def settings(self) -> Response:
        now = house.house()
        form = HouseForm(data={"commission": now.commission_text, "soft_close_seconds": now.soft_close_seconds,
                               "soft_close_cap_seconds": now.soft_close_cap_seconds})

        def deed() -> str:
            arranging.set_house(actor(), _basis_points(form.commission.data or ""), form.soft_close_seconds.data or 0,
                                form.soft_close_cap_seconds.data or 0, form.reason.data or "")
            return "The settings are saved."

        return self.act(form, deed, url_for(".index"), "Settings of the house", "The pages Rules and Fees show them at once.",
                        "Save")

    @expose("/increments", methods=("GET", "POST"))
    @fresh
    def increments(self) -> Response:
        form = IncrementsForm(data={"steps": _written(house.house().increments)})
        return self.act(form, lambda: said(lambda: arranging.set_increments(actor(), _read(form.steps.data or "")),
                                           "New lots take these increments."),
                        url_for(".index"), "Increments", "A new version: lots keep the one that they were made with.", "Save")

    @expose("/quotas", methods=("GET", "POST"))
    @fresh
    def quotas(self) -> Response:
        form = QuotasForm(data=quotas.stored(db.session()))

        def deed() -> str:
            arranging.set_quotas(actor(), {quota.name: form[quota.name].data for quota in quotas.QUOTAS},
                                 form["reason"].data or "")
            return f"The quotas are saved. They count everywhere within {quotas.KEPT_SECONDS:.0f} seconds."

        return self.act(form, deed, url_for(".index"), "Quotas", "How often one person may write, ask and report; who comes "
                        "to the end of one is asked to wait. Bids, passwords and the API have limits of their own.", "Save")


def _basis_points(typed: str) -> int:
    match = PER_CENT.fullmatch(typed.strip().removesuffix("%").strip())
    if not match:
        raise arranging.InvalidArrangement("Write the commission as a number such as 5 or 7.5.")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def _written(steps: list[list[int | None]]) -> str:
    return "\n".join(f"{'above' if limit is None else format_amount(limit)}: {format_amount(step or 0)}"
                     for limit, step in steps)


def _read(typed: str) -> list[tuple[int | None, int | None]]:
    """Lines of `24.99: 0.50`, the last `above: 100`. Raises InvalidArrangement with the number of the line."""
    steps: list[tuple[int | None, int | None]] = []
    for number, line in enumerate((line for line in typed.splitlines() if line.strip()), start=1):
        limit, _, step = line.partition(":")
        cents = None if limit.strip().lower() == "above" else parse_typed_amount(limit)
        amount = parse_typed_amount(step)
        if amount is None or (cents is None and limit.strip().lower() != "above"):
            raise arranging.InvalidArrangement(f"Line {number} is not like “24.99: 0.50”.")
        steps.append((cents, amount))
    return steps
