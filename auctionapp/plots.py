"""Plots, laid out here so that a template only draws (`macros/plots.html`: attributes and classes, no style).

Each value keeps its label, so that the table behind a plot says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 1, 84, 16, 8
GAP = 0.25
LABEL, BAR, ROW_GAP = 26, 14, 10
"""Heights of the parts of a row of `rows`."""
LONGEST_LABEL = 44


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


def rows(values: Sequence[tuple[str, tuple[int, ...]]], marks: Sequence[int] | None = None,
         tones: Sequence[int] | None = None) -> Rows:
    """Lay out labels with their values as bars that lie below each other, and a further value as a mark across them.

    `tones` colours whole rows; without, each value of a row has its own tone.
    """
    top = max([value for _, some in values for value in some] + list(marks or ()), default=0) or 1
    room = WIDTH - LEFT - RIGHT
    laid, y = [], 0
    for place, (label, some) in enumerate(values):
        bars = [Bar(LEFT, y + LABEL + number * BAR, round(max(value / top * room, 1.5 if value else 0), 1), BAR - 2,
                    label, value, tones[place] if tones else number) for number, value in enumerate(some)]
        mark = None if marks is None else round(LEFT + marks[place] / top * room, 1)
        short = label if len(label) <= LONGEST_LABEL else f"{label[:LONGEST_LABEL - 1]}…"
        laid.append(Row(y + LABEL - 6, short, bars, mark))
        y += LABEL + len(some) * BAR + ROW_GAP
    return Rows(laid, y)


def nice(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … that is not below it."""
    unit = 1
    while True:
        for part in (1, 2, 5):
            if value <= part * unit:
                return part * unit
        unit *= 10
