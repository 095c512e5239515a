"""Pictures that people upload: each is looked at, drawn anew without its metadata, and kept in a few widths.

Nothing of the uploaded file is kept: no EXIF, comment, place or name (fault 54). The largest width is drawn while the
upload is looked at; the smaller ones by a job, or by the first request for one that the job has not come to
(docs/decisions/0007-sizes-of-pictures.md).
"""

import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps

from auctionapp import jobqueue, storage
from auctionapp.errors import DomainError
from auctionapp.storage import Place, StorageAway
from auctionapp.threads import beside_the_loop

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_PIXELS = 25_000_000
LARGEST_BYTES = 12 * 1024 * 1024
QUALITY = 80


@dataclass(frozen=True)
class Shape:
    """How pictures of one use are kept."""

    widths: tuple[int, ...]
    """In pixels, largest first; an upload is never made larger."""
    square: bool = False
    """Cut to its middle."""


SHOWN = Shape((1600, 800, 400))
"""Of lots, messages and posts."""
PORTRAIT = Shape((512, 192, 96), square=True)
"""Of people and groups: the smallest stands beside a line of a chat."""
SIGNATURE = Shape((600,))
WIDTHS = SHOWN.widths
_SHAPE_OF = {width: shape for shape in (SHOWN, PORTRAIT, SIGNATURE) for width in shape.widths}
"""No two shapes have a width in common: a width tells what its picture was drawn from."""
FILE_NAME = re.compile(rf"([A-Za-z0-9_-]{{22}})-({'|'.join(map(str, sorted(_SHAPE_OF)))})\.webp")

SMOOTH = ("RGB", "RGBA", "L", "CMYK")
"""Modes whose pixels can be mixed as they are."""
DRAWN_AT_ONCE = 2
"""A large upload takes some hundred MB for a second; each process looks at so many at the same time."""
_drawn_at_once = threading.BoundedSemaphore(DRAWN_AT_ONCE)

WHITE = (255, 255, 255)
FACES = (0.5, 0.4)
"""Where a square is cut from: across the middle, and a little above it."""


class InvalidPicture(DomainError):
    slug = "invalid-picture"
    text = "This is not a picture that we can read. Take a JPEG, PNG or WebP file."


class PictureTooLarge(InvalidPicture):
    status = 413
    text = "A picture has at most 25 megapixels and 12 MB."


@dataclass(frozen=True)
class StoredPicture:
    name: str
    width: int
    height: int
    """Of the largest size, in pixels."""


def load_decoders() -> None:
    """Load all of Pillow at once. It loads decoders when they are first needed, which under gevent is in several threads
    at a time: each waits for the others' imports by locks of gevent, which now and then wake nobody, and a picture then
    never comes.
    """
    Image.init()


def address(name: str, width: int) -> str:
    """The path under which one width of a picture is served."""
    return f"/media/{file_name(name, width)}"


