"""Figures: everything that is shown of a whole ledger, at one edge or at many.

A scrape takes them at one edge, a backfill at a grid of edges; what exists at an edge depends on
nothing but what lies before it, so both say the same of the same edge. A scrape also has the
figures of a week ago with which alerts compare, and those of the last whole day and month beside
the running ones, as the ledger says now that they were.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.running import last_whole, running_windows
from aggregates.catalogue.watched import compared
from aggregates.formula.values import Edges
from aggregates.reading.by_segment import BySegment, read_by_segment
from aggregates.reading.distribution import Distribution, distributions
from aggregates.reading.missing import Reason, missing
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result, Table


@dataclass(frozen=True, eq=False)
class Figures:
    """What a whole ledger says at some edges.

    Attributes:
        edges: The tile edges.
        by_segment: Every KPI over all accounts, and by segment: each from its first cell on, none
            before the first account with a known attribute.
        distributions: Durations behind the duration KPIs.
        week_ago: The series that alerts compare with a week ago, seven local days before the edges.
        last_whole: What is of a running day or month, as it was when the last whole one ended.
    """

    edges: Edges
    by_segment: BySegment
    distributions: Sequence[Distribution]
    week_ago: Sequence[Table] = ()
    last_whole: Sequence[Table] = ()

    @cached_property
    def results(self) -> Sequence[Result]:
        """Every KPI over all accounts."""
        return self.by_segment.whole

    @cached_property
    def missing(self) -> Mapping[Reason, Counter[str]]:
        """How many series of each KPI over all accounts have no value, by why."""
        return missing(self.results)

    @property
    def attribute_values(self) -> tuple[int, ...]:
        """How many values each attribute has by which accounts are told apart."""
        return self.by_segment.values


def figures_at(reader: Reader, catalogue: Catalogue, edges: Edges, currency: str) -> Figures:
    """Reads everything at each edge.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    read = read_by_segment(reader, catalogue, edges, currency)
    return Figures(edges, read, tuple(distributions(catalogue, reader, edges)))


def live_figures(reader: Reader, catalogue: Catalogue, edge: int, currency: str) -> Figures:
    """Reads everything at an edge, a week before it what is compared with then, and what runs.

    Raises:
        ValueError: If the edge is out of bounds.
    """
    edges = np.array([edge], dtype=np.int64)
    figures = figures_at(reader, catalogue, edges, currency)
    before = reader.calendar.ago("7d", edges)
    week_ago = reader.tables(catalogue, before, currency=currency, kpis=_compared(catalogue))
    whole: list[Table] = []
    for span, kpis in _running(catalogue).items():
        end = last_whole(span, edge, reader.calendar)
        whole += reader.tables(catalogue, [end], currency=currency, kpis=kpis)
    return replace(figures, week_ago=week_ago, last_whole=whole)


@lru_cache(maxsize=4)
def _running(catalogue: Catalogue) -> Mapping[str, Sequence[Kpi]]:
    """Returns what is of a running day or month, by that span, each with those windows alone."""
    by_span: dict[str, list[Kpi]] = {}
    for kpi in catalogue:
        for span, windows in running_windows(kpi, catalogue.measures).items():
            by_span.setdefault(span, []).append(replace(kpi, windows=windows))
    return by_span


@lru_cache(maxsize=4)
def _compared(catalogue: Catalogue) -> Sequence[Kpi]:
    """Returns the KPIs that are compared with a week ago, each with that one window and formula."""
    return [
        replace(
            series.kpi,
            windows=() if series.window is None else (series.window,),
            variants=series.kpi.variants[:1],
        )
        for series in compared(catalogue)
    ]
