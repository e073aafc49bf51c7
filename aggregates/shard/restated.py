"""Restated: what a shard's ledger said of the past, and says no longer.

The past is what lies more than a day before what had been shown: before the newest event of the
topics that a measure is computed from, as of the settle before, or before all that was told of them
since, if that is later (of none of them, before all that was told at all). So it is the ledger that
counts, not the time of an event: a retraction told now restates, as does an event that is dated
back or the merge of two accounts; history that is read in order, or topic after topic, and a
restore do not. An account that comes to another segment takes its past along, which is none either:
the sum over all segments counts. What is settled later than the events behind it, such as health
scores, is left out; it follows from the rest.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final

from aggregates.ledger.measure import Contribution, Measure, Series, Unit
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILES_A_DAY, tile_of

NEVER: Final = -(2**62)
"""A tile before all others: of a topic nothing has been shown yet."""


def restated_money(measures: Iterable[Measure]) -> tuple[str, ...]:
    """Returns the names of the measures of which money is counted: sums of money at any moment.

    Those with windows of their own say the same money again for each of them.
    """
    return tuple(
        measure.name for measure in measures if measure.unit is Unit.MONEY and not measure.windows
    )


class Restated:
    """Counts of what was restated, which only rise.

    Each settle is between a ``begin`` and an ``end``.

    Attributes:
        cells: Changes of the sum over all segments at tiles of the past, by series and tile.
        micros: By how much money, by measure: the most that a sum up to any moment of the past was
            changed by a settle, added up over settles; in micro-units. What rows that go to another
            partition take along counts there and here.
    """

    def __init__(self, plan: Plan) -> None:
        self.cells = 0
        self.micros: Counter[str] = Counter()
        self._money = frozenset(restated_money(plan.measures.values()))
        self._topics = _topics_by_measure(plan)
        self._newest: dict[str, int] = {}
        self._borders: dict[frozenset[str], int] = {}
        self._latest_border = NEVER
        self._changed: Counter[tuple[Series, int]] = Counter()

    def begin(self, oldest_ms: Mapping[str, int]) -> None:
        """Begins a settle of events of which the oldest is of a time, ms of the epoch, by topic."""
        oldest = {topic: tile_of(ms) for topic, ms in oldest_ms.items()}
        self._borders = {
            topics: self._border(topics, oldest) for topics in set(self._topics.values())
        }
        self._latest_border = max(self._borders.values(), default=NEVER)

    def _border(self, topics: frozenset[str], oldest: Mapping[str, int]) -> int:
        """Returns the tile before which the past lies of what is computed from some topics.

        A late use says nothing of how far billing had come, nor hides a correction of it.
        """
        told = [oldest[topic] for topic in topics & oldest.keys()] or oldest.values()
        since = min(told, default=NEVER)
        shown = (max(self._newest.get(topic, NEVER), since) for topic in topics)
        return min(shown, default=NEVER) - TILES_A_DAY

    def end(self, newest_ms: Mapping[str, int]) -> None:
        """Ends a settle, with the newest event of each topic so far, in ms of the epoch."""
        self._newest = {topic: tile_of(ms) for topic, ms in newest_ms.items()}
        self._count()

    def note(self, changes: Iterable[Contribution], sign: int = 1) -> None:
        """Notes changes of the ledger, under whatever segment, or what is taken from it."""
        latest = self._latest_border
        for series, tile, delta in changes:
            if tile < latest and self._is_past(series[0], tile):
                self._changed[series, tile] += sign * delta

    def _is_past(self, measure: str, tile: int) -> bool:
        topics = self._topics.get(measure)
        return topics is not None and tile < self._borders[topics]

    def _count(self) -> None:
        """Counts what was noted in the settle, less what cancels out, as where rows only moved."""
        by_measure: dict[str, Counter[int]] = {}
        for (series, tile), delta in self._changed.items():
            if delta:
                self.cells += 1
                if series[0] in self._money:
                    by_measure.setdefault(series[0], Counter())[tile] += delta
        self._changed.clear()
        for name, deltas in by_measure.items():
            sums = accumulate(delta for _, delta in sorted(deltas.items()))
            self.micros[name] += max(map(abs, sums))


def _topics_by_measure(plan: Plan) -> dict[str, frozenset[str]]:
    """Returns the topics that measures are computed from, of those that are settled at once."""
    found: dict[str, frozenset[str]] = {}
    for name, families in plan.families.items():
        if name not in plan.deferred:
            derived = plan.derived.get(name)
            sources = (plan.kinds[name],) if derived is None else derived.sources
            topics = frozenset(source.topic for source in sources)
            found |= {measure.name: topics for family in families for measure in family.measures}
    return found
