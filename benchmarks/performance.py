"""``make bench-all``: the old build beside this one, and others, row by row.

``python -m benchmarks.performance ROW...`` measures some rows, all without; ``live*`` stands for
those whose names begin so. What they come to is kept in the record, of which the page is written.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from benchmarks.builds import OLD, ROOT, company, old_build
from benchmarks.kafka_rows import NAMES, kafka_rows
from benchmarks.measured import RECORD, Measured, page, plot, row_of
from benchmarks.rows import Size, rows
from benchmarks.turns import measured
from tests.last_runs import LastRuns

PLOT: Final = "performance.svg"


def main(argv: Sequence[str] | None = None, size: Size | None = None) -> int:
    """Measures, prints what was found, and writes record and page; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "bench")
    parser.add_argument("--record", type=Path, default=RECORD)
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder of the page")
    given = parser.parse_args(argv)
    size = size or Size()
    given.cache.mkdir(parents=True, exist_ok=True)
    old, cache = old_build(given.cache), given.cache.resolve()
    record = LastRuns(given.record, Measured, row_of)

    def is_asked(name: str) -> bool:
        return not given.rows or any(fnmatch(name, asked) for asked in given.rows)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        asked = rows(old, size, cache, given.rounds)
        if any(map(is_asked, NAMES)):
            asked += stack.enter_context(kafka_rows(old, size, cache))
        for row in asked:
            if is_asked(row.name):
                for contender in row.contenders:
                    company(contender.config)
                found = measured(row, given.rounds, folder)
                print("\n".join(found.table()), flush=True)
                record.add(found)
    all_found = [record.runs[name] for name in sorted(record.runs)]
    (given.docs / "images").mkdir(parents=True, exist_ok=True)
    (given.docs / "images" / PLOT).write_text(plot(all_found))
    (given.docs / "performance.md").write_text(page(all_found, OLD, PLOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
