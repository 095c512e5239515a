"""A new password for who forgot the old one."""

from flask import flash, redirect, render_template, request, session, url_for

from auctionapp.accounts import limits, services
from auctionapp.accounts.forms import EmailForm, ResetForm
from auctionapp.accounts.views import blueprint
from auctionapp.accounts.views.login import Page
from auctionapp.accounts.views.pending import begun, delivery, keep, mail_site
from auctionapp.errors import DomainError, NotSetUp


@blueprint.route("/account/reset", methods=["GET", "POST"])
@limits.letters_per_address
def reset() -> Page:
    mail_site().require_mail()
    form = EmailForm()
    problem = None
    if form.validate_on_submit():
        try:
            code_id = services.request_reset(form.email.data or "", mail_site())
        except NotSetUp:
            raise
        except DomainError as refusal:
            problem = refusal.text
        else:
            keep("reset", form.email.data or "", code_id)
            return redirect(url_for("accounts.reset_code"), 303)  # type: ignore[return-value]
    if request.method == "GET":
        form.email.data = request.args.get("email", "")
    return render_template("accounts/reset.html", form=form, problem=problem), 422 if request.method == "POST" else 200


@blueprint.route("/account/reset/code", methods=["GET", "POST"])
@limits.codes_per_address
def reset_code() -> Page:
    email, code_id = begun("reset")
    form = ResetForm()
    form.email.data = form.email.data or email
    problem = None
    if form.validate_on_submit():
        address = (form.email.data or "").strip().lower()
        try:
            services.reset_password(address, form.typed_code(), form.password.data or "", mail_site(),
                                    code_id if address == email else None)
        except DomainError as refusal:
            problem = refusal.text
        else:
            session.pop("reset", None)
            flash("Your password is changed, and all sessions are ended. Sign in with the new one.", "success")
            return redirect(url_for("accounts.login", email=address), 303)  # type: ignore[return-value]
    return render_template("accounts/reset_code.html", form=form, problem=problem, email=email, **delivery(email)), \
        422 if request.method == "POST" else 200
