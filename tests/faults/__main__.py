"""``python -m tests.faults``: scenarios under seeds, one after the other."""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from tests.faults.run import Result, run
from tests.faults.scenarios import SCENARIOS

FOLDER: Final = Path(__file__).resolve().parents[2] / ".cache" / "faults"
"""Results of all runs, and what processes wrote in those that went wrong."""


def main() -> int:
    """Runs what was asked for; gives 1 if anything was wrong."""
    named = {scenario.name: scenario for scenario in SCENARIOS}
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--scenario", choices=named, action="append", help="default: all")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 1")
    parser.add_argument("--seed", type=int, help="this one alone")
    given = parser.parse_args()
    seeds = [given.seed] if given.seed is not None else range(1, given.seeds + 1)
    chosen = given.scenario or [name for name, each in named.items() if not each.chosen]
    FOLDER.mkdir(parents=True, exist_ok=True)
    bad = 0
    for seed in seeds:
        for name in chosen:
            result = run(named[name], seed, FOLDER / f"{name}-{seed}")
            with (FOLDER / "results.ndjson").open("a") as file:
                file.write(json.dumps(result.record()) + "\n")
            _tell(result)
            bad += bool(result.wrong)
    return int(bad > 0)


def _tell(result: Result) -> None:
    state = "WRONG" if result.wrong else "right"
    sys.stdout.write(
        f"{state} {result.scenario} seed {result.seed}: {result.seconds} s, {result.events} events, "
        f"{len(result.done)} faults, {result.figures} figures, scrapes {result.scrapes}, "
        f"ended {result.ended}, {result.noted}\n"
    )
    for wrong in result.wrong:
        sys.stdout.write(f"  {wrong}\n")
    if result.wrong:
        again = f"make faults SCENARIO={result.scenario} SEED={result.seed}"
        where = f".cache/faults/{result.scenario}-{result.seed}"
        sys.stdout.write(f"  again: {again}; kept: {where}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
