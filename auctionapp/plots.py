"""Plots, laid out here so that a template only draws (`macros/plots.html`: attributes and classes, no style).

Each value keeps its label, so that the table behind a plot says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 2, 84, 16, 8
GAP = 0.25
LABEL, BAR, ROW_GAP = 26, 16, 12
"""Heights of the parts of a row of `rows`."""
LONGEST_LABEL = 42


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    tone: int = 0
    """Which of the values of its label."""


@dataclass(frozen=True)
class Plot:
    """In the coordinates of the drawing; `lines` are (y, value) of the scale."""

    bars: list[Bar]
    lines: list[tuple[float, int]]
    table: list[tuple[str, tuple[int, ...]]]
    """What it shows, as rows: a label and its values."""
    totals: tuple[int, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def begin(self) -> str:
        return self.table[0][0]

    @property
    def end(self) -> str:
        return self.table[-1][0]

    @property
    def empty(self) -> bool:
        return not any(self.totals)


@dataclass(frozen=True)
class Row:
    """One line of a plot that lies: its label above its bars, a mark where a further value stands."""

    y: float
    label: str
    bars: list[Bar]
    mark: float | None


@dataclass(frozen=True)
class Rows:
    rows: list[Row]
    height: int
    width: int = WIDTH
    left: int = LEFT


def columns(labels: Sequence[str], *values: Sequence[int]) -> Plot:
    """Lay out columns over time, at least one label: each with one value or several side by side, none below 0.

    An empty time has no column, a small one is still seen.
    """
    top = nice(max(max(some) for some in values))
    step = (WIDTH - LEFT - RIGHT) / len(labels)
    room = HEIGHT - TOP - BOTTOM
    wide = step * (1 - GAP) / len(values)
    bars = []
    for tone, some in enumerate(values):
        for place, (label, value) in enumerate(zip(labels, some, strict=True)):
            tall = round(max(value / top * room, 1.5 if value else 0), 1)
            bars.append(Bar(round(LEFT + step * (place + GAP / 2) + wide * tone, 1), round(HEIGHT - BOTTOM - tall, 1),
                            round(wide, 1), tall, label, value, tone))
    lines = [(round(HEIGHT - BOTTOM - part / 2 * room, 1), top * part // 2) for part in (1, 2) if top * part % 2 == 0]
    table = list(zip(labels, zip(*values, strict=True), strict=True))
    return Plot(bars, lines, table, tuple(sum(some) for some in values))


def rows(values: Sequence[tuple[str, tuple[int, ...]]]) -> Rows:
    """Lay out labels with their values as bars that lie below each other, all on one scale."""
    top = max((value for _, some in values for value in some), default=0)
    laid, y = [], 0
    for label, some in values:
        laid.append(Row(y + LABEL - 6, _short(label), _lying(label, some, top, y, range(len(some))), None))
        y += LABEL + len(some) * BAR + ROW_GAP
    return Rows(laid, y)


def against(values: Sequence[tuple[str, int, int, int]]) -> Rows:
    """Lay out labels with a bar and a mark on it, each row on a scale of its own: what is compared is the two, and one
    dear thing would flatten all others. A row is its label, the bar's value, the mark's, and the bar's tone."""
    laid, y = [], 0
    for label, value, marked, tone in values:
        top = max(value, marked)
        laid.append(Row(y + LABEL - 6, _short(label), _lying(label, (value,), top, y, (tone,), WIDTH - 2 * LEFT),
                        round(LEFT + marked / (top or 1) * (WIDTH - 2 * LEFT), 1)))
        y += LABEL + BAR + ROW_GAP
    return Rows(laid, y)


def _lying(label: str, values: Sequence[int], top: int, y: int, tones: Sequence[int],
           room: int = WIDTH - LEFT - RIGHT) -> list[Bar]:
    return [Bar(LEFT, y + LABEL + number * BAR, round(max(value / (top or 1) * room, 1.5 if value else 0), 1), BAR - 2, label,
                value, tone) for number, (value, tone) in enumerate(zip(values, tones, strict=True))]


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[:LONGEST_LABEL - 1]}…"


def nice(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … that is not below it."""
    unit = 1
    while True:
        for part in (1, 2, 5):
            if value <= part * unit:
                return part * unit
        unit *= 10
