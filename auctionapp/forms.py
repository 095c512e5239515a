"""What the forms of all pages share."""

from typing import Any

from flask import request
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict

from auctionapp import quotas
from auctionapp.extensions import limiter


class PageForm(FlaskForm):
    """A form that reads forms only: Flask-WTF also takes JSON, whose values need not be text."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            if formdata is _Auto:
                return CombinedMultiDict([request.files, request.form]) if form.is_submitted() else None
            return formdata


def _sent_files() -> int:
    return sum(bool(file.filename) for _, file in request.files.items(multi=True))


uploads = limiter.shared_limit(
    quotas.by_clicks("pictures"), scope="uploads", methods=["POST"], cost=_sent_files, exempt_when=lambda: not _sent_files(),
    key_func=lambda: f"person:{current_user.id}" if current_user.is_authenticated else request.remote_addr or "")
"""Pictures that one person may send, whatever becomes of them: looking at one may take a second of a processor (fault 52)."""

LONGEST_KEY = 200


def sent_key() -> str:
    """The hidden `key` of the form that was sent; nothing in place of what no form of ours holds (fault 10)."""
    key = request.form.get("key", "")
    return key if key.isprintable() and len(key) <= LONGEST_KEY else ""
