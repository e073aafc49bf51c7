"""Figures as they were shown: the log folded as it was told, read at each edge in between.

Nothing but an event that is told late changes what an earlier edge shows. So the log is cut where
one comes, and each piece is read at all its edges at once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import groupby
from typing import Final

import numpy as np

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.formula.values import Edges, Floats
from aggregates.policies.policy import Policy, Rate
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.time.tile import TILE_MS
from streams.local.intake import Intake
from tests.alerting.story import Told

WEEK_AGO: Final = "cs_week_ago_"
WEEK: Final = 7 * 24 * 4
"""Edges of a week."""

Key = tuple[str, tuple[tuple[str, str], ...]]
"""Name and labels of a series."""


@cache
def plan() -> Plan:
    """The settings of all companies: a zone whose clocks change, and a second currency."""
    rates = {"EUR": [Rate(rate=Fraction("1.1"))]}
    return Plan(Policy(timezone="Europe/Berlin", exchange_rates=rates))


@cache
def catalogue() -> Catalogue:
    """The shipped KPIs."""
    return load(plan().measures.values(), shipped_source(), policy=plan().policy)


@dataclass(frozen=True)
class Wanted:
    """What rules read.

    Attributes:
        metrics: Names of metrics, and the labels by which their series are chosen.
    """

    metrics: Mapping[str, frozenset[tuple[str, str]]]

    @classmethod
    def by(cls, rules: str) -> "Wanted":
        """Finds the selectors in the text of rules, of which a metric has but one."""
        found = re.findall(r"(?<![\w:])(cs_\w+)(\{[^}]*\})?", rules)
        chosen = {name: frozenset(re.findall(r'(\w+)="([^"]*)"', where)) for name, where in found}
        assert chosen
        return cls(chosen)

    @property
    def kpis(self) -> Catalogue:
        """The KPIs that are read for them, over their window only."""
        kpis = []
        for kpi in catalogue():
            names = {kpi.metric, f"{WEEK_AGO}{kpi.id}"} & set(self.metrics)
            windows = {dict(self.metrics[name]).get("window") for name in names} - {None}
            if names:
                kept = tuple(window for window in kpi.windows if window in windows)
                kpis.append(replace(kpi, windows=kept))
        return Catalogue(kpis, catalogue().measures, catalogue().policy)

    def series(self, results: Iterable[Result], *, week_ago: bool) -> Iterator[tuple[Key, Floats]]:
        """Yields the series of results that are wanted: those of now, or those of a week ago."""
        for result in results:
            metric, own = result.kpi.metric, set(result.labels)
            named: dict[str, Floats | None] = {f"{WEEK_AGO}{result.kpi.id}": result.values}
            if not week_ago:
                parts = {"_numerator": result.numerator, "_denominator": result.denominator}
                named = {metric: result.values}
                named |= {metric + suffix: part for suffix, part in parts.items()}
            for name, values in named.items():
                if values is not None and self.metrics.get(name, {("", "")}) <= own:
                    yield (name, result.labels), values


def shown(told: Iterable[Told], wanted: Wanted, edges: Edges) -> dict[Key, Floats]:
    """Returns the series as they were shown at edges in order; NaN where there was no sample."""
    kpis, intake = wanted.kpis, Intake(plan(), bulk=True)
    found: dict[Key, Floats] = {}
    reader, done = Reader(intake.shards[0].ledger, plan().calendar), 0
    ordered = sorted(told, key=lambda event: event.told_ms)
    for is_late, events in groupby(ordered, key=lambda event: event.is_late):
        piece = list(events)
        if is_late:
            done = _read(reader, kpis, wanted, edges, done, _edge(piece[0]), found)
        intake.take([event.line for event in piece])
        intake.settle()
        assert not intake.rejected, intake.samples
        reader = Reader(intake.shards[0].ledger, plan().calendar)
    _read(reader, kpis, wanted, edges, done, int(edges[-1]) + 1, found)
    return found


def _edge(event: Told) -> int:
    """The first edge that shows an event."""
    return event.told_ms // TILE_MS + 1


def _read(
    reader: Reader,
    kpis: Catalogue,
    wanted: Wanted,
    edges: Edges,
    done: int,
    until: int,
    found: dict[Key, Floats],
) -> int:
    """Reads the edges before one that were not read yet; gives how many are read now."""
    last = int(np.searchsorted(edges, until))
    part: Edges = edges[done:last]
    if len(part):
        for back, week_ago in ((0, False), (WEEK, True)):
            results = reader.evaluate(kpis, np.asarray(part - back))
            for key, values in wanted.series(results, week_ago=week_ago):
                row = found.setdefault(key, np.full(len(edges), np.nan))
                row[done:last] = values
    return max(done, last)
