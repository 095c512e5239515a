"""The pages that explain the house."""

from flask import Blueprint, render_template

blueprint = Blueprint("pages", __name__)


@blueprint.get("/help")
def help_page() -> str:
    return render_template("pages/help.html")
