"""Pictures in a folder and in a bucket: the same tests for both, the bucket on a real HTTP server."""

import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from auctionapp import jobqueue, pictures, storage
from auctionapp.auctions.models import AuctionImage
from auctionapp.extensions import db
from auctionapp.media import jobs
from auctionapp.storage import StorageAway
from config import Bucket
from tests import factories
from tests.auctions.test_pictures import form, picture
from tests.live import free_port
from tests.media.s3_server import CREDENTIALS, S3Server

SIZES = [400, 800, 1600]


@pytest.fixture(scope="module")
def s3_server():
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request, app, tmp_path, monkeypatch):
    """Where the application keeps its pictures."""
    if request.param == "folder":
        app.config["MEDIA"] = tmp_path / "media"
    else:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        server = request.getfixturevalue("s3_server")
        server.empty()
        app.config["MEDIA"] = server.bucket
    return app.config["MEDIA"]


@pytest.fixture
def kept(request, place):
    """The names of all kept files."""
    if isinstance(place, Path):
        return lambda: sorted(path.name for path in place.iterdir()) if place.exists() else []
    return request.getfixturevalue("s3_server").keys


def names(stored, *widths):
    return sorted(pictures.file_name(stored.name, width) for width in widths)


def queued(redis_server) -> int:
    return redis_server.client.llen("rq:queue:default")


def work(app):
    """Do what waits in the queue, as the worker process does."""
    jobqueue.make_worker(app).work(burst=True, logging_level="WARNING")


def test_what_is_put_is_got_whole_until_it_is_removed(place):
    kept = storage.at(place)
    assert kept.get("a") is None and not kept.has("a")
    kept.put("a", b"\0one")
    kept.put("a", b"\0two" * 100_000)
    assert kept.get("a") == b"\0two" * 100_000 and kept.has("a")
    kept.remove(["a", "never there"])
    assert kept.get("a") is None and not kept.has("a")


