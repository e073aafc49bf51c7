"""``make bench-all``: the old build beside this one, and others, row by row; written as a page.

``python -m benchmarks.performance ROW...`` measures some and only prints them; ``live*`` stands
for all whose names begin so.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.builds import OLD, ROOT, company, old_build
from benchmarks.kafka_rows import NAMES, kafka_rows
from benchmarks.rows import Size, rows
from benchmarks.run import machine
from benchmarks.turns import Measured, measured, table

PAGE: Final = ROOT / "docs" / "performance.md"
PLOT: Final = ROOT / "docs" / "images" / "performance.svg"

INTRODUCTION: Final = """\
# Performance

Written by `make bench-all`, which runs the build of commit {old} beside this one. The contenders
of a table take turns in processes of their own; ratios are taken within a round, so that a busy
machine slows all of them. Answers are compared bit for bit; of KPIs that were defined anew since,
values differ, and they are named.

Measured on {date}: {machine}.

![This build, as a share of the old one](images/{plot})
"""

BAR_PX: Final = 22
WIDTH_PX: Final = 900
NAME_PX: Final = 500


def plot(found: Sequence[Measured]) -> str:
    """Draws the last contender of each row that has the old build as a share of it."""
    shares = [
        (each.row.title.replace("`", ""), median(each.ratios(1)))
        for each in found
        if each.row.contenders[0].name == "old"
    ]
    scale = (WIDTH_PX - NAME_PX - 60) / max([1.0, *(share for _, share in shares)])
    height = BAR_PX * len(shares) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH_PX}" height="{height}" fill="white"/>',
    ]
    for number, (title, share) in enumerate(shares):
        top, end = 5 + BAR_PX * number, round(NAME_PX + max(share, 1) * scale + 6)
        parts += [
            f'<text x="{NAME_PX - 8}" y="{top + 14}" text-anchor="end">{title}</text>',
            f'<rect x="{NAME_PX}" y="{top + 2}" width="{scale:.0f}" height="16" fill="#ddd"/>',
            f'<rect x="{NAME_PX}" y="{top + 2}" width="{share * scale:.0f}" height="16" '
            'fill="#2a6f97"/>',
            f'<text x="{end}" y="{top + 14}">{share:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def page(found: Sequence[Measured]) -> str:
    """Returns the page."""
    date = time.strftime("%Y-%m-%d")
    begin = INTRODUCTION.format(old=OLD, date=date, machine=machine(), plot=PLOT.name)
    return "\n".join([begin, *table(found)])


def main(argv: Sequence[str] | None = None, size: Size | None = None) -> int:
    """Measures, and prints or writes what was found; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="default: all, written to the page")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "bench")
    given = parser.parse_args(argv)
    size = size or Size()
    given.cache.mkdir(parents=True, exist_ok=True)
    old = old_build(given.cache)

    cache = given.cache.resolve()

    def is_asked(name: str) -> bool:
        return not given.rows or any(fnmatch(name, asked) for asked in given.rows)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        asked = rows(old, size, cache, given.rounds)
        if any(map(is_asked, NAMES)):
            asked += stack.enter_context(kafka_rows(old, size, cache))
        asked = [row for row in asked if is_asked(row.name)]
        for row in asked:
            for contender in row.contenders:
                company(contender.config)
        found = [measured(row, given.rounds, folder) for row in asked]
        if given.rows:
            print("\n".join(table(found)))
        else:
            PAGE.write_text(page(found))
            PLOT.write_text(plot(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
