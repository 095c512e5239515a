"""The design system keeps its promises: what is read can be read, what is named exists, nothing is inline."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TOKEN = re.compile(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def tokens(theme: str) -> dict[str, str]:
    found = TOKEN.findall((ROOT / "static" / "css" / "tokens.css").read_text())
    return {name: light if theme == "light" else dark for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


TEXT_PAIRS = [
    *((text, ground) for text in ("ink", "soft-ink", "accent", "good", "warning", "bad")
      for ground in ("ground", "raised", "sunken")),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("good", "good-wash"), ("warning", "warning-wash"),
    ("bad", "bad-wash"), ("ink", "bad-wash"), ("accent", "accent-wash"), ("soft-ink", "accent-wash"), ("ink", "fresh"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_colour_reaches_four_and_a_half_to_one(theme: str) -> None:
    colours = tokens(theme)
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_edge_of_a_control_and_the_focus_ring_reach_three_to_one(theme: str) -> None:
    colours = tokens(theme)
    for ground in ("ground", "raised", "sunken"):
        assert contrast(colours["control-line"], colours[ground]) >= 3
        assert contrast(colours["accent"], colours[ground]) >= 3


def test_every_colour_is_a_token() -> None:
    """A colour written elsewhere would miss one of the two themes."""
    for sheet in SHEETS:
        if sheet.name in ("tokens.css", "print.css"):
            continue
        for line in sheet.read_text().splitlines():
            if "light-dark(" not in line:
                assert not re.search(r"#[0-9a-f]{3,8}\b(?!-)", re.sub(r"#[a-z][a-z-]*[\s>{.,]", "", line)), (sheet.name, line)


def test_every_token_that_is_used_is_defined() -> None:
    defined = set(re.findall(r"(--[a-z0-9-]+):", (ROOT / "static" / "css" / "tokens.css").read_text()))
    for sheet in SHEETS:
        assert set(re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text())) <= defined, sheet.name


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / "icons" / "sprite.svg").read_text()))
    for template in TEMPLATES:
        named = set(re.findall(r'\bicon\("([a-z-]+)"', template.read_text()))
        named |= set(re.findall(r'icon_name="([a-z-]+)"', template.read_text()))
        assert named <= drawn, template.name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_has_an_inline_script_handler_or_style(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.S)
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|hx-on|javascript:|hx-[a-z-]+=[\"']js:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_needs_eval_or_writes_markup(script: Path) -> None:
    """Text from people reaches the page as text only (fault 55)."""
    text = script.read_text()
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.style\b", text)
    assert len(text.splitlines()) < 400


def test_no_style_sheet_reaches_outside() -> None:
    for sheet in SHEETS:
        assert not re.search(r"@import|url\(", sheet.read_text()), sheet.name
        assert len(sheet.read_text().splitlines()) < 400, sheet.name


def test_every_demo_picture_has_its_source_and_is_small() -> None:
    pictures = {path.stem: path for path in (ROOT / "static" / "demo").glob("*.webp")}
    sources = {path.stem for path in (ROOT / "devtools" / "demo_pictures").glob("*.svg")} - {"_studio"}
    assert set(pictures) == sources
    assert max(path.stat().st_size for path in pictures.values()) <= 120 * 1024
def test_every_class_icon_and_macro_is_used() -> None:
    """In a template or a script, by its name or by its first part where the rest is computed (`avatar--{{ … }}`)."""
    code = [path.read_text() for path in [*TEMPLATES, *SCRIPTS, *(ROOT / "auctionapp").rglob("*.py")]]
    words = set(re.findall(r"[\w-]+", " ".join(code))) | {"htmx-request"}
    computed = tuple(word for word in words if word.endswith("--"))
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "{}", "".join(sheet.read_text() for sheet in SHEETS), flags=re.S)
    classes = {name for name in re.findall(r"\.([a-z][\w-]*)", rules) if not name.startswith(computed)}
    icons = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / "icons" / "sprite.svg").read_text()))
    assert (classes | icons) - words == set()
    for macro in re.findall(r"macro (\w+)\(", " ".join(code)):
        assert len(re.findall(rf"\b{macro}\(", " ".join(code))) > 1, macro