def redrawn(file: BinaryIO, shape: Shape = SHOWN) -> Image.Image:
    """The picture in the largest width of its shape, upright and without anything but its pixels.

    The size is read from the header before anything is decoded: a small file may claim a huge picture. Raises
    PictureTooLarge or InvalidPicture.
    """
    data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise PictureTooLarge()
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                raise PictureTooLarge()
            if picture.width < 1 or picture.height < 1:
                raise InvalidPicture()
            picture.draft("RGB", (shape.widths[0], shape.widths[0]))
            picture.load()
            _roughly(picture, shape)
            largest = _plain(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise PictureTooLarge() from error
    except DomainError:
        raise
    except Exception as error:  # hostile files break decoders in many ways, none of which is ours
        raise InvalidPicture() from error
    if shape.square:
        largest = ImageOps.fit(largest, (min(largest.size), min(largest.size)), centering=FACES)
    return _at_most(largest, shape.widths[0])


def store(place: Place, file: BinaryIO, shape: Shape = SHOWN) -> StoredPicture:
    """Draw an upload anew and keep it under a random name; its smaller sizes follow in a job.

    Not for the inside of a transaction. Raises InvalidPicture, and StorageAway where nothing can be kept.
    """
    with _drawn_at_once:
        picture, data = beside_the_loop(_redrawn_and_encoded, file, shape)
    name = secrets.token_urlsafe(16)
    storage.at(place).put(file_name(name, shape.widths[0]), data)
    if len(shape.widths) > 1:
        jobqueue.enqueue("auctionapp.media.jobs.draw_sizes", name, shape.widths[0])
    return StoredPicture(name, picture.width, picture.height)


@contextmanager
def stored(place: Place, files: Iterable[BinaryIO], shape: Shape = SHOWN) -> Iterator[list[StoredPicture]]:
    """Store uploads around the transaction that will name them; if that fails, no file is left."""
    pictures: list[StoredPicture] = []
    try:
        for file in files:
            pictures.append(store(place, file, shape))
        yield pictures
    except BaseException:
        remove(place, [one.name for one in pictures])
        raise


@contextmanager
def copied(place: Place, originals: Iterable[StoredPicture], shape: Shape = SHOWN) -> Iterator[list[StoredPicture]]:
    """Keep copies of stored pictures under names of their own, around the transaction that will name them; one that
    is gone is left out. They were looked at when they came, so nothing is decoded. If the transaction fails, no file
    is left. Raises StorageAway."""
    copies: list[StoredPicture] = []
    largest = shape.widths[0]
    try:
        for one in originals:
            data = storage.at(place).get(file_name(one.name, largest))
            if data is None:
                continue
            copies.append(replace(one, name=secrets.token_urlsafe(16)))
            storage.at(place).put(file_name(copies[-1].name, largest), data)
            jobqueue.enqueue("auctionapp.media.jobs.draw_sizes", copies[-1].name, largest)
        yield copies
    except BaseException:
        remove(place, [one.name for one in copies])
        raise


def draw_sizes(place: Place, name: str, largest: int) -> None:
    """Draw the smaller sizes that are not there yet from the largest width. Nothing if the picture has been removed."""
    smaller = [width for width in _SHAPE_OF[largest].widths[1:] if not storage.at(place).has(file_name(name, width))]
    _draw(place, name, largest, smaller)


def read(place: Place, name: str, width: int) -> bytes | None:
    """One width of a picture as WebP, drawn now if the job has not come to it; None if there is no such picture."""
    found = storage.at(place).get(file_name(name, width))
    largest = _SHAPE_OF[width].widths[0]
    if found is None and width != largest:
        found = _draw(place, name, largest, [width])
    return found


def remove(place: Place, names: Iterable[str]) -> bool:
    """Remove every width of these pictures; says whether it could be done, never raises for the storage's sake."""
    try:
        storage.at(place).remove([file_name(name, width) for name in names for width in _SHAPE_OF])
    except StorageAway:
        return False
    return True


def file_name(name: str, width: int) -> str:
    return f"{name}-{width}.webp"


def _draw(place: Place, name: str, largest: int, widths: Sequence[int]) -> bytes | None:
    """Draw and keep these widths; returns the last of them."""
    kept = storage.at(place)
    data, drawn = kept.get(file_name(name, largest)) if widths else None, None
    if data is None:
        return None
    for width in widths:
        drawn = beside_the_loop(_smaller, data, width)
        kept.put(file_name(name, width), drawn)
    if not kept.has(file_name(name, largest)):
        # It was removed while we drew: what we have put back must not outlive it.
        remove(place, [name])
        return None
    return drawn


def _redrawn_and_encoded(file: BinaryIO, shape: Shape) -> tuple[Image.Image, bytes]:
    picture = redrawn(file, shape)
    return picture, _encoded(picture)


def _smaller(data: bytes, width: int) -> bytes:
    with Image.open(BytesIO(data), formats=["WEBP"]) as picture:
        return _encoded(_at_most(picture, width))


def _encoded(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=3)
    return file.getvalue()


def _roughly(picture: Image.Image, shape: Shape) -> None:
    """Make a large picture in its place about twice as large as it will be: every copy of 25 megapixels takes 100 MB."""
    if picture.mode in SMOOTH:
        sides = sorted(picture.size)
        times = (sides[0] if shape.square else sides[1]) / (2 * shape.widths[0])
        if times > 1:
            picture.thumbnail((max(1, picture.width / times), max(1, picture.height / times)))


def _plain(picture: Image.Image) -> Image.Image:
    """Only the pixels, on white where the picture is transparent."""
    rgba = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
    plain = Image.new("RGB", rgba.size, WHITE)
    plain.paste(rgba, mask=rgba.getchannel("A") if rgba.mode == "RGBA" else None)
    return plain


def _at_most(picture: Image.Image, width: int) -> Image.Image:
    """At most this wide, and at most twice as high: never larger than the original."""
    copy = picture.copy()
    copy.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    return copy
