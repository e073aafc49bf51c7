"""Rules about KPIs, wholly from the catalogue: against what is acceptable, and a week ago.

What is acceptable and which change is worth an alert is said by a KPI's entry, so that a bad day
is an alert on some figures, not on all. Each figure is recorded once, and all else reads that.
"""

from collections.abc import Iterator
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Good, KpiUnit, Target
from aggregates.catalogue.watched import MOVES, WatchedSeries, bases, compared
from exporters.rules import kpi_text
from exporters.rules.options import RuleOptions, dashboard_of
from exporters.rules.rule import Alert, Recording, Rule, RuleFile, RuleGroup, Severity
from exporters.rules.watched import (
    camel,
    change,
    exact,
    listed,
    newest,
    now,
    number,
    plain,
    recorded,
    size,
    week_ago,
)

KPI_FILE: Final = "tidemark-kpis.yml"

TARGET_PAGE: Final = "KpiOffTarget"
WEEK_PAGE: Final = "KpiWorseThanAWeekAgo"
ENDED_PAGE: Final = "KpiEnded"

EVERY_S: Final = 60
"""Time between two evaluations: figures against targets and weeks are not in a hurry."""

HOLD_S: Final = 3_600
"""How long a figure must be bad: an import under way, or a mistake mended at once, is no news."""

KEEP_S: Final = 6 * 3_600
"""How long a figure must be well again: one that crosses its limit every two hours is one message,
and a restart, which holds figures back, is no end."""

REMEMBERED: Final = "1h"
"""How far back an alert looks whether it was firing: a pause of Prometheus is bridged."""

_COMMENT: Final = (
    "KPIs against what is acceptable and against a week ago; docs/alerting.md says how to read it.",
    "Written by `tidemark rules` from the catalogue: change that, not this file.",
)

_MISSED: Final = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}
"""The comparison that holds when a target's does not."""


def kpi_rule_file(catalogue: Catalogue, options: RuleOptions) -> RuleFile:
    """Returns the rules of a catalogue: in one group, since alerts read what is recorded first."""
    watched = list(map(WatchedSeries.of, catalogue))
    sizes, before = bases(watched), {series.kpi.id for series in compared(catalogue)}
    told = [series for series in watched if series.told or series.kpi.id in sizes]
    rules: list[Rule] = []
    for series in told:
        known, is_base = series.kpi.id in before, series.kpi.id in sizes
        rules += _figures(series, has_week_ago=known, is_base=is_base)
    rules += [rule for series in told for rule in _alerts(series, options)]
    group = RuleGroup("tidemark-kpis", options.interval(EVERY_S), tuple(rules))
    return RuleFile(KPI_FILE, _COMMENT, (group,))


def _figures(series: WatchedSeries, *, has_week_ago: bool, is_base: bool) -> Iterator[Rule]:
    """Yields what is recorded of a KPI: figures of now, of a week ago, and distances."""
    metric = series.kpi.metric
    yield Recording(now(series), newest(series, metric))
    if series.parts is not None:
        alike = series.kpi.unit is KpiUnit.RATIO
        for part in ("_numerator", "_denominator")[0 if alike else 1 :]:
            yield Recording(recorded(series, part), newest(series, metric + part))
    if has_week_ago:
        past = newest(series, f"cs_week_ago_{series.kpi.id}")
        yield Recording(week_ago(series), past)
    if series.week_alert is not None:
        yield Recording(change(series), _change(series))
    if is_base:
        yield Recording(size(series), _size(series, has_week_ago=has_week_ago))
    target = series.target
    if target is not None:
        above = target.comparison in ("<=", "<")
        sides = (now(series), number(target.value))
        expr = " - ".join(sides if above else sides[::-1])
        yield Recording(recorded(series, "", "target_gap"), expr)


def _change(series: WatchedSeries) -> str:
    """Writes the change against a week ago, as its unit has it; of a base of 0 it is infinite."""
    moved = f"{now(series)} - {week_ago(series)}"
    relative = MOVES[series.kpi.unit].relative
    return exact(f"({moved}) / abs({week_ago(series)})" if relative else moved)


