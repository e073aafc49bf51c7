"""Series: figures as metric families, the one definition of what is shown under which name.

``/metrics`` renders the families of one edge, a backfill those of a grid. All KPIs are gauges,
flows too, since a correction may lower any sum. What has no value has no sample.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final, TypeVar

import numpy as np
from prometheus_client.utils import floatToGoString

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.values import Edges, Floats
from aggregates.ledger.measure import Segment
from aggregates.reading.by_segment import segment_labels
from aggregates.reading.distribution import BOUNDS_S, Distribution
from aggregates.reading.table import Result, Table, results_of
from exporters.figures import Figures

SERIES_MAX: Final = 1_000
"""Series of one metric: what a label like ``owner`` may cost Prometheus before the rest is dropped
and counted."""

HELP_MAX: Final = 400
"""Characters of a HELP text: title, formula and what fits of the description."""

_LES: Final = (*map(floatToGoString, BOUNDS_S), "+Inf")
"""Bounds as Go writes them, `2.592e+06`: others are rewritten by who takes a label for a number, as
Prometheus 3 does, and would then be other series than the backfilled ones."""

_HISTOGRAM_SERIES: Final = len(_LES) + 2
"""Series of one histogram: its buckets, their count and their sum."""


_Found = TypeVar("_Found", Distribution, Table)


class MetricKind(StrEnum):
    """The type of a metric family, as OpenMetrics names it."""

    GAUGE = "gauge"
    HISTOGRAM = "gaugehistogram"


@dataclass(frozen=True, slots=True, eq=False)
class MetricSeries:
    """One series.

    Attributes:
        name: Name of the metric.
        labels: Label names and values.
        values: A value for each edge; NaN for no sample.
    """

    name: str
    labels: Labels
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class MetricFamily:
    """A metric family.

    Attributes:
        name: Its name; those of its series begin with it.
        text: What it shows, for people.
        kind: Its type.
        series: Its series, of which some may have no sample.
        dropped: Samples left out because there were too many series at their edge.
    """

    name: str
    text: str
    kind: MetricKind
    series: Sequence[MetricSeries]
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show of a KPI; equal to another if it is made of the very same objects.

    Attributes:
        kpi: The KPI.
        edges: The tile edges.
        tables: Over all accounts and by segment.
        week_ago: A week before, where alerts compare.
        last_whole: At the end of the last whole day or month, if it is of a running one.
        durations: The distributions behind it.
        columns: The column of each segment in the tables.
    """

    kpi: Kpi
    edges: Edges = field(compare=False)
    tables: tuple[Table, ...]
    week_ago: tuple[Table, ...]
    last_whole: tuple[Table, ...]
    durations: tuple[Distribution, ...]
    columns: Mapping[Segment, int]

    def families(
        self, segment_names: Sequence[str] = ("segment",), series_max: int = SERIES_MAX
    ) -> Iterator[MetricFamily]:
        """Yields the families of the KPI; see ``metric_families``."""
        kpi = self.kpi
        results = results_of(self.tables)
        yield _gauge(kpi.metric, help_text(kpi), _rows(results), series_max)
        if any(result.numerator is not None for result in results):
            for part in ("numerator", "denominator"):
                text = f"{part.capitalize()} of {kpi.title}."
                yield _gauge(f"{kpi.metric}_{part}", text, _rows(results, part), series_max)
        if then := results_of(self.week_ago):
            text = f"{kpi.title} seven days before the reading, by what is known now."
            yield _gauge(f"cs_week_ago_{kpi.id}", text, _rows(then), series_max)
        if whole := results_of(self.last_whole):
            text = f"{kpi.title} of the last whole day or month, by what is known now."
            yield _gauge(f"cs_last_whole_{kpi.id}", text, _rows(whole), series_max)
        if self.durations:
            yield _histogram(kpi, self.durations, self.edges, series_max)
        if self.columns:
            yield _by_segment(kpi, self.tables, self.columns, segment_names, series_max)


def metric_families(
    catalogue: Catalogue,
    figures: Figures,
    segment_names: Sequence[str] = ("segment",),
    series_max: int = SERIES_MAX,
) -> Iterator[MetricFamily]:
    """Yields the families of all KPIs, in the order of the catalogue.

    Args:
        catalogue: The KPIs.
        figures: What there is to show.
        segment_names: Account attributes that make up a segment, as label names.
        series_max: Series that a metric may have at one edge.
    """
    for shown in shown_kpis(catalogue, figures):
        yield from shown.families(segment_names, series_max)


