"""The signed-in person's own pictures and signature."""

from collections.abc import Callable

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user, login_required
from flask_wtf.file import FileField

from auctionapp import htmx, pictures
from auctionapp.errors import DomainError, NotFound
from auctionapp.extensions import db, limiter
from auctionapp.people import queries, rules, services
from auctionapp.people.forms import PictureForm, SignatureForm, UploadForm
from auctionapp.people.views import blueprint

uploads = limiter.shared_limit("60 per hour", scope="own-pictures", key_func=lambda: str(current_user.get_id()),
                               methods=["POST"], exempt_when=lambda: not current_user.is_authenticated)
"""Each is decoded and drawn anew several times (fault 52)."""


@blueprint.route("/dashboard/profile/pictures", methods=["GET", "POST"])
@uploads
@login_required
def own_pictures() -> Response:
    form = PictureForm()
    if _kept(form, form.picture, pictures.PORTRAIT, services.add_picture, "Your new picture is shown from now on."):
        return htmx.see_other(url_for("people.own_pictures"))
    return _page(form, SignatureForm(formdata=None))


@blueprint.post("/dashboard/profile/pictures/<int:picture_id>/use")
@login_required
def use_picture(picture_id: int) -> Response:
    services.use_picture(current_user.id, picture_id)
    flash("This picture is shown from now on.", "success")
    return htmx.see_other(url_for("people.own_pictures"))


@blueprint.post("/dashboard/profile/pictures/none")
@login_required
def use_no_picture() -> Response:
    services.use_picture(current_user.id, None)
    flash("Your initials are shown from now on.", "success")
    return htmx.see_other(url_for("people.own_pictures"))


@blueprint.route("/dashboard/profile/pictures/<int:picture_id>/remove", methods=["GET", "POST"])
@login_required
def remove_picture(picture_id: int) -> Response:
    if request.method == "GET":
        picture = next((one for one in queries.pictures(db.session(), current_user.id) if one.id == picture_id), None)
        if picture is None:
            raise NotFound()
        return make_response(render_template("people/remove_picture.html", picture=picture))
    services.remove_picture(current_user.id, picture_id)
    flash("The picture is removed.", "success")
    return htmx.see_other(url_for("people.own_pictures"))


@blueprint.post("/dashboard/profile/signature")
@uploads
@login_required
def signature() -> Response:
    form = SignatureForm()
    if _kept(form, form.signature, pictures.SIGNATURE, services.set_signature, "Your signature is saved."):
        return htmx.see_other(url_for("people.own_pictures"))
    return _page(PictureForm(formdata=None), form)


@blueprint.post("/dashboard/profile/signature/remove")
@login_required
def remove_signature() -> Response:
    services.set_signature(current_user.id, None)
    flash("Your signature is removed.", "success")
    return htmx.see_other(url_for("people.own_pictures"))


def _kept(form: UploadForm, upload: FileField, shape: pictures.Shape, keep: Callable[[int, str], object],
          words: str) -> bool:
    """Keep the picture that was sent and say so; False where none was or it is refused, which stands at its field."""
    if not form.validate_on_submit():
        return False
    try:
        with pictures.stored(current_app.config["MEDIA"], [upload.data], shape) as stored:
            keep(current_user.id, stored[0].name)
    except DomainError as refusal:
        upload.errors = [refusal.text]
        form.refused_status = refusal.status
        return False
    flash(words, "success")
    return True


def _page(form: PictureForm, signature_form: SignatureForm) -> Response:
    refused = form.refused_status or signature_form.refused_status
    return make_response(render_template(
        "people/pictures.html", form=form, signature_form=signature_form, most=rules.PICTURES_KEPT,
        pictures=queries.pictures(db.session(), current_user.id)), refused or (422 if request.method == "POST" else 200))
