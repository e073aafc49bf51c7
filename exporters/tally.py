"""Counters that survive the moves of partitions.

A worker counts per partition from the moment it takes it, so a sum over partitions would fall
whenever one moves, which Prometheus reads as a restart of the whole counter. The tally adds
increases instead.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporters.feed import PartitionState


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals at one moment; see ``Tally``."""

    events: Mapping[tuple[str, str], int]
    restatements: int


class Tally:
    """Totals since the exporter started; they begin at what workers had counted by then.

    Attributes:
        events: Events by topic and outcome.
        restatements: Rows restated by late, corrected or retracted events.
    """

    def __init__(self) -> None:
        self.events: Counter[tuple[str, str]] = Counter()
        self.restatements = 0
        self._seen: dict[int, tuple[int, Counter[tuple[str, str]], int]] = {}

    def update(self, partitions: Iterable[PartitionState]) -> Counts:
        """Adds what has been counted since the last update; returns the totals."""
        for state in partitions:
            if state.status is None:
                continue
            events = Counter(
                {
                    (topic, outcome): count
                    for topic, outcomes in state.status.events.items()
                    for outcome, count in outcomes.items()
                }
            )
            restatements = state.status.restatements
            generation, before, restated = self._seen.get(state.partition, (0, Counter(), 0))
            if generation != state.generation:
                before, restated = Counter(), 0
            self.events += events - before  # what would fall is left out
            self.restatements += max(restatements - restated, 0)
            self._seen[state.partition] = state.generation, events, restatements
        return Counts(Counter(self.events), self.restatements)