def shown_kpis(catalogue: Catalogue, figures: Figures) -> Iterator[Shown]:
    """Yields what there is to show of each KPI, in the order of the catalogue."""
    tables, durations = _by_kpi(figures.by_segment.tables), _by_kpi(figures.distributions)
    week_ago, last_whole = _by_kpi(figures.week_ago), _by_kpi(figures.last_whole)
    columns = figures.by_segment.columns
    for kpi in catalogue:
        yield Shown(
            kpi,
            figures.edges,
            tuple(tables.get(kpi.id, ())),
            tuple(week_ago.get(kpi.id, ())),
            tuple(last_whole.get(kpi.id, ())),
            tuple(durations.get(kpi.id, ())),
            columns,
        )


def help_text(kpi: Kpi) -> str:
    """Returns title, formula and description of a KPI, in one line of bounded length."""
    text = " ".join(f"{kpi.title}: {kpi.formula_text}. {kpi.description}".split())
    return text if len(text) <= HELP_MAX else f"{text[: HELP_MAX - 3]}..."


def _by_kpi(found: Iterable[_Found]) -> dict[str, list[_Found]]:
    by_kpi: dict[str, list[_Found]] = {}
    for one in found:
        by_kpi.setdefault(one.kpi.id, []).append(one)
    return by_kpi


def _rows(results: Iterable[Result], part: str = "values") -> Iterator[tuple[Labels, Floats]]:
    for result in results:
        if (values := getattr(result, part)) is not None:
            yield result.labels, values


def _gauge(
    name: str, text: str, rows: Iterable[tuple[Labels, Floats]], series_max: int
) -> MetricFamily:
    series = [MetricSeries(name, labels, values) for labels, values in rows]
    if len(series) <= series_max:
        return MetricFamily(name, text, MetricKind.GAUGE, series)
    values = np.stack([each.values for each in series])
    there = np.isfinite(values)
    kept = there & (np.cumsum(there, axis=0) <= series_max)
    shown = np.where(kept, values, np.nan)
    series = [MetricSeries(name, one.labels, row) for one, row in zip(series, shown, strict=True)]
    return MetricFamily(name, text, MetricKind.GAUGE, series, int(there.sum() - kept.sum()))


def _by_segment(
    kpi: Kpi,
    tables: Sequence[Table],
    columns: Mapping[Segment, int],
    segment_names: Sequence[str],
    series_max: int,
) -> MetricFamily:
    """Returns the gauge of a KPI by segment, segment after segment.

    Only what is shown is made into series: there may be a thousand segments of a hundred series.
    """
    name, text = f"cs_by_segment_{kpi.id}", f"{kpi.title} by segment."
    if not tables:
        return MetricFamily(name, text, MetricKind.GAUGE, [])
    values = np.concatenate([table.values[:, list(columns.values())] for table in tables])
    rows, count, edges = values.shape
    values = values.swapaxes(0, 1).reshape(count * rows, edges)
    there = np.isfinite(values)
    kept = there & (np.cumsum(there, axis=0) <= series_max)
    shown = np.where(kept, values, np.nan)
    row_labels, segments = [labels for table in tables for labels in table.labels], list(columns)
    series: list[MetricSeries] = []
    for number, places in groupby(np.flatnonzero(kept.any(axis=1)).tolist(), lambda p: p // rows):
        own = segment_labels(kpi, segment_names, segments[number])
        series += [MetricSeries(name, row_labels[p % rows] + own, shown[p]) for p in places]
    return MetricFamily(name, text, MetricKind.GAUGE, series, int(there.sum() - kept.sum()))


def _histogram(
    kpi: Kpi, found: Sequence[Distribution], edges: Edges, series_max: int
) -> MetricFamily:
    name = f"{kpi.metric}_distribution"
    allowed = max(series_max // _HISTOGRAM_SERIES, 1)
    there = np.stack([edges > distribution.since for distribution in found])
    kept = there & (np.cumsum(there, axis=0) <= allowed)
    series: list[MetricSeries] = []
    for distribution, where in zip(found, kept, strict=True):
        counts, labels = distribution.counts, distribution.labels
        rows = [
            *((f"{name}_bucket", (*labels, ("le", le)), counts[i]) for i, le in enumerate(_LES)),
            (f"{name}_gcount", labels, counts[-1]),
            (f"{name}_gsum", labels, distribution.sums_s),
        ]
        series += [MetricSeries(each, own, np.where(where, row, np.nan)) for each, own, row in rows]
    dropped = int(there.sum() - kept.sum()) * _HISTOGRAM_SERIES
    text = f"Durations behind {kpi.title}."
    return MetricFamily(name, text, MetricKind.HISTOGRAM, series, dropped)
