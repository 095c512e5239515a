"""Plots, laid out here so that a template only draws (`macros/plots.html`: attributes and classes, no style).

Each value keeps its label, so that the table behind a plot says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 1, 84, 16, 8
GAP = 0.25
ROW = 48
BAR = 16
"""Of the height of a row of `rows`: the rest holds its label."""
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
    """One line of a plot that lies: its label above its bar, a mark where a second value stands."""

    y: float
    label: str
    width: float
    value: int
    mark: float | None
    marked: int | None


@dataclass(frozen=True)
class Rows:
    rows: list[Row]
    height: int
    width: int = WIDTH
    left: int = LEFT
    bar: int = BAR


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


def rows(values: Sequence[tuple[str, int]], marks: Sequence[int] | None = None) -> Rows:
    """Lay out (label, value) as bars that lie below each other, with a second value as a mark on each bar."""
    top = max([value for _, value in values] + list(marks or ()), default=0) or 1
    room = WIDTH - LEFT - RIGHT
    laid = []
    for place, (label, value) in enumerate(values):
        marked = marks[place] if marks else None
        laid.append(Row(
            place * ROW, label if len(label) <= LONGEST_LABEL else f"{label[:LONGEST_LABEL - 1]}…",
            round(max(value / top * room, 1.5 if value else 0), 1), value,
            None if marked is None else round(LEFT + marked / top * room, 1), marked))
    return Rows(laid, len(laid) * ROW)


def nice(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … that is not below it."""
    unit = 1
    while True:
        for part in (1, 2, 5):
            if value <= part * unit:
                return part * unit
        unit *= 10
