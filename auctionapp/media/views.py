"""Serving and removing the pictures' files."""

import re

from flask import Blueprint, Response, abort, current_app, send_from_directory

from auctionapp import pictures
from auctionapp.events import PicturesDropped

blueprint = Blueprint("media", __name__)

A_YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/media/<name>")
def media(name: str) -> Response:
    """A picture under its random name, which never changes its content."""
    if not re.fullmatch(pictures.SEEN_NAME, name):
        abort(404)
    response = send_from_directory(current_app.config["MEDIA"], name, mimetype="image/webp")
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR_SECONDS}, immutable"
    return response


def remove_dropped_pictures(event: PicturesDropped) -> None:
    pictures.remove(current_app.config["MEDIA"], event.names)
