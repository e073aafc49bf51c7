"""Queries: PromQL over the exporter's metrics.

Two exporters show the same figures, under whatever labels a scrape gives them, so each query takes
the largest value by the labels that a figure has itself, and never a sum. A KPI has two queries, of
which one finds nothing: the whole (``cs_<id>``), and ``cs_by_segment_<id>``. One matcher chooses.
``segment=~"$segment"`` is put to both; "All" means ``^$``, which only the metric without that label
matches, and a chosen segment matches only the metric that has it. So "All" is the whole and never a
sum of segments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from re import escape
from typing import Final

from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi

TARGET_MATCHERS: Final = ('job=~"$job"', 'instance=~"$instance"')
"""What each selector has, so that one Prometheus may hold several installations."""

_QUOTED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel.

    Attributes:
        expr: PromQL with Grafana's variables.
        legend: Name of each series, with labels as ``{{label}}``.
        instant: Whether only the value at the end of the time range is asked for.
        table: Whether the answer is rows with labels as columns, rather than series.
    """

    expr: str
    legend: str
    instant: bool = False
    table: bool = False


def selector(metric: str, *matchers: str) -> str:
    """Returns a selector with the matchers that each query has.

    >>> selector("cs_mrr")
    'cs_mrr{job=~"$job", instance=~"$instance"}'
    """
    return f"{metric}{{{', '.join((*TARGET_MATCHERS, *matchers))}}}"


@dataclass(frozen=True, slots=True)
class KpiQueries:
    """The queries of KPIs on one dashboard.

    Attributes:
        windows: Windows that the dashboard offers.
        segments: Account attributes by which KPIs are split.
    """

    windows: Sequence[str]
    segments: Sequence[str]

    def of(
        self, kpi: Kpi, picked: Mapping[str, Sequence[str]], name: str, top: int | None = None
    ) -> tuple[Query, ...]:
        """Returns the queries of a KPI.

        Args:
            kpi: The KPI.
            picked: Values to show of some labels; of other labels all are shown.
            name: Name of the series if no label distinguishes it from another.
            top: How many series to show of each query, the largest; None for all.
        """
        scopes = [(kpi.metric, self._labels(kpi, picked), False)]
        if self.segments:
            labels = [*self.segments, *scopes[0][1]]
            scopes.append((f"cs_by_segment_{kpi.id}", labels, True))
        return tuple(
            Query(
                _top(self._expr(kpi, metric, _matchers(picked), by_segment=by_segment), top),
                " · ".join(f"{{{{{label}}}}}" for label in labels) or name,
            )
            for metric, labels, by_segment in scopes
        )

    def last_whole(
        self, kpi: Kpi, picked: Mapping[str, Sequence[str]], span: str, top: int | None = None
    ) -> Query:
        """Returns the query of what a running figure was when its last whole span ended.

        It finds nothing while a window is chosen that is of no such span, or a segment.

        Args:
            kpi: The KPI.
            picked: Values to show of some labels; of other labels all are shown.
            span: What is running: ``day``, ``month``, ...
            top: How many series to show, the largest; None for all.
        """
        labels = [name for name in self._labels(kpi, picked) if name != "window"]
        legend = " · ".join([f"last whole {span}", *(f"{{{{{label}}}}}" for label in labels)])
        expr = self._expr(kpi, f"cs_last_whole_{kpi.id}", _matchers(picked))
        return Query(_top(expr, top), legend)

    def _labels(self, kpi: Kpi, picked: Mapping[str, Sequence[str]]) -> list[str]:
        """Returns the labels that distinguish the series of a KPI, the window last."""
        fixed = {name for name, _ in kpi.labels} | {"currency", "window"}
        single = {name for name, values in picked.items() if len(values) == 1}
        names = [name for name in kpi.label_names if name not in fixed | single]
        return [*names, *(["window"] if kpi.windows else [])]

    def _expr(
        self, kpi: Kpi, metric: str, picked: Sequence[str], *, by_segment: bool = False
    ) -> str:
        scope = [f'{name}=~"${name}"' for name in self.segments]
        own_labels = (*self.segments, *kpi.label_names) if by_segment else kpi.label_names

        def newest(*matchers: str) -> str:
            figures = selector(metric, *scope, *picked, *matchers)
            return f"max by ({', '.join(('job', *own_labels))}) ({figures})"

        if not kpi.windows:
            return newest()
        chosen = newest('window="$window"')
        if set(self.windows) <= set(kpi.windows):
            return chosen
        instead = newest(matcher("window", main_window(kpi.windows)))
        # A KPI has the window if it is asked for at all; a ratio over nothing has no value, but
        # still a denominator, and must not be answered with another window.
        known = selector(_always_there(kpi), 'window="$window"')
        return f"{chosen}\nor ({instead} unless on () {known})"


def matcher(label: str, *values: str) -> str:
    r"""Returns a matcher of one or several values.

    >>> matcher("stat", "mean"), matcher("stat", "p50", "p99.9")
    ('stat="mean"', 'stat=~"p50|p99\\\\.9"')
    """
    if len(values) == 1:
        return f'{label}="{values[0].translate(_QUOTED)}"'
    return f'{label}=~"{"|".join(map(escape, values)).translate(_QUOTED)}"'


def _matchers(picked: Mapping[str, Sequence[str]]) -> list[str]:
    return [matcher(label, *values) for label, values in picked.items()]


def _always_there(kpi: Kpi) -> str:
    """Names a metric that a KPI has for each of its windows, also while it has no value."""
    divided = any(variant.parts is not None for variant in kpi.variants)
    return f"{kpi.metric}_denominator" if divided else kpi.metric


def _top(expr: str, top: int | None) -> str:
    return expr if top is None else f"topk({top}, {expr})"
