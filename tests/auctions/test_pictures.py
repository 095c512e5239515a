"""Pictures: nothing of an upload but its pixels is kept, and no hostile file costs memory (fault 54)."""

import struct
import time
import zlib
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from auctionapp import pictures
from auctionapp.auctions.models import Auction, AuctionImage
from auctionapp.auctions.services import selling
from auctionapp.extensions import db
from tests import factories
from tests.at_once import at_once


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options) -> BytesIO:
    file = BytesIO()
    Image.new(mode, size, "teal").save(file, kind, **options)
    file.seek(0)
    return file


def photograph() -> BytesIO:
    """A picture with orientation, camera, place and comment, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif, comment=b"secret comment")


def claiming(width: int, height: int) -> BytesIO:
    """A PNG of a few bytes whose header claims this size."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunks)


def files(app) -> list[str]:
    folder = app.config["MEDIA"]
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def app(app, tmp_path):
    app.config["MEDIA"] = tmp_path / "media"
    return app


@pytest.fixture
def seller(app, client):
    person = factories.seller()
    factories.sign_in(client, person)
    return person


def form(**given) -> dict:
    category = db.session.execute(db.text("SELECT slug FROM categories LIMIT 1")).scalar_one()
    db.session.rollback()
    return {"title": "Lamp", "category": category, "starting_price": "10.00", "duration_hours": "24"} | given


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_kinds_are_stored_as_webp_in_three_widths(app, kind):
    stored = pictures.store(app.config["MEDIA"], picture(kind, (2000, 1500)))
    assert (stored.width, stored.height) == (1600, 1200)
    pictures.draw_sizes(app.config["MEDIA"], stored.name, 1600)
    for width in pictures.WIDTHS:
        with Image.open(app.config["MEDIA"] / f"{stored.name}-{width}.webp") as kept:
            assert (kept.format, kept.size) == ("WEBP", (width, width * 3 // 4))


def test_a_photograph_stands_upright_and_carries_nothing_else(app):
    stored = pictures.store(app.config["MEDIA"], photograph())
    assert (stored.width, stored.height) == (480, 640)
    data = (app.config["MEDIA"] / f"{stored.name}-1600.webp").read_bytes()
    assert b"ecret" not in data
    with Image.open(BytesIO(data)) as kept:
        assert not kept.getexif() and not {"exif", "comment", "icc_profile", "xmp"} & kept.info.keys()


def test_text_in_a_png_is_left_out(app):
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "secret comment")
    stored = pictures.store(app.config["MEDIA"], picture("PNG", pnginfo=text))
    assert b"secret" not in (app.config["MEDIA"] / f"{stored.name}-1600.webp").read_bytes()


def test_what_is_transparent_becomes_white(app):
    file = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(file, "PNG")
    file.seek(0)
    assert pictures.redrawn(file).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(("width", "height"), [(5001, 5000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_a_small_file_that_claims_a_huge_picture_is_refused_unread(app, width, height):
    with pytest.raises(pictures.InvalidPicture):
        pictures.store(app.config["MEDIA"], claiming(width, height))
    assert files(app) == []


@pytest.mark.parametrize("content", [
    b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("GIF").getvalue(),
    picture("BMP").getvalue(), picture("TIFF").getvalue(), picture("JPEG").getvalue()[:300], claiming(0, 0).getvalue(),
    picture("PNG").getvalue()[:60],
])
def test_what_is_no_jpeg_png_or_webp_is_refused(app, content):
    with pytest.raises(pictures.InvalidPicture):
        pictures.store(app.config["MEDIA"], BytesIO(content))
    assert files(app) == []


def test_a_file_of_too_many_bytes_is_refused(app, monkeypatch):
    with pytest.raises(pictures.PictureTooLarge):
        pictures.store(app.config["MEDIA"], BytesIO(picture().getvalue() + b"\0" * pictures.LARGEST_BYTES))


@pytest.mark.parametrize(("size", "orientation", "drawn"), [
    ((4000, 3000), 1, (1600, 1200)), ((4000, 3000), 6, (1600, 2133)), ((4000, 800), 6, (640, 3200)),
    ((800, 4000), 1, (640, 3200)), ((40_000, 3), 1, (1600, 1)), ((3, 40_000), 1, (1, 3200))])
def test_large_pictures_of_any_shape_come_to_their_size(app, size, orientation, drawn):
    exif = Image.Exif()
    exif[0x0112] = orientation
    width, height = pictures.redrawn(picture("PNG", size, exif=exif)).size
    assert abs(width - drawn[0]) <= 1 and abs(height - drawn[1]) <= 1


def test_a_large_portrait_is_cut_to_its_middle_in_full_size(app):
    assert pictures.redrawn(picture("PNG", (6000, 700)), pictures.PORTRAIT).size == (512, 512)


def test_a_process_looks_at_few_uploads_at_the_same_time(app):
    class Slow(BytesIO):
        open_now, most = 0, 0

        def read(self, *given):
            Slow.open_now += 1
            Slow.most = max(Slow.most, Slow.open_now)
            time.sleep(0.05)
            Slow.open_now -= 1
            return super().read(*given)

    uploads = [Slow(picture().getvalue()) for _ in range(6)]
    stored = at_once(app, *[lambda one=one: pictures.store(app.config["MEDIA"], one) for one in uploads])
    assert all(isinstance(one, pictures.StoredPicture) for one in stored)
    assert Slow.most == pictures.DRAWN_AT_ONCE


def test_odd_modes_are_drawn(app):
    for mode in ("L", "LA", "P", "1", "I;16", "CMYK"):
        kind = "JPEG" if mode == "CMYK" else "PNG"
        file = BytesIO()
        Image.new(mode, (10, 10)).save(file, kind)
        file.seek(0)
        assert pictures.redrawn(file).mode == "RGB"


def test_the_form_stores_several_in_their_order_and_they_are_served(app, client, seller):
    uploads = [(picture(size=(30, 20)), "a.jpg"), (picture("PNG", (20, 30)), "b")]
    answer = client.post("/auctions/new", data=form(pictures=uploads))
    assert answer.status_code == 303
    kept = db.session.query(AuctionImage).order_by(AuctionImage.position).all()
    assert [(one.width, one.height) for one in kept] == [(30, 20), (20, 30)]
    served = app.test_client().get(pictures.address(kept[0].name, 400))
    assert (served.status_code, served.mimetype) == (200, "image/webp")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in served.headers["Cache-Control"]


def test_a_form_that_is_refused_leaves_no_file(app, client, seller):
    assert client.post("/auctions/new", data=form(reserve_price="1.00", pictures=[(picture(), "a.jpg")])).status_code == 422
    assert client.post("/auctions/new", data=form(pictures=[(picture(), "a.jpg"), (BytesIO(b"x"), "b.jpg")])).status_code == 422
    many = [(picture(size=(4, 4)), f"{number}.jpg") for number in range(11)]
    assert client.post("/auctions/new", data=form(pictures=many)).status_code == 422
    assert files(app) == [] and db.session.query(Auction).count() == 0


def test_a_lot_never_has_more_than_ten(app, client, seller):
    lot = factories.auction(seller.id, state="draft", duration_seconds=3600, ends_at=None, starts_at=None)
    for number in range(9):
        db.session.add(AuctionImage(auction_id=lot.id, name=f"n{number}", width=1, height=1, position=number))
    db.session.commit()
    answer = client.post(f"/auctions/{lot.id}/edit", data=form(pictures=[(picture(), "a"), (picture(), "b")]))
    assert answer.status_code == 422 and "at most 10 pictures" in answer.text
    assert files(app) == []


def test_deleting_a_lot_or_taking_a_picture_away_removes_its_files(app, client, seller):
    answer = client.post("/auctions/new", data=form(pictures=[(picture(), "a.jpg"), (picture(), "b.jpg")]))
    path = answer.location
    first = db.session.query(AuctionImage.id).order_by(AuctionImage.position).limit(1).scalar()
    db.session.rollback()
    assert len(files(app)) == 2
    assert client.post(f"{path}/edit", data=form(drop=str(first))).status_code == 303
    assert len(files(app)) == 1
    assert client.post(f"{path}/delete").status_code == 303
    assert files(app) == []


def test_a_picture_of_another_lot_cannot_be_taken_away(app, client, seller):
    other = factories.auction()
    db.session.add(AuctionImage(auction_id=other.id, name="theirs", width=1, height=1))
    db.session.commit()
    image_id = db.session.query(AuctionImage.id).scalar()
    lot = factories.auction(seller.id, state="draft")
    client.post(f"/auctions/{lot.id}/edit", data=form(drop=str(image_id)))
    db.session.rollback()
    assert db.session.query(AuctionImage).count() == 1


def test_after_a_bid_pictures_are_only_added(app):
    lot = factories.auction(bid_number=1, bid_count=1, ends_at=datetime.now(UTC) + timedelta(days=1))
    with pictures.stored(app.config["MEDIA"], [picture()]) as stored:
        selling.add_pictures(lot.id, lot.seller_id, stored)
    assert db.session.query(AuctionImage).count() == 1
    image_id = db.session.query(AuctionImage.id).scalar()
    with pytest.raises(selling.Conflict):
        selling.edit(lot.id, lot.seller_id, {}, dropped_pictures=[image_id])


@pytest.mark.parametrize("name", ["x.webp", "../config.py", "a" * 22 + "-1600.webp", "a" * 22 + "-1600.webp/..", "%2e%2e"])
def test_only_stored_pictures_are_served(app, client, name):
    assert client.get(f"/media/{name}").status_code == 404


def test_too_large_a_body_is_413(app, client, seller):
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    answer = client.post("/auctions/new", data=form(pictures=[(BytesIO(b"\0" * 200_000), "a.jpg")]))
    assert answer.status_code == 413
