"""``make laws``: each law under many examples, in a process of its own; the record and the page."""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from tests.last_runs import LastRuns, commit
from tests.laws.found import ROOT, laws
from tests.laws.page import page
from tests.laws.record import Run, law_of, waiting

RECORD: Final = Path(__file__).with_name("record.ndjson")
PAGE: Final = ROOT / "docs" / "laws.md"


def main() -> int:
    """Runs the laws that have not held for so many examples yet; gives 1 if one did not hold."""
    parser = argparse.ArgumentParser(prog="make laws", description=__doc__)
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start none after")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args()
    known, record = laws(), LastRuns(RECORD, Run, law_of)
    build = commit()
    until_s = time.monotonic() + 60 * given.minutes

    def run(law: str) -> Run | None:
        if time.monotonic() > until_s:
            return None
        begun_s = time.monotonic()
        asked = ["-q", "-p", "no:cacheprovider", "-m", "not broker", law]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *asked],
            cwd=ROOT,
            env=os.environ | {"LAW_EXAMPLES": str(given.examples)},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.stdout.write(done.stdout)
        seconds = round(time.monotonic() - begun_s)
        day = time.strftime("%Y-%m-%d")
        return Run(law, given.examples, done.returncode == 0, seconds, build, day)

    names = [law.name for law in known]
    bad = 0
    with ThreadPoolExecutor(given.jobs) as pool:
        running = [pool.submit(run, law) for law in waiting(names, record.runs, given.examples)]
        for each in as_completed(running):
            if (done := each.result()) is not None:
                record.add(done)
                bad += not done.held
                said = "held" if done.held else "DID NOT HOLD"
                sys.stdout.write(f"{said}: {done.law}, {done.seconds} s\n")
                sys.stdout.flush()
    PAGE.write_text(page(known, record.runs))
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
