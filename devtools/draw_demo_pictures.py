"""Draw the demo lots' pictures: each SVG of devtools/demo_pictures in the one studio, to static/demo/NAME.webp.

    python devtools/draw_demo_pictures.py [--chromium PATH] [NAME …]

The sources hold the objects alone. The studio (wall, table, light from the upper left) is `_studio.svg`, so that
all lots stand in the same room. Needs Chromium and Playwright; the pictures are kept in the repository, so that
only a change of a source needs this. They were drawn for Gavel and share its licence.
"""

import argparse
import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "devtools" / "demo_pictures"
PICTURES = ROOT / "static" / "demo"
SIZE = (1600, 1200)
QUALITY = 80
LARGEST_BYTES = 120 * 1024

# The wall's light and shade, the table's light and shade: warm neutrals, a little different from lot to lot.
TONES = {
    "telescope": ("#e9e2d6", "#c9bda9", "#d9cdb9", "#b9a88d"),
    "clock": ("#e8e3dc", "#c6bdb2", "#d8cfc4", "#b5a898"),
    "chair": ("#efe9df", "#d8cebf", "#e0d5c3", "#c4b59d"),
    "vase": ("#ece6dc", "#cfc4b5", "#ddd2c2", "#bfb09b"),
    "pins": ("#8f887c", "#6d675d", "#8f887c", "#6d675d"),
    "book": ("#e6dccb", "#c3b296", "#d2c1a4", "#a8946f"),
    "record": ("#e2dfda", "#bdb8b0", "#cdc6bb", "#a69d8f"),
    "pocket-watch": ("#55504a", "#33302c", "#55504a", "#33302c"),
    "botanical-print": ("#e8e6dd", "#cbc7ba", "#d6cbb6", "#b3a383"),
    "fountain-pen": ("#cdbfa8", "#a8977c", "#cdbfa8", "#a8977c"),
    "porcelain-cup": ("#dfe0dc", "#b9bab3", "#cfccc3", "#a9a598"),
    "camera": ("#e7ddd0", "#c5b6a2", "#d5c5ad", "#b09c7e"),
    "chess-set": ("#ddd6cb", "#b5aa9a", "#c4b6a1", "#97866c"),
    "model-ship": ("#e3e3de", "#bdbdb5", "#d3c8b6", "#ad9d83"),
}


def compose(name: str) -> str:
    """The whole SVG of one lot: its source put into the studio."""
    wall, wall_shade, table, table_shade = TONES[name]
    studio = (SOURCES / "_studio.svg").read_text()
    for mark, value in (("WALL-SHADE", wall_shade), ("WALL", wall), ("TABLE-SHADE", table_shade), ("TABLE", table)):
        studio = studio.replace(f"{{{mark}}}", value)
    source = (SOURCES / f"{name}.svg").read_text()
    inner = source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]
    return studio.replace("<!-- the lot -->", inner)


def draw(page: Page, name: str) -> int:
    """Write one picture and return its size in bytes. Raises ValueError when it is too large for a catalogue."""
    page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{compose(name)}")
    picture = Image.open(io.BytesIO(page.screenshot(type="png"))).convert("RGB")
    target = PICTURES / f"{name}.webp"
    picture.save(target, "WEBP", quality=QUALITY, method=6)
    size = target.stat().st_size
    if size > LARGEST_BYTES:
        raise ValueError(f"{target.name} has {size} bytes; at most {LARGEST_BYTES} are wanted.")
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the pictures of the demo lots.")
    parser.add_argument("names", nargs="*", default=sorted(TONES), metavar="NAME")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    arguments = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=arguments.chromium, args=["--no-sandbox", "--disable-gpu", "--no-first-run"],
        )
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        for name in arguments.names:
            print(f"{name}: {draw(page, name) // 1024} KB")
        browser.close()


if __name__ == "__main__":
    main()
