"""Entry points of jobs: names of pictures in, one call."""

from flask import current_app

from auctionapp import pictures
from auctionapp.storage import StorageAway


def draw_sizes(name: str, largest: int) -> None:
    """Draw the smaller sizes of a new picture. Raises StorageAway, and so is tried again."""
    pictures.draw_sizes(current_app.config["MEDIA"], name, largest)


def remove(*names: str) -> None:
    """Remove pictures that could not be removed at once. Raises StorageAway, and so is tried again."""
    if not pictures.remove(current_app.config["MEDIA"], names):
        raise StorageAway()
