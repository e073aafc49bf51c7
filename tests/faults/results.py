"""The results of all runs on a machine, of which the last for each scenario and seed counts."""

import json
from dataclasses import fields
from pathlib import Path

from tests.faults.run import Result


class Results:
    """A file with a line for each run."""

    def __init__(self, path: Path) -> None:
        """Reads what is there, but for what another version of this code has written."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        known = {each.name for each in fields(Result)}
        records = [json.loads(line) for line in lines]
        self._all = [Result(**each) for each in records if each.keys() <= known]

    def add(self, result: Result) -> None:
        """Adds a run."""
        self._all.append(result)
        with self._path.open("a") as file:
            file.write(json.dumps(result.record()) + "\n")

    def of(self, scenario: str) -> list[Result]:
        """Returns the last run of each seed, by seed."""
        last = {result.seed: result for result in self._all if result.scenario == scenario}
        return [last[seed] for seed in sorted(last)]
