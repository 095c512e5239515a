"""The base of every page's form."""

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
