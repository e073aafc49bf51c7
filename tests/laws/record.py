"""The record of long runs: of each law the last one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a law.

    Attributes:
        law: Its name.
        examples: How many it was given, at most: fewer if there are no more.
        held: Whether it held for all of them.
        seconds: It took, beside others.
        commit: The build, short.
        day: When, as ``2026-11-29``.
    """

    law: str
    examples: int
    held: bool
    seconds: int
    commit: str
    day: str


class Record:
    """A file with a line for each law, by name: the last run of it."""

    def __init__(self, path: Path) -> None:
        """Reads what is there."""
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.runs = {run.law: run for run in (Run(**json.loads(line)) for line in lines)}

    def add(self, run: Run) -> None:
        """Takes a run in place of the one before."""
        self.runs[run.law] = run
        lines = [json.dumps(asdict(self.runs[law])) for law in sorted(self.runs)]
        fresh = self._path.with_suffix(".fresh")
        fresh.write_text("".join(f"{line}\n" for line in lines))
        fresh.rename(self._path)

    def waiting(self, laws: list[str], examples: int) -> list[str]:
        """Returns the laws that have not held for so many examples, the quickest first.

        One that was not run yet may take any time, and comes last.
        """
        found = [law for law in laws if not self._holds(law, examples)]
        return sorted(found, key=self._expected_s)

    def _holds(self, law: str, examples: int) -> bool:
        run = self.runs.get(law)
        return run is not None and run.held and run.examples >= examples

    def _expected_s(self, law: str) -> float:
        run = self.runs.get(law)
        return float("inf") if run is None else run.seconds / run.examples
