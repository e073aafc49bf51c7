"""The collector: a reading as Prometheus metric families, made afresh on each scrape.

All KPIs are gauges, flows too, since a correction may lower any sum. What has no value has no
sample.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from threading import Lock
from typing import Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

from aggregates.distribution import BOUNDS_S, Distribution
from aggregates.kpi import Kpi, Labels
from aggregates.reading import Result
from exporters.live_reading import Figures, LiveReading
from exporters.service_metrics import service_families

SERIES_MAX: Final = 1_000
"""Series of one metric: what a label like ``owner`` may cost Prometheus before the rest is dropped
and counted."""

HELP_MAX: Final = 400
"""Characters of a HELP text: title, formula and what fits of the description."""

_LES: Final = (*(str(bound) for bound in BOUNDS_S), "+Inf")


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
    ) -> None:
        """Takes where readings come from.

        Args:
            live: The readings.
            version: Version of this distribution.
            segment_names: Account attributes that make up a segment, as label names.
            series_max: Series a metric may have.
            clock_s: A clock to time scrapes with, in seconds.
            others: Further collectors to include, such as the process's.
        """
        self._live = live
        self._version = version
        self._segment_names = tuple(segment_names)
        self._series_max = series_max
        self._clock_s = clock_s
        self._others = tuple(others)
        self._lock = Lock()
        self._dropped: Counter[str] = Counter()

    def collect(self) -> Iterator[Metric]:
        """Takes a reading and gives its families."""
        start_s = self._clock_s()
        reading = self._live.take()
        if reading.figures is not None:
            yield from self._kpis(reading.figures)
        yield from service_families(reading.state, reading.counts, self._version)
        yield self._dropped_series()
        for other in self._others:
            yield from other.collect()
        yield GaugeMetricFamily(
            "tidemark_scrape_duration_seconds",
            "Time this scrape took to read the board, evaluate and render.",
            value=round(self._clock_s() - start_s, 6),
        )

    def _kpis(self, figures: Figures) -> Iterator[Metric]:
        whole = _by_kpi(figures.results)
        distributions: dict[str, list[Distribution]] = {}
        for distribution in figures.distributions:
            distributions.setdefault(distribution.kpi.id, []).append(distribution)
        segments = {
            tuple(zip(self._segment_names, segment, strict=True)): _by_kpi(results)
            for segment, results in figures.segments.items()
        }
        for kpi in self._live.catalogue:
            results, text = whole.get(kpi.id, []), help_text(kpi)
            yield self._gauge(kpi.metric, text, _samples(results))
            if any(result.numerator is not None for result in results):
                above, below = _numerators(results), _denominators(results)
                yield self._gauge(f"{kpi.metric}_numerator", f"Numerator of {kpi.title}.", above)
                yield self._gauge(
                    f"{kpi.metric}_denominator", f"Denominator of {kpi.title}.", below
                )
            if kpi.id in distributions:
                yield self._histogram(kpi, distributions[kpi.id])
            if segments:
                rows = (
                    (labels + segment, value)
                    for segment, results_by_kpi in segments.items()
                    for labels, value in _samples(results_by_kpi.get(kpi.id, []))
                )
                yield self._gauge(f"cs_by_segment_{kpi.id}", f"{kpi.title} by segment.", rows)

    def _gauge(self, name: str, text: str, rows: Iterable[tuple[Labels, float]]) -> Metric:
        family = GaugeMetricFamily(name, text)
        samples = [Sample(name, dict(labels), value) for labels, value in rows if isfinite(value)]
        family.samples = samples[: self._series_max]
        self._drop(name, len(samples) - len(family.samples))
        return family

    def _histogram(self, kpi: Kpi, distributions: Sequence[Distribution]) -> Metric:
        name = f"{kpi.metric}_distribution"
        family = GaugeHistogramMetricFamily(name, f"Durations behind {kpi.title}.")
        per_label_set = len(_LES) + 2
        allowed = max(self._series_max // per_label_set, 1)
        for distribution in distributions[:allowed]:
            counts, sum_s = distribution.counts[:, 0].tolist(), float(distribution.sums_s[0])
            one = GaugeHistogramMetricFamily(
                name, "", labels=[label for label, _ in distribution.labels]
            )
            buckets = [(le, float(n)) for le, n in zip(_LES, counts, strict=True)]
            one.add_metric([value for _, value in distribution.labels], buckets, sum_s)
            family.samples += one.samples
        self._drop(name, max(len(distributions) - allowed, 0) * per_label_set)
        return family

    def _drop(self, metric: str, count: int) -> None:
        if count:
            with self._lock:
                self._dropped[metric] += count

    def _dropped_series(self) -> Metric:
        family = CounterMetricFamily(
            "tidemark_series_dropped",
            f"Series left out of scrapes because a metric had more than {self._series_max}.",
            labels=("metric",),
        )
        with self._lock:
            dropped = sorted(self._dropped.items())
        for metric, count in dropped:
            family.add_metric((metric,), count)
        return family


def help_text(kpi: Kpi) -> str:
    """Gives title, formula and description of a KPI, in one line of bounded length."""
    text = " ".join(f"{kpi.title}: {kpi.formula_text}. {kpi.description}".split())
    return text if len(text) <= HELP_MAX else f"{text[: HELP_MAX - 3]}..."


def _by_kpi(results: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.kpi.id, []).append(result)
    return found


def _samples(results: Iterable[Result]) -> Iterator[tuple[Labels, float]]:
    return ((result.labels, float(result.values[0])) for result in results)


def _numerators(results: Iterable[Result]) -> Iterator[tuple[Labels, float]]:
    for result in results:
        if result.numerator is not None:
            yield result.labels, float(result.numerator[0])


def _denominators(results: Iterable[Result]) -> Iterator[tuple[Labels, float]]:
    for result in results:
        if result.denominator is not None:
            yield result.labels, float(result.denominator[0])
