"""Rules about KPIs, wholly from the catalogue: against their targets, and against a week ago.

A KPI with a target is recorded and alerted against the first one, which is in force. Every KPI of
a dashboard that has a good direction is recorded against a week ago. Only those with a target or a
``week_alert`` have an alert on that, so that a bad day is an alert on some figures, not on all.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Good, KpiUnit, Target
from aggregates.time.window import TO_DATE
from exporters.dashboards.query import newest
from exporters.rules.options import SERVICE_UID, RuleOptions, dashboard_of
from exporters.rules.rule import Alert, Recording, Rule, RuleFile, RuleGroup, Severity
from exporters.rules.watched import MOVES, WatchedSeries, camel, number, plain

KPI_FILE: Final = "tidemark-kpis.yml"

TARGET_PAGE: Final = "KpiOffTarget"
WEEK_PAGE: Final = "KpiWorseThanAWeekAgo"
GAP: Final = "TidemarkBackfillGap"

EVERY_S: Final = 60
"""Time between two evaluations: figures against targets and weeks are not in a hurry."""

HOLD_S: Final = 3_600
"""How long a figure must be bad: an import under way, or a mistake mended at once, is no news."""

KEEP_S: Final = 900
"""How long an alert outlives its series: a restart holds figures back for less."""

GAP_HOLD_S: Final = 1_800

LOOKBACK: Final = "65m"
"""How far before a week ago a figure is looked for: history may have been imported hour by hour."""

_COMMENT: Final = (
    "KPIs against their targets and against a week ago.",
    "Written by `tidemark rules` from the catalogue: change that, not this file.",
)

_MISSED: Final = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}
"""The comparison that holds when a target's does not."""

_FORMATS: Final = {
    KpiUnit.MONEY: '{{ printf "%.2f" $value }} {{ $labels.currency }}',
    KpiUnit.RATIO: "{{ $value | humanizePercentage }}",
    KpiUnit.SECONDS: "{{ $value | humanizeDuration }}",
    KpiUnit.RATE: '{{ printf "%.1f" $value }}',
    KpiUnit.SCORE: '{{ printf "%.1f" $value }}',
}
_COUNTED: Final = '{{ printf "%.0f" $value }}'


def kpi_rule_file(catalogue: Catalogue, options: RuleOptions) -> RuleFile:
    """Returns the rules of a catalogue."""
    watched = [WatchedSeries.of(kpi) for kpi in catalogue]
    groups = (
        ("tidemark-kpi-targets", _target_rules(watched, options)),
        ("tidemark-kpi-week", _week_rules(watched, options)),
    )
    interval_s = options.interval(EVERY_S)
    return RuleFile(
        KPI_FILE,
        _COMMENT,
        tuple(RuleGroup(name, interval_s, tuple(rules)) for name, rules in groups),
    )


def _target_rules(watched: Iterable[WatchedSeries], options: RuleOptions) -> Iterator[Rule]:
    """Yields the distance of each KPI from its target (above 0 is on its bad side), and alerts."""
    for series in watched:
        target = series.target
        if target is None:
            continue
        above = target.comparison in ("<=", "<")
        sides = (series.now, number(target.value))
        expr = " - ".join(sides if above else sides[::-1])
        yield Recording(f"job:{series.kpi.metric}:target_gap", expr)
        yield _off_target(series, target, options)


def _week_rules(watched: Iterable[WatchedSeries], options: RuleOptions) -> Iterator[Rule]:
    """Yields the change of each KPI against a week ago, alerts, and one on missing history."""
    has_gap_alert = False
    for series in watched:
        threshold = _week_threshold(series)
        shown = series.kpi.dashboards and _is_compared(series)
        if not shown and threshold is None:
            continue
        yield Recording(_change_record(series), _change(series))
        if threshold is not None:
            yield _worse(series, threshold, options)
        if series.is_sum and not series.labels and not has_gap_alert:
            has_gap_alert = True
            yield _gap(series, options)


def _change_record(series: WatchedSeries) -> str:
    kind = "change7d_ratio" if MOVES[series.kpi.unit].relative else "change7d"
    return f"job:{series.kpi.metric}:{kind}"


