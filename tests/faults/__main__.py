"""``make faults``: scenarios under seeds, each in a process of its own; the page of results."""

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from tests.faults.page import write_page
from tests.faults.run import Result, run_before
from tests.faults.scenarios import SCENARIOS
from tests.last_runs import LastRuns

ROOT: Final = Path(__file__).resolve().parents[2]

FOLDER: Final = ROOT / ".cache" / "faults"
"""What processes wrote in runs that went wrong."""

RECORD: Final = Path(__file__).with_name("record.ndjson")
"""The last run of each scenario under each seed."""

PAGE: Final = ROOT / "docs" / "faults.md"

NAMED: Final = {scenario.name: scenario for scenario in SCENARIOS}


def main() -> int:
    """Runs what was asked for; gives 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--scenario", choices=NAMED, action="append", help="default: all")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 1")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--missing", action="store_true", help="what has no good run on record")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start none after")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; each waits a lot")
    given = parser.parse_args()
    seeds = range(1, given.seeds + 1) if given.seed is None else [given.seed]
    chosen = given.scenario or [name for name, each in NAMED.items() if not each.chosen]
    record = LastRuns(RECORD, Result, lambda result: result.piece)
    pieces = [(name, seed) for seed in seeds for name in chosen]
    if given.missing:
        right = {piece for piece, result in record.runs.items() if not result.wrong}
        pieces = [piece for piece in pieces if piece not in right]
    bad = 0
    until_s = time.monotonic() + 60 * given.minutes
    with ProcessPoolExecutor(
        given.jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        running = [
            pool.submit(run_before, until_s, NAMED[name], seed, FOLDER / f"{name}-{seed}")
            for name, seed in pieces
        ]
        for each in as_completed(running):
            if (result := each.result()) is not None:
                record.add(result)
                write_page(PAGE, SCENARIOS, record.runs.values())
                _tell(result)
                bad += bool(result.wrong)
    return int(bad > 0)


def _tell(result: Result) -> None:
    said = [
        f"{'WRONG' if result.wrong else 'right'} {result.scenario} seed {result.seed}:",
        f"{result.seconds} s, {result.cpu_s} s of CPU, {result.events} events,",
        f"{len(result.done)} faults,",
        f"{result.figures} figures, {result.integers} integers, scrapes {result.scrapes},",
        f"ended {result.ended}, {result.measured}",
    ]
    lines = [" ".join(said), *(f"  {wrong}" for wrong in result.wrong)]
    if result.wrong:
        lines += [
            f"  again: {again(result.scenario, result.seed)}",
            f"  kept: .cache/faults/{result.scenario}-{result.seed}",
        ]
    sys.stdout.write("\n".join([*lines, ""]))
    sys.stdout.flush()


def again(scenario: str, seed: int | str) -> str:
    """Returns the command that runs a scenario under a seed once more."""
    return f"make faults SCENARIO={scenario} SEED={seed}"


if __name__ == "__main__":
    sys.exit(main())
