"""The forms about own pictures."""

from flask_wtf.file import FileField, FileRequired

from auctionapp.forms import PageForm


class UploadForm(PageForm):
    refused_status = 0
    """Of the answer, where the picture itself was refused."""


class PictureForm(UploadForm):
    picture = FileField("Picture", [FileRequired("Choose a picture.")], render_kw={
        "accept": "image/jpeg,image/png,image/webp"},
        description="A JPEG, PNG or WebP file of at most 12 MB. It is cut to a square.")


class SignatureForm(UploadForm):
    signature = FileField("Signature", [FileRequired("Choose a picture.")], render_kw={
        "accept": "image/jpeg,image/png,image/webp"},
        description="For example your name by hand, on white. It is shown at most 600 pixels wide.")
