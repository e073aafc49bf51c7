"""Counters that survive the moves of partitions.

A worker counts per partition from the moment it takes it, so a sum over partitions would fall
whenever one moves, which Prometheus reads as a restart of the whole counter. The tally adds
increases instead.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aggregates.shard.board import PartitionStatus
from exporters.feed import PartitionState


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals at one moment; see ``Tally``."""

    events: Mapping[tuple[str, str], int]
    restatements: int
    restated_micros: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[tuple[str, str], int] = field(default_factory=dict)
    ignored: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Tally:
    """Totals since the exporter started; they begin at what workers had counted by then.

    Attributes:
        events: Events by topic and outcome.
        restatements: Changes of what had been shown of the past.
        restated_micros: By how much money, by measure.
        rejected: Records that were not folded, by topic and reason.
        ignored: What was not heeded, by topic and reason.
    """

    def __init__(self) -> None:
        self.events: Counter[tuple[str, str]] = Counter()
        self.restatements = 0
        self.restated_micros: Counter[str] = Counter()
        self.rejected: Counter[tuple[str, str]] = Counter()
        self.ignored: Counter[tuple[str, str]] = Counter()
        self._seen: dict[int, tuple[int, PartitionStatus]] = {}

    def update(self, partitions: Iterable[PartitionState]) -> Counts:
        """Adds what has been counted since the last update; returns the totals."""
        for state in partitions:
            status = state.status
            if status is None:
                continue
            generation, before = self._seen.get(state.partition, (0, _NOTHING))
            if generation != state.generation:
                before = _NOTHING
            # What would fall is left out, as a difference of counters has no negative ones.
            self.events += _flat(status.events) - _flat(before.events)
            self.rejected += _flat(status.rejected) - _flat(before.rejected)
            self.ignored += _flat(status.ignored) - _flat(before.ignored)
            self.restatements += max(status.restatements - before.restatements, 0)
            self.restated_micros += Counter(status.restated_micros) - Counter(
                before.restated_micros
            )
            self._seen[state.partition] = state.generation, status
        return Counts(
            Counter(self.events),
            self.restatements,
            Counter(self.restated_micros),
            Counter(self.rejected),
            Counter(self.ignored),
        )


_NOTHING = PartitionStatus()


def _flat(nested: Mapping[str, Mapping[str, int]]) -> Counter[tuple[str, str]]:
    return Counter(
        {(topic, name): count for topic, counts in nested.items() for name, count in counts.items()}
    )
