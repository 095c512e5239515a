"""Pictures that people upload: each is looked at, drawn anew without its metadata, and stored in a few widths.

Nothing of the uploaded file reaches the disk: no EXIF, comment, place or name (fault 54).
"""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from auctionapp.errors import DomainError
from auctionapp.threads import beside_the_loop

log = logging.getLogger(__name__)

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
_ALL_WIDTHS = sorted({width for shape in (SHOWN, PORTRAIT, SIGNATURE) for width in shape.widths})
SEEN_NAME = rf"[A-Za-z0-9_-]{{22}}-(?:{'|'.join(map(str, _ALL_WIDTHS))})\.webp"


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


def address(name: str, width: int) -> str:
    """The path under which one width of a picture is served."""
    return f"/media/{name}-{width}.webp"


def redrawn(file: BinaryIO, shape: Shape = SHOWN) -> list[Image.Image]:
    """The picture in the widths of its shape, largest first, upright and without anything but its pixels.

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
            largest = _plain(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise PictureTooLarge() from error
    except DomainError:
        raise
    except Exception as error:  # hostile files break decoders in many ways, none of which is ours
        raise InvalidPicture() from error
    if shape.square:
        largest = ImageOps.fit(largest, (min(largest.size), min(largest.size)), centering=FACES)
    return [_at_most(largest, width) for width in shape.widths]


def store(folder: Path, file: BinaryIO, shape: Shape = SHOWN) -> StoredPicture:
    """Draw an upload anew and write it under a random name. Raises InvalidPicture."""
    sizes = beside_the_loop(redrawn, file, shape)
    name = secrets.token_urlsafe(16)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for width, picture in zip(shape.widths, sizes, strict=True):
            beside_the_loop(picture.save, folder / f"{name}-{width}.webp", "WEBP", quality=QUALITY, method=3)
    except BaseException:
        remove(folder, [name])
        raise
    return StoredPicture(name, sizes[0].width, sizes[0].height)


@contextmanager
def stored(folder: Path, files: Iterable[BinaryIO], shape: Shape = SHOWN) -> Iterator[list[StoredPicture]]:
    """Store uploads around the transaction that will name them; if that fails, no file is left."""
    pictures: list[StoredPicture] = []
    try:
        for file in files:
            pictures.append(store(folder, file, shape))
        yield pictures
    except BaseException:
        remove(folder, [one.name for one in pictures])
        raise


def remove(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        for width in _ALL_WIDTHS:
            try:
                (folder / f"{name}-{width}.webp").unlink(missing_ok=True)
            except OSError:
                log.exception("A picture's file could not be removed")


def _plain(picture: Image.Image) -> Image.Image:
    """Only the pixels, on white where the picture is transparent."""
    rgba = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
    plain = Image.new("RGB", rgba.size, "white")
    plain.paste(rgba, mask=rgba.getchannel("A") if rgba.mode == "RGBA" else None)
    return plain


def _at_most(picture: Image.Image, width: int) -> Image.Image:
    """At most this wide, and at most twice as high: never larger than the original."""
    copy = picture.copy()
    copy.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    return copy
