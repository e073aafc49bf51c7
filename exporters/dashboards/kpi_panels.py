"""The panels of one KPI, wholly from its catalogue entry.

A KPI is a number, or bars if one of its labels is open (features, owners: nobody knows how many),
and a graph over the time. A KPI about other KPIs is a table: their units differ, so neither bars
nor a graph would say anything. A title or unit is never written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Final

from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Good, Kpi, KpiUnit
from aggregates.catalogue.prose import kpi_in_words
from aggregates.catalogue.running import running_windows
from aggregates.ledger.measure import Measure
from exporters.dashboards.panel import VALUES, Panel, by_threshold, lines, shown
from exporters.dashboards.query import KpiQueries
from exporters.dashboards.unit import COUNTED, shown_in, thresholds
from exporters.wording import benchmark, window_title

STATISTIC, CLOCK = "stat", "clock"
"""Labels of durations: the statistic, and whose hours count."""

HEADLINE_STATISTICS: Final = ("mean", "p90")
"""Shown as numbers: the average that dashboards promise, and what one customer in ten waits longer
than."""

TREND_STATISTICS: Final = ("mean", "p50", "p90")
"""Drawn as lines; the 99 % quantile of a small company is one ticket."""

HEADLINE_CLOCK: Final = "calendar"
"""Shown as a number: a customer waits by the calendar."""

LINES_MAX: Final = 10
"""Lines of an open label: as many colours as a reader can tell apart."""

OF_KPIS: Final = "kpi"
"""Label of figures about other KPIs."""

_HEIGHT: Final = 8
"""Of bars, tables and graphs."""

_AIMS: Final = {Good.UP: "Higher is better.", Good.DOWN: "Lower is better.", Good.NONE: ""}


class KpiPanels:
    """Makes the panels of KPIs on one dashboard."""

    def __init__(
        self,
        windows: Sequence[str],
        segments: Sequence[str],
        currency: str,
        measures: Mapping[str, Measure],
    ) -> None:
        """Sets what the panels of a dashboard share.

        Args:
            windows: Windows that it offers.
            segments: Account attributes by which KPIs are split.
            currency: The reporting currency.
            measures: What formulas read, by name.
        """
        self._measures = measures
        self._queries = KpiQueries(windows, segments)
        self._windows = windows
        self._currency = currency

    def now(self, kpi: Kpi) -> Panel:
        """Returns the panel of this moment: a number, bars of an open label, or a table."""
        unit, decimals = shown_in(kpi.unit, self._currency)
        decimals = None if of_kpis(kpi) else decimals
        defaults = by_threshold(shown(unit, decimals, thresholds(kpi)))
        picked, name, text = _headline(kpi), f"{kpi.id} now", self._description(kpi)
        top = None
        if _open_labels(kpi):
            picked = {label: values[:1] for label, values in picked.items()}
            top = VALUES
        found = [*self._queries.of(kpi, picked, "now", top)]
        found += [self._queries.last_whole(kpi, picked, span, top) for span in self._running(kpi)]
        queries = [replace(query, instant=True) for query in found]
        if of_kpis(kpi):
            rows = [replace(query, table=True) for query in queries]
            return Panel(name, "table", kpi.title, text, rows, defaults, {}, 3, _HEIGHT)
        if top is not None:
            defaults = {**defaults, "min": 0}  # by default the shortest bar has no length
            return Panel(name, "bargauge", kpi.title, text, queries, defaults, {}, 3, _HEIGHT)
        size = 2 if _count(kpi, picked) > 1 else 1
        options = {"textMode": "value_and_name"}
        return Panel(name, "stat", kpi.title, text, queries, defaults, options, size)

    def over_time(self, kpi: Kpi) -> Panel:
        """Returns the graph."""
        unit, decimals = shown_in(kpi.unit, self._currency)
        picked, text = _trend(kpi), self._description(kpi)
        top = None
        if _open_labels(kpi):
            picked = {label: values[:1] for label, values in _headline(kpi).items()}
            top = LINES_MAX
            text += f"\n\nThe {top} largest at each time."
        zero = kpi.unit is KpiUnit.SECONDS or (unit, decimals) == COUNTED
        target = next((target.value for target in kpi.targets), None)
        single = top is None and _count(kpi, picked) == 1
        defaults = lines(
            shown(unit, decimals, thresholds(kpi)), from_zero=zero, target=target, filled=single
        )
        queries = self._queries.of(kpi, picked, kpi.title, top)
        name = f"{kpi.id} over time"
        return Panel(name, "timeseries", kpi.title, text, queries, defaults, height=_HEIGHT)

    def _running(self, kpi: Kpi) -> Mapping[str, Sequence[str]]:
        """Returns the windows of which a whole span is told beside the running one, by span."""
        return running_windows(kpi, self._measures)

    def _description(self, kpi: Kpi) -> str:
        """Says what the figure is: definition, formula, target, direction and window."""
        goals = [
            f"{benchmark(target, kpi.unit, self._currency)} ({target.name.replace('_', ' ')})"
            for target in kpi.targets
        ]
        aims = [f"Target: {goals[0]}."] if goals else []
        aims += [f"Also known: {', '.join(goals[1:])}."] if goals[1:] else []
        if kpi.acceptable:
            limit = benchmark(kpi.acceptable, kpi.unit, self._currency)
            aims += [f"There is an alert unless it is {limit}."]
        aims += [_AIMS[kpi.good]] if _AIMS[kpi.good] else []
        parts = [kpi.description, f"Formula: {kpi_in_words(kpi)}.", " ".join(aims)]
        for span, own in self._running(kpi).items():
            over = " and ".join(window_title(window) for window in own)
            begin = f"Over {over} the" if own else "The"
            parts.append(f"{begin} {span} is still running: the last whole {span} is beside it.")
        if kpi.windows and not set(self._windows) <= set(kpi.windows):
            known = ", ".join(kpi.windows)
            parts.append(f"Windows: {known}; for any other it shows {main_window(kpi.windows)}.")
        parts.append(f"Metric: `{kpi.metric}`.")
        return "\n\n".join(part for part in parts if part)


def _headline(kpi: Kpi) -> Mapping[str, Sequence[str]]:
    """Picks what is shown as numbers: of a choice of formulas the first, of durations two."""
    return _picked(kpi, HEADLINE_STATISTICS, one_variant=True)


def _trend(kpi: Kpi) -> Mapping[str, Sequence[str]]:
    """Picks what is drawn: every formula, of durations three."""
    return _picked(kpi, TREND_STATISTICS, one_variant=False)


def _picked(
    kpi: Kpi, statistics: Sequence[str], *, one_variant: bool
) -> dict[str, tuple[str, ...]]:
    picked: dict[str, tuple[str, ...]] = {}
    if kpi.variant_label is not None:
        values = tuple(variant.value for variant in kpi.variants if variant.value is not None)
        known = tuple(value for value in statistics if value in values)
        if kpi.variant_label == STATISTIC and known:
            picked[STATISTIC] = known
        elif one_variant:
            picked[kpi.variant_label] = values[:1]
    if one_variant and CLOCK in kpi.label_names and CLOCK not in dict(kpi.labels):
        picked[CLOCK] = (HEADLINE_CLOCK,)
    return picked


def of_kpis(kpi: Kpi) -> bool:
    """Returns whether a KPI is about other KPIs, each in its own unit."""
    return OF_KPIS in kpi.label_names


def _open_labels(kpi: Kpi) -> list[str]:
    """Names the labels whose values the catalogue does not have."""
    known = {name for name, _ in kpi.labels} | {kpi.variant_label, CLOCK, "window", "currency"}
    return [name for name in kpi.label_names if name not in known and name not in kpi.values]


def _count(kpi: Kpi, picked: Mapping[str, Sequence[str]]) -> int:
    """Counts the series of a KPI without open labels, over one window."""
    values = {**kpi.values, **picked}
    if kpi.variant_label is not None:
        values.setdefault(kpi.variant_label, [str(variant.value) for variant in kpi.variants])
    return prod(len(each) for each in values.values())
