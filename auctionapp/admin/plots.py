"""Columns over time, laid out here so that the template only draws (attributes and classes, no style)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 1, 84, 16, 8
GAP = 0.25


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    when: datetime
    value: int


@dataclass(frozen=True)
class Plot:
    """In the coordinates of the drawing; `lines` are (y, value) of the scale."""

    bars: list[Bar]
    lines: list[tuple[float, int]]
    begin: datetime
    end: datetime
    total: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def columns(series: Sequence[tuple[datetime, int]]) -> Plot:
    """Lay out (moment, value), at least one. An empty time has no column, a small one is still seen."""
    top = nice(max(value for _, value in series))
    step = (WIDTH - LEFT - RIGHT) / len(series)
    room = HEIGHT - TOP - BOTTOM
    bars = []
    for place, (when, value) in enumerate(series):
        tall = round(max(value / top * room, 1.5 if value else 0), 1)
        bars.append(Bar(round(LEFT + step * (place + GAP / 2), 1), round(HEIGHT - BOTTOM - tall, 1),
                        round(step * (1 - GAP), 1), tall, when, value))
    lines = [(round(HEIGHT - BOTTOM - part / 2 * room, 1), top * part // 2) for part in (1, 2) if top * part % 2 == 0]
    return Plot(bars, lines, series[0][0], series[-1][0], sum(value for _, value in series))


def nice(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … that is not below it."""
    unit = 1
    while True:
        for part in (1, 2, 5):
            if value <= part * unit:
                return part * unit
        unit *= 10
