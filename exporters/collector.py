"""The collector: a reading as Prometheus metric families, those of a KPI made when it changes."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from threading import Lock
from typing import Final, NamedTuple

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from aggregates.catalogue.catalogue import Catalogue
from aggregates.formula.dimension import MICROS_A_UNIT
from aggregates.policies.policy import Policy
from aggregates.reading.segment_notes import noted_attributes
from aggregates.shard.restated import restated_money
from aggregates.time.tile import edge_ms
from exporters.figures import Figures
from exporters.live_reading import LiveReading, Reading
from exporters.series import SERIES_MAX, MetricFamily, MetricKind, Shown, shown_kpis
from exporters.service_metrics import service_families

_METRICS: Final = {
    MetricKind.GAUGE: GaugeMetricFamily,
    MetricKind.HISTOGRAM: GaugeHistogramMetricFamily,
}


class _Kept(NamedTuple):
    """The families of a KPI, what they were made of, and how many series each left out."""

    shown: Shown
    families: Sequence[Metric]
    dropped: Mapping[str, int]


class LiveCollector(Collector):
    """Collects one reading: KPIs when they are whole, the service's own metrics always."""

    def __init__(
        self,
        live: LiveReading,
        *,
        version: str,
        segment_names: Sequence[str] = ("segment",),
        series_max: int = SERIES_MAX,
        clock_s: Callable[[], float] = time.perf_counter,
        others: Sequence[Collector] = (),
        tables: Mapping[str, str] | None = None,
    ) -> None:
        """Takes where readings come from.

        Args:
            live: The readings.
            version: Version of this distribution.
            segment_names: Account attributes that make up a segment, as label names.
            series_max: Series a metric may have.
            clock_s: A clock to time scrapes with, in seconds.
            others: Further collectors to include, such as the process's.
            tables: Further labels of the build, such as the time zones' version.
        """
        self._live = live
        self._version = version
        self._segment_names = tuple(segment_names)
        self._series_max = series_max
        self._clock_s = clock_s
        self._others = tuple(others)
        self._tables = tables
        self._lock = Lock()
        self._dropped: Counter[str] = Counter()
        self._kept: dict[str, _Kept] = {}

    def collect(self) -> Iterator[Metric]:
        """Takes a reading and yields its families."""
        return self.families(self._live.take())

    def families(self, reading: Reading) -> Iterator[Metric]:
        """Yields the families of a reading."""
        start_s = self._clock_s() - reading.took_s
        if reading.figures is not None:
            yield from self._kpis(reading.catalogue, reading.figures)
            yield _without_value(reading.figures)
            yield GaugeMetricFamily(
                "tidemark_reading_timestamp_seconds",
                "Quarter of an hour that KPIs are read at; they count what comes before it.",
                value=edge_ms(reading.edge) // 1000,
            )
            yield from _segment_values(reading.catalogue.policy, reading.figures)
        yield from service_families(reading.state, reading.counts, self._version, self._tables)
        yield _restated_money(reading)
        yield GaugeMetricFamily(
            "tidemark_kpi_files_valid",
            "1 while the KPI files are in force; 0 while the last good ones are, not those there.",
            value=int(not reading.problem),
        )
        yield self._dropped_series()
        for other in self._others:
            yield from other.collect()
        yield GaugeMetricFamily(
            "tidemark_scrape_duration_seconds",
            "Time this scrape took to read the board, evaluate and render.",
            value=round(self._clock_s() - start_s, 6),
        )

    def _kpis(self, catalogue: Catalogue, figures: Figures) -> Iterator[Metric]:
        """Yields the families of all KPIs: the same as before of one that was not read anew."""
        known, self._kept = self._kept, {}
        for shown in shown_kpis(catalogue, figures):
            kept = known.get(shown.kpi.id)
            if kept is None or kept.shown != shown:
                families = list(shown.families(self._segment_names, self._series_max))
                dropped = {each.name: each.dropped for each in families if each.dropped}
                kept = _Kept(shown, [_rendered(each) for each in families], dropped)
            self._kept[shown.kpi.id] = kept
            if kept.dropped:
                with self._lock:
                    self._dropped.update(kept.dropped)
            yield from kept.families

    def _dropped_series(self) -> Metric:
        family = CounterMetricFamily(
            "tidemark_series_dropped",
            f"Series left out of scrapes because a metric had more than {self._series_max}.",
            labels=("metric",),
        )
        with self._lock:
            for metric, count in sorted(self._dropped.items()):
                family.add_metric((metric,), count)
        return family


def _without_value(figures: Figures) -> Metric:
    family = GaugeMetricFamily(
        "tidemark_series_without_value",
        "Series of KPIs over all accounts that have no sample, by why: undefined or too large.",
        labels=("reason",),
    )
    for reason, by_kpi in figures.missing.items():
        family.add_metric((reason,), by_kpi.total())
    return family


def _restated_money(reading: Reading) -> Metric:
    """Returns by how much money the past was restated; 0 too, so that the first time is seen."""
    family = CounterMetricFamily(
        "tidemark_restated_money",
        "By how much a sum of money of more than a day ago changed, in major units, by measure.",
        labels=("measure", "currency"),
    )
    for name in restated_money(reading.catalogue.measures.values()):
        micros = reading.counts.restated_micros.get(name, 0)
        family.add_metric((name, reading.currency), micros / MICROS_A_UNIT)
    return family


def _segment_values(policy: Policy, figures: Figures) -> Iterator[Metric]:
    noted = noted_attributes(policy, figures.attribute_values)
    if noted:
        family = GaugeMetricFamily(
            "tidemark_segment_values",
            "Values of an attribute of segments that has none, or more than are shown by name.",
            labels=("attribute",),
        )
        for name, count in noted.items():
            family.add_metric((name,), count)
        yield family


def _rendered(family: MetricFamily) -> Metric:
    """Returns a family that was read at one edge as the client library has it."""
    metric: Metric = _METRICS[family.kind](family.name, family.text)
    for series in family.series:
        value = float(series.values[0])
        if isfinite(value):
            metric.samples.append(Sample(series.name, dict(series.labels), value))
    return metric
