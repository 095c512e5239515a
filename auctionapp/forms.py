"""What the forms of all pages share."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from werkzeug.datastructures import CombinedMultiDict


class PageForm(FlaskForm):
    """A form that reads forms only: Flask-WTF also takes JSON, whose values need not be text."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            if formdata is _Auto:
                return CombinedMultiDict([request.files, request.form]) if form.is_submitted() else None
            return formdata


LONGEST_KEY = 200


def sent_key() -> str:
    """The hidden `key` of the form that was sent; nothing in place of what no form of ours holds (fault 10)."""
    key = request.form.get("key", "")
    return key if key.isprintable() and len(key) <= LONGEST_KEY else ""
