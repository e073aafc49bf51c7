"""The record of long runs of laws."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


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


def law_of(run: Run) -> str:
    """Returns the name of the law that a run was of."""
    return run.law


def waiting(laws: Iterable[str], runs: Mapping[str, Run], examples: int) -> list[str]:
    """Returns the laws that have not held for so many examples, the quickest first.

    One that was not run yet may take any time, and comes last.
    """

    def holds(law: str) -> bool:
        run = runs.get(law)
        return run is not None and run.held and run.examples >= examples

    def expected_s(law: str) -> float:
        run = runs.get(law)
        return float("inf") if run is None else run.seconds / run.examples

    return sorted([law for law in laws if not holds(law)], key=expected_s)