def test_only_the_largest_size_is_drawn_at_once_and_a_job_draws_the_others(app, place, kept, redis_server):
    stored = pictures.store(place, picture(size=(2000, 1500)))
    assert kept() == names(stored, 1600) and (stored.width, stored.height) == (1600, 1200)
    work(app)
    assert kept() == names(stored, *SIZES)
    for width in SIZES:
        with Image.open(BytesIO(pictures.read(place, stored.name, width))) as drawn:
            assert drawn.format == "WEBP" and drawn.size == (width, width * 3 // 4)


def test_a_page_shows_a_size_that_the_job_has_not_come_to(app, client, place, kept):
    stored = pictures.store(place, picture(size=(2000, 1500)))
    answer = client.get(pictures.address(stored.name, 400))
    assert answer.status_code == 200 and kept() == names(stored, 400, 1600)
    with Image.open(BytesIO(answer.data)) as shown:
        assert shown.size == (400, 300)


def test_without_redis_nothing_is_lost(app, client, place, kept, redis_server):
    redis_server.kill()
    try:
        stored = pictures.store(place, picture(size=(900, 900)))
        assert client.get(pictures.address(stored.name, 800)).status_code == 200
    finally:
        redis_server.start()
    assert kept() == names(stored, 800, 1600)


def test_a_picture_is_served_for_good_and_asked_for_again_costs_nothing(client, place):
    stored = pictures.store(place, picture(size=(30, 20)))
    answer = client.get(pictures.address(stored.name, 1600))
    assert answer.mimetype == "image/webp" and answer.headers["Cache-Control"] == storage.FOREVER
    assert answer.content_length == len(answer.data) and answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(pictures.address(stored.name, 1600), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"") and again.headers["Cache-Control"] == storage.FOREVER
    part = client.get(pictures.address(stored.name, 1600), headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"RIFF")


def test_an_unknown_picture_is_not_found(client, place):
    for width in SIZES:
        assert client.get(pictures.address("x" * 22, width)).status_code == 404
    assert client.get(pictures.address("x" * 22, 401)).status_code == 404


def test_a_portrait_is_drawn_square_in_sizes_of_its_own(app, place, kept):
    stored = pictures.store(place, picture(size=(900, 600)), pictures.PORTRAIT)
    work(app)
    assert kept() == names(stored, 96, 192, 512)
    with Image.open(BytesIO(pictures.read(place, stored.name, 96))) as face:
        assert face.size == (96, 96)


def test_a_form_puts_a_picture_there_and_deleting_the_lot_removes_every_size(app, client, place, kept):
    factories.sign_in(client, factories.seller())
    answer = client.post("/auctions/new", data=form(pictures=[(picture(), "a.jpg"), (picture(), "b.jpg")]))
    assert answer.status_code == 303
    work(app)
    assert len(kept()) == 6
    name = db.session.query(AuctionImage.name).limit(1).scalar()
    db.session.rollback()
    assert client.get(pictures.address(name, 800)).status_code == 200
    assert client.post(f"{answer.location}/delete").status_code == 303
    assert kept() == []


def test_a_refused_form_leaves_nothing_and_its_job_draws_nothing(app, client, place, kept):
    factories.sign_in(client, factories.seller())
    refused = client.post("/auctions/new", data=form(reserve_price="1.00", pictures=[(picture(), "a.jpg")]))
    assert refused.status_code == 422
    work(app)
    assert kept() == []


def test_a_picture_that_is_removed_while_its_sizes_are_drawn_stays_removed(app, place, kept, monkeypatch):
    stored = pictures.store(place, picture(size=(900, 600)))
    draw = pictures._smaller

    def slowly(data, width):
        pictures.remove(place, [stored.name])
        return draw(data, width)

    monkeypatch.setattr(pictures, "_smaller", slowly)
    jobs.draw_sizes(stored.name, 1600)
    assert kept() == []


def test_while_the_bucket_is_away_an_upload_is_refused_and_a_removal_is_done_later(app, client, s3_server, monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    s3_server.empty()
    app.config["MEDIA"] = s3_server.bucket
    factories.sign_in(client, factories.seller())
    answer = client.post("/auctions/new", data=form(pictures=[(picture(), "a.jpg")]))
    name = db.session.query(AuctionImage.name).scalar()
    db.session.rollback()
    app.config["MEDIA"] = Bucket("pictures", f"http://127.0.0.1:{free_port()}")
    lots = client.get("/auctions").status_code
    assert lots == 200, "only pictures are missing"
    away = client.get(pictures.address(name, 1600))
    assert away.status_code == 503 and "immutable" not in away.headers["Cache-Control"]
    refused = client.post("/auctions/new", data=form(title="Second", pictures=[(picture(), "b.jpg")]))
    assert refused.status_code == 503 and "out of reach" in refused.text
    assert db.session.query(AuctionImage).count() == 1
    db.session.rollback()
    assert client.post(f"{answer.location}/delete").status_code == 303
    app.config["MEDIA"] = s3_server.bucket
    assert s3_server.keys()
    work(app)
    assert s3_server.keys() == []


def test_a_bucket_that_does_not_exist_is_no_missing_picture(app, s3_server, monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    kept = storage.at(Bucket("another", s3_server.bucket.endpoint_url))
    for call in (lambda: kept.get("a"), lambda: kept.put("a", b"a"), lambda: kept.remove(["a"])):
        with pytest.raises(StorageAway):
            call()


def ready(client):
    """What is said of the parts, and how long that took."""
    begun = time.monotonic()
    answer = client.get("/readyz")
    return answer, time.monotonic() - begun


def test_ready_says_whether_the_bucket_answers(app, client, s3_server, monkeypatch):
    assert "pictures" not in client.get("/readyz").json["parts"], "a folder is no part that could be away"
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    for role in ("worker", "scheduler"):
        jobqueue.show_alive(app, role)
    app.config["MEDIA"] = s3_server.bucket
    storage._in_bucket.cache_clear()
    well, _ = ready(client)
    assert (well.status_code, well.json["parts"]["pictures"]) == (200, True)
    assert "Pictures" in client.get("/help").text
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        for place in (Bucket("another", s3_server.bucket.endpoint_url), Bucket("pictures", f"http://127.0.0.1:{port}"),
                      Bucket("pictures", f"http://127.0.0.1:{free_port()}")):
            app.config["MEDIA"] = place
            storage.at(place)  # making a client takes its time, once
            away, seconds = ready(client)
            assert (away.status_code, away.json["parts"]["pictures"], away.json["parts"]["database"]) == (503, False, True)
            assert seconds < 4, "a picture may wait half a minute for its bucket, this page not"
        again, seconds = ready(client)
        assert again.status_code == 503 and seconds < 0.5, "what was seen just now is told again"
    monkeypatch.setattr(storage, "LOOK_AGAIN_SECONDS", 0)
    assert 'gavel_up{part="pictures"} 0.0' in client.get("/metrics").text
    app.config["MEDIA"] = s3_server.bucket
    assert client.get("/readyz").json["parts"]["pictures"] is True


def test_a_full_or_broken_folder_refuses_in_words(app, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageAway):
        pictures.store(tmp_path / "file", picture())


def test_a_house_without_a_bucket_does_not_load_boto3():
    program = "import sys, auctionapp; auctionapp.create_app(); sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).returncode == 0
