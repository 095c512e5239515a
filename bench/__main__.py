"""`make bench`: every measurement, several repetitions, medians, as tables printed and kept in docs/benchmarks.md."""

import argparse
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import bids, chat, desks, fanout, feed, machine, pages

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
MARK = "<!-- figures: make bench -->"

Figures = dict[str, float]
MEASUREMENTS: dict[str, list[tuple[str, Callable[[], Figures]]]] = {
    "bids": [("(a) bids, 1,000 auctions", lambda: bids.measure(hot=False)),
             ("(a) bids, one hot auction", lambda: bids.measure(hot=True))],
    "fanout": [("(b) fan-out, 1,000 streams of one auction", fanout.measure)],
    "pages": [("(c) the catalogue, 10,000 auctions", lambda: pages.measure("catalogue")),
              ("(c) an auction's page, 10,000 auctions", lambda: pages.measure("auction"))],
    "chat": [("(d) chat, 1,000 people online in 50 groups", chat.measure),
             ("(d) opening chats, and an inbox of 500", chat.measure_opening)],
    "feed": [("(e) the feed, 10,000 posts", feed.measure)],
    "desks": [("(f) the desks, 10,000 auctions and 100,000 bids", desks.measure)],
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("which", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all without")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="write the tables into docs/benchmarks.md")
    given = parser.parse_args()
    tables = [f"{machine.describe()}; medians of {given.repetitions} repetitions.\n"]
    print(tables[0])
    for which in given.which or MEASUREMENTS:
        for title, measure in MEASUREMENTS[which]:
            tables.append(table(title, [measure() for _ in range(given.repetitions)]))
            print(tables[-1], flush=True)
    if given.keep:
        before, _, _ = PAGE.read_text().partition(MARK)
        PAGE.write_text(before + MARK + "\n\n" + "\n".join(tables))


def table(title: str, repetitions: Sequence[Figures]) -> str:
    """A Markdown table of each figure's median, and its least and greatest value."""
    lines = [f"### {title}\n", "| figure | median | least | greatest |", "|---|---:|---:|---:|"]
    for name in repetitions[0]:
        values = [figures[name] for figures in repetitions]
        cells = " | ".join(f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
                           for value in (statistics.median(values), min(values), max(values)))
        lines.append(f"| {name.replace('_', ' ')} | {cells} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