def _size(series: WatchedSeries, *, has_week_ago: bool) -> str:
    """Writes the larger figure of now and a week ago: who falls below a limit was above it."""
    if not has_week_ago:
        return now(series)
    return f"{now(series)} > {week_ago(series)}\nor {week_ago(series)}\nor {now(series)}"


def _alerts(series: WatchedSeries, options: RuleOptions) -> Iterator[Rule]:
    limit, threshold = series.kpi.acceptable, series.week_alert
    if limit is not None:
        yield _off_target(series, limit, options)
    if threshold is not None:
        yield _worse(series, threshold, options)
        if series.labels:
            yield _ended(series, options)


def _off_target(series: WatchedSeries, limit: Target, options: RuleOptions) -> Alert:
    name = f"Tidemark{camel(series.kpi.id)}OffTarget"
    missed, figure, band = _MISSED[limit.comparison], now(series), series.kpi.band
    expr = f"{figure} {missed} {number(limit.value)}"
    if band:
        back = limit.value + (band if limit.comparison in (">=", ">") else -band)
        firing = f'ALERTS{{alertname="{name}", alertstate="firing"}}'
        expr = (
            f"(\n  {expr}\n"
            f"  or {figure} {missed} {number(back)}\n"
            f"  and on ({listed(series)}) last_over_time({firing}[{REMEMBERED}])\n)"
        )
    return _alert(
        series,
        name,
        f"{expr}{_enough(series)}",
        f"{plain(series.kpi.title)} is off target",
        kpi_text.off_target(series, limit),
        TARGET_PAGE,
        options,
    )


def _worse(series: WatchedSeries, threshold: float, options: RuleOptions) -> Alert:
    kpi = series.kpi
    sign, bound = ("<", -threshold) if kpi.good is Good.UP else (">", threshold)
    expr = f"{now(series)}\nand {change(series)} {sign} {number(bound)}"
    if kpi.alert_change_min:
        moved = exact(f"abs({now(series)} - {week_ago(series)})")
        expr += f"\nand {moved} >= {number(kpi.alert_change_min)}"
    return _alert(
        series,
        f"Tidemark{camel(kpi.id)}WorseThanAWeekAgo",
        f"{expr}{_enough(series)}",
        f"{plain(kpi.title)} is worse than a week ago",
        kpi_text.worse(series, threshold),
        WEEK_PAGE,
        options,
    )


def _enough(series: WatchedSeries) -> str:
    """Writes the condition that there is enough of what a figure is about, on a line of its own.

    The figure of another KPI that is not there holds nothing back.
    """
    least = series.least
    if least is None:
        return ""
    if least.kpi is not None:
        return f"\nunless on (job) job:cs_{least.kpi}:size < {number(least.value)}"
    own = recorded(series, "_denominator") if series.over is not None else size(series)
    return f"\nand {own} >= {number(least.value)}"


def _ended(series: WatchedSeries, options: RuleOptions) -> Alert:
    """Alerts when a label value is there no more: its other alerts can only fall silent."""
    return _alert(
        series,
        f"Tidemark{camel(series.kpi.id)}Ended",
        f"{week_ago(series)}\nunless {now(series)}",
        f"{plain(series.kpi.title)} has no value any more",
        kpi_text.ended(series),
        ENDED_PAGE,
        options,
        Severity.INFO,
    )


def _alert(
    series: WatchedSeries,
    name: str,
    expr: str,
    summary: str,
    description: str,
    runbook: str,
    options: RuleOptions,
    severity: Severity = Severity.WARNING,
) -> Alert:
    kpi = series.kpi
    return options.alert(
        name,
        expr,
        {"severity": severity, "family": kpi.family, "kpi": kpi.id},
        summary,
        description,
        hold_s=HOLD_S,
        keep_s=KEEP_S,
        runbook=runbook,
        dashboard=dashboard_of(kpi),
    )
