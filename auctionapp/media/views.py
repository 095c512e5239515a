"""Serving and removing the pictures' files."""

from flask import Blueprint, Response, abort, current_app, request

from auctionapp import jobqueue, pictures
from auctionapp.events import PicturesDropped
from auctionapp.storage import FOREVER

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<name>")
def media(name: str) -> Response:
    """A picture under its random name, which never changes its content: whoever has it need not get it again.

    Also from a bucket it comes through here: a redirect to another host is no picture of ours to the
    Content-Security-Policy, and a signed address would run out long before its copy in the browser.
    """
    match = pictures.FILE_NAME.fullmatch(name)
    if not match:
        abort(404)
    response = Response(mimetype="image/webp", headers={"Cache-Control": FOREVER})
    response.set_etag(name)
    if request.if_none_match.contains(name):
        response.status_code = 304
        return response
    data = pictures.read(current_app.config["MEDIA"], match[1], int(match[2]))
    if data is None:
        abort(404)
    response.set_data(data)
    response.make_conditional(request, accept_ranges=True, complete_length=len(data))
    return response


def remove_dropped_pictures(event: PicturesDropped) -> None:
    """At once, and once more by a job where the storage was out of reach."""
    if not pictures.remove(current_app.config["MEDIA"], event.names):
        jobqueue.enqueue("auctionapp.media.jobs.remove", *event.names, retries=5)
