"""Register, and prove the address with the code from the mail."""

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required

from auctionapp.accounts import limits, services
from auctionapp.accounts.forms import CodeForm, EmailForm, RegisterForm, SellForm
from auctionapp.accounts.views import blueprint
from auctionapp.accounts.views.login import Page
from auctionapp.accounts.views.pending import begun, delivery, keep, mail_site
from auctionapp.errors import DomainError, NotSetUp


@blueprint.route("/account/register", methods=["GET", "POST"])
@limits.letters_per_address
def register() -> Page:
    if request.method == "GET" and current_user.is_authenticated:
        return redirect("/", 303)  # type: ignore[return-value]
    mail_site().require_mail()
    form = RegisterForm()
    problem = None
    if form.validate_on_submit():
        try:
            code_id = services.register(form.email.data or "", form.password.data or "", form.display_name.data or "",
                                        mail_site())
        except NotSetUp:
            raise
        except DomainError as refusal:
            problem = refusal.text
        else:
            keep("register", form.email.data or "", code_id)
            return redirect(url_for("accounts.confirm"), 303)  # type: ignore[return-value]
    return render_template("accounts/register.html", form=form, problem=problem), _status(request.method)


@blueprint.route("/account/confirm", methods=["GET", "POST"])
@limits.codes_per_address
def confirm() -> Page:
    email, code_id = begun("register")
    form = CodeForm()
    form.email.data = form.email.data or email
    problem = None
    if form.validate_on_submit():
        address = (form.email.data or "").strip().lower()
        try:
            services.confirm(address, form.typed_code(), code_id if address == email else None)
        except DomainError as refusal:
            problem = refusal.text
        else:
            session.pop("register", None)
            flash("Your address is confirmed. Sign in with your password.", "success")
            return redirect(url_for("accounts.login", email=address), 303)  # type: ignore[return-value]
    return render_template("accounts/confirm.html", form=form, problem=problem, email=email, **delivery(email)), \
        _status(request.method)


@blueprint.post("/account/confirm/resend")
@limits.letters_per_address
def resend() -> Page:
    email, code_id = begun("register")
    form = EmailForm()
    form.email.data = form.email.data or email
    problem = None
    if form.validate_on_submit():
        address = (form.email.data or "").strip().lower()
        try:
            new_id = services.resend(address, code_id if address == email else None, mail_site())
        except DomainError as refusal:
            problem = refusal.text
        else:
            keep("register", address, new_id)
            flash("A new code is on its way. The one before works no more.", "success")
            return redirect(url_for("accounts.confirm"), 303)  # type: ignore[return-value]
    shown = CodeForm(formdata=None, email=form.email.data)
    problem = problem or "Write the address that you registered."
    return render_template("accounts/confirm.html", form=shown, problem=problem, email=email, **delivery(email)), 422


@blueprint.route("/account/sell", methods=["GET", "POST"])
@login_required
def sell() -> Page:
    form = SellForm()
    open_to_all = current_app.config["SELLERS"] == "open"
    if current_user.has_role("seller"):
        return redirect("/auctions/new", 303)  # type: ignore[return-value]
    if form.validate_on_submit():
        services.become_seller(current_user.id, open_to_all)
        flash("You can sell now.", "success")
        return redirect("/auctions/new", 303)  # type: ignore[return-value]
    return render_template("accounts/sell.html", form=form, open_to_all=open_to_all), _status(request.method)


def _status(method: str) -> int:
    """A form that is shown again after a POST was refused."""
    return 422 if method == "POST" else 200
