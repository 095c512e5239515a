"""Once the decoders are loaded, drawing loads nothing more: threads that load at the same time may stop under gevent."""

import json
import subprocess
import sys

SCRIPT = """
import io, json, sys
from PIL import Image
from auctionapp import pictures

def encoded(mode, format, **given):
    file = io.BytesIO()
    Image.new(mode, (900, 700)).save(file, format, **given)
    return file.getvalue()

exif = Image.Exif()
exif[0x0112] = 6
# What is uploaded was made elsewhere: here in a process of its own.
if sys.argv[1:] == ["make"]:
    uploads = [encoded("RGB", "JPEG", exif=exif), encoded("CMYK", "JPEG"), encoded("P", "PNG"), encoded("RGBA", "PNG"),
               encoded("I;16", "PNG"), encoded("LA", "PNG"), encoded("RGBA", "WEBP", exif=exif), b"no picture", b""]
    print(json.dumps([upload.hex() for upload in uploads]))
else:
    uploads = [bytes.fromhex(text) for text in json.load(sys.stdin)]
    pictures.load_decoders()
    before, drawn = set(sys.modules), 0
    for upload in uploads:
        for shape in (pictures.SHOWN, pictures.PORTRAIT):
            try:
                _, data = pictures._redrawn_and_encoded(io.BytesIO(upload), shape)
                pictures._smaller(data, shape.widths[-1])
                drawn += 1
            except pictures.InvalidPicture:
                pass
    print(json.dumps([drawn, sorted(set(sys.modules) - before)]))
"""


def run(*arguments, given=""):
    return subprocess.run([sys.executable, "-c", SCRIPT, *arguments], input=given, capture_output=True, text=True, check=True,
                          timeout=60).stdout


def test_pictures_of_every_kind_load_nothing_more():
    drawn, loaded = json.loads(run(given=run("make")))
    assert drawn == 14
    assert loaded == []
