"""The signed-in person's e-mail address: another one, and the code that proves it."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp.accounts import limits, services
from auctionapp.accounts.forms import AddressForm, TypedCodeForm
from auctionapp.accounts.services.address import waiting_address
from auctionapp.accounts.views import blueprint
from auctionapp.accounts.views.login import Page
from auctionapp.accounts.views.pending import delivery, mail_site
from auctionapp.errors import DomainError, NotSetUp
from auctionapp.extensions import db


@blueprint.route("/dashboard/profile/address", methods=["GET", "POST"])
@limits.passwords_per_address
@limits.letters_per_address
@login_required
def address() -> Page:
    form = AddressForm()
    if request.method == "POST":
        mail_site().require_mail()
    if form.validate_on_submit():
        try:
            services.request_address(current_user.id, form.email.data or "", form.password.data or "", mail_site())
        except NotSetUp:
            raise
        except services.WrongCredentials as refusal:
            form.password.errors = [refusal.text]
        except DomainError as refusal:
            form.email.errors = [refusal.text]
        else:
            return redirect(url_for("accounts.address"), 303)  # type: ignore[return-value]
    return _page(form, TypedCodeForm(formdata=None), None)


@blueprint.post("/dashboard/profile/address/confirm")
@limits.codes_per_address
@login_required
def confirm_address() -> Page:
    form = TypedCodeForm()
    problem = None
    if form.validate_on_submit():
        try:
            email = services.confirm_address(current_user.id, form.typed_code(), mail_site())
        except DomainError as refusal:
            problem = refusal.text
        else:
            flash(f"Your address is now {email}. Sign in with it from now on.", "success")
            return redirect(url_for("accounts.address"), 303)  # type: ignore[return-value]
    return _page(AddressForm(formdata=None), form, problem)


def _page(form: AddressForm, code_form: TypedCodeForm, problem: str | None) -> Response:
    waiting = waiting_address(db.session(), current_user.id)
    return make_response(render_template(
        "accounts/address.html", form=form, code_form=code_form, problem=problem, waiting=waiting,
        **delivery(waiting.email if waiting else "")), 422 if request.method == "POST" else 200)