def _week_threshold(series: WatchedSeries) -> float | None:
    """Returns the change for the worse that is worth an alert, or None if none is."""
    given = series.kpi.week_alert
    if given is None and series.target is not None:
        given = MOVES[series.kpi.unit].threshold
    return given if given and _is_compared(series) else None


def _is_compared(series: WatchedSeries) -> bool:
    """Returns whether a week ago says anything: a direction is good, and the window has no edge."""
    return series.kpi.good is not Good.NONE and series.window not in TO_DATE


def _off_target(series: WatchedSeries, target: Target, options: RuleOptions) -> Alert:
    kpi = series.kpi
    value = _FORMATS.get(kpi.unit, _COUNTED)
    aim = f"{target.comparison} {_in_words(target.value, kpi.unit)}"
    return _alert(
        series,
        f"Tidemark{camel(kpi.id)}OffTarget",
        f"{series.now} {_MISSED[target.comparison]} {number(target.value)}",
        f"{plain(kpi.title)} is off target",
        f"{series.words} is {value}{_where(series)}; its target {plain(target.name)} is {aim}.",
        TARGET_PAGE,
        options,
    )


def _worse(series: WatchedSeries, threshold: float, options: RuleOptions) -> Alert:
    kpi, move = series.kpi, MOVES[series.kpi.unit]
    worse = "fell" if kpi.good is Good.UP else "rose"
    sign, limit = ("<", -threshold) if kpi.good is Good.UP else (">", threshold)
    if move.relative:
        change, least = "{{ $value | humanizePercentage }}", f"{100 * threshold:g}%"
    elif kpi.unit is KpiUnit.RATIO:
        change = "{{ $value | humanizePercentage }} points"
        least = f"{100 * threshold:g}% points"
    else:
        change, least = f"{_FORMATS[kpi.unit]} points", f"{threshold:g} points"
    return _alert(
        series,
        f"Tidemark{camel(kpi.id)}WorseThanAWeekAgo",
        f"{_change_record(series)} {sign} {number(limit)}",
        f"{plain(kpi.title)} is worse than a week ago",
        f"{series.words} {worse}{_where(series)}: {change} against a week ago, "
        f"where {least} is worth a look.",
        WEEK_PAGE,
        options,
    )


def _alert(
    series: WatchedSeries,
    name: str,
    expr: str,
    summary: str,
    description: str,
    runbook: str,
    options: RuleOptions,
) -> Alert:
    kpi = series.kpi
    return options.alert(
        name,
        expr,
        {"severity": Severity.WARNING, "family": kpi.family, "kpi": kpi.id},
        summary,
        description,
        hold_s=HOLD_S,
        keep_s=KEEP_S,
        runbook=runbook,
        dashboard=dashboard_of(kpi),
    )


def _gap(series: WatchedSeries, options: RuleOptions) -> Alert:
    """Alerts when a figure that always has a value has none of a week ago."""
    return options.alert(
        GAP,
        f"{series.now}\nunless\n{_past(series)}",
        {"severity": Severity.INFO, "family": "service"},
        "There is no history of a week ago",
        f"{series.words} has no value of a week ago, so that nothing can be compared with then. "
        "History can be imported: see the runbook.",
        hold_s=GAP_HOLD_S,
        dashboard=dashboard_of(series.kpi) or SERVICE_UID,
    )


def _past(series: WatchedSeries) -> str:
    return newest(f"last_over_time({series.selector}[{LOOKBACK}] offset 7d)")


def _change(series: WatchedSeries) -> str:
    """Writes the change against a week ago, as its unit has it; none without a figure of then."""
    now, past = series.now, _past(series)
    if not MOVES[series.kpi.unit].relative:
        return f"{now}\n-\n{past}"
    return f"({now}\n-\n{past})\n/\n(abs({past}) > 0)"


def _where(series: WatchedSeries) -> str:
    """Names the label values that distinguish a KPI's alerts."""
    values = (f"{name} {{{{ $labels.{name} }}}}" for name in series.labels)
    return f" for {', '.join(values)}" if series.labels else ""


def _in_words(value: float, unit: KpiUnit) -> str:
    """Writes a target's value for people, in ASCII like all else in an alert."""
    match unit:
        case KpiUnit.RATIO:
            return f"{100 * value:g}%"
        case KpiUnit.SECONDS:
            return f"{value:g} s"
        case _:
            return f"{value:g}"
