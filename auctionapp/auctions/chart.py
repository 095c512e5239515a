"""The price over time as steps, laid out here so that the template only draws (attributes and classes, no style)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from auctionapp.money import shown_amount

WIDTH, HEIGHT = 640, 240
LEFT, LEAST_RIGHT, TOP, BOTTOM = 1, 84, 16, 8
GLYPH = 11
"""The width of a figure of the labels beside it, where they are largest: on a phone."""


@dataclass(frozen=True)
class Chart:
    """Paths and labels in the coordinates of the drawing; `prices` are (y, cents), the lowest first."""

    line: str
    area: str
    prices: list[tuple[float, int]]
    begin: datetime
    end: datetime
    first_cents: int
    last_cents: int
    right: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM


LABEL_HEIGHT = 24


def step_chart(points: Sequence[tuple[datetime, int]], end: datetime) -> Chart | None:
    """Lay out (time, price in cents) from the first step to `end`; None for a price that never moved: a flat line says less
    than the history below it."""
    if len({cents for _, cents in points}) < 2:
        return None
    begin, first = points[0]
    end = max(end, points[-1][0])
    seconds = (end - begin).total_seconds() or 1.0
    high = max(cents for _, cents in points)
    lowest = min(cents for _, cents in points)  # bids that went, or a second chance, may have lowered it
    low = max(0, lowest - (high - lowest) // 4)

    right = WIDTH - max(LEAST_RIGHT, GLYPH * len(shown_amount(high)) + 12)

    def x(when: datetime) -> float:
        return round(LEFT + (when - begin).total_seconds() / seconds * (right - LEFT), 1)

    def y(cents: int) -> float:
        return round(HEIGHT - BOTTOM - (cents - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    path = f"M{x(points[0][0])} {y(points[0][1])}"
    for when, cents in points[1:]:
        path += f"H{x(when)}V{y(cents)}"
    path += f"H{x(end)}"
    floor = HEIGHT - BOTTOM
    return Chart(
        line=path, area=f"{path}V{floor}H{x(points[0][0])}Z",
        prices=_apart([(y(cents), cents) for cents in (high, lowest, (high + lowest) // 2)]),
        begin=begin, end=end, first_cents=first, last_cents=points[-1][1], right=right,
    )


def _apart(labels: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """The labels that do not run into an earlier one, from the lowest price up."""
    kept: list[tuple[float, int]] = []
    for place, cents in labels:
        if all(abs(place - other) >= LABEL_HEIGHT for other, _ in kept):
            kept.append((place, cents))
    return sorted(kept, key=lambda label: label[1])
