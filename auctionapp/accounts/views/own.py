"""The signed-in person's own profile and security."""


from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from auctionapp import localtime
from auctionapp.accounts import limits, queries, services
from auctionapp.accounts.forms import ChangePasswordForm, ProfileForm
from auctionapp.accounts.views import blueprint
from auctionapp.accounts.views.login import Page, remember_sign_in
from auctionapp.accounts.views.pending import mail_site
from auctionapp.errors import DomainError
from auctionapp.extensions import db
from auctionapp.mail import queries as mail


@blueprint.route("/dashboard/profile", methods=["GET", "POST"])
@login_required
def profile() -> Page:
    form = ProfileForm(obj=current_user)
    site_zone = current_app.config["SITE_TIME_ZONE"]
    own_zone = current_user.time_zone
    zones = localtime.zone_names()
    if own_zone and own_zone not in zones:
        zones = (own_zone, *zones)
    form.time_zone.choices = [("", f"As the house ({site_zone})"), *((zone, zone.replace("_", " ")) for zone in zones)]
    problem = None
    if form.validate_on_submit():
        try:
            services.update_profile(current_user.id, services.Profile(
                display_name=form.display_name.data or "", time_zone=form.time_zone.data or "",
                about=form.about.data or "", first_name=form.first_name.data or "", last_name=form.last_name.data or "",
                born_on=form.born_on.data, shows_birthday=form.shows_birthday.data))
        except DomainError as refusal:
            problem = refusal.text
        else:
            flash("Your profile is saved.", "success")
            return redirect(url_for("accounts.profile"), 303)  # type: ignore[return-value]
    return render_template("accounts/profile.html", form=form, problem=problem), _status()


@blueprint.route("/dashboard/security", methods=["GET", "POST"])
@limits.passwords_per_address
@login_required
def security() -> Page:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        user_id, remembered = current_user.id, current_user.sign_in_remembered
        try:
            signed_in = services.change_password(user_id, form.old_password.data or "", form.password.data or "",
                                                 mail_site(), request.user_agent.string, remembered)
        except services.WrongCredentials as refusal:
            form.old_password.errors = [refusal.text]
        except DomainError as refusal:
            form.password.errors = [refusal.text]
        else:
            remember_sign_in(user_id, signed_in, remembered)
            flash("Your password is changed. All other sessions and all API tokens are ended.", "success")
            return redirect(url_for("accounts.security"), 303)  # type: ignore[return-value]
    session = db.session()
    return render_template(
        "accounts/security.html", form=form, trouble=mail.trouble(session, current_user.email),
        sign_ins=queries.sign_ins(session, current_user.id),
        tokens=queries.api_tokens(session, current_user.id), own_id=current_user.sign_in_id,
    ), _status()


@blueprint.post("/dashboard/security/sessions/<int:sign_in_id>/end")
@login_required
def end_session(sign_in_id: int) -> Response:
    services.end_session(current_user.id, sign_in_id)
    flash("That session is ended.", "success")
    return redirect(url_for("accounts.security"), 303)  # type: ignore[return-value]


@blueprint.post("/dashboard/security/sessions/end-others")
@login_required
def end_other_sessions() -> Response:
    ended = services.end_other_sessions(current_user.id, current_user.sign_in_id)
    flash(f"{ended} other session{'' if ended == 1 else 's'} ended.", "success")
    return redirect(url_for("accounts.security"), 303)  # type: ignore[return-value]


@blueprint.post("/dashboard/security/tokens/<int:token_id>/revoke")
@login_required
def revoke_token(token_id: int) -> Response:
    services.revoke_token(current_user.id, token_id)
    flash("That token works no more.", "success")
    return redirect(url_for("accounts.security"), 303)  # type: ignore[return-value]


def _status() -> int:
    return 422 if request.method == "POST" else 200
