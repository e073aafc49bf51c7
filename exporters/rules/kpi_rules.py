"""Rules about KPIs, wholly from the catalogue: against their targets, and against a week ago.

A KPI with a target is recorded and alerted against the first one, which is in force. Every KPI of
a dashboard that has a good direction is recorded against a week ago; an alert on that have only
those with a target or a ``week_alert``, so that a bad day tells of some figures, not of all.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Good, KpiUnit, Target
from aggregates.time.window import TO_DATE
from exporters.dashboards.query import newest
from exporters.rules.group import Alert, Group, Recording, Rule, RuleFile, Severity
from exporters.rules.headline import MOVES, Headline, camel, number, plain
from exporters.rules.links import SERVICE_UID, dashboard_of
from exporters.rules.options import RuleOptions

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
    headlines = [Headline.of(kpi) for kpi in catalogue]
    writer = _Writer(options)
    groups = (
        ("tidemark-kpi-targets", writer.targets(headlines)),
        ("tidemark-kpi-week", writer.weeks(headlines)),
    )
    interval_s = options.interval(EVERY_S)
    return RuleFile(
        KPI_FILE,
        _COMMENT,
        tuple(Group(name, interval_s, tuple(rules)) for name, rules in groups),
    )


def off_target_name(headline: Headline) -> str:
    """Names the alert of a KPI that misses its target."""
    return f"Tidemark{camel(headline.kpi.id)}OffTarget"


def worse_name(headline: Headline) -> str:
    """Names the alert of a KPI that is worse than a week ago."""
    return f"Tidemark{camel(headline.kpi.id)}WorseThanAWeekAgo"


def gap_record(headline: Headline) -> str:
    """Names the recorded distance from the target: above 0 is on its bad side."""
    return f"job:{headline.kpi.metric}:target_gap"


def change_record(headline: Headline) -> str:
    """Names the recorded change against a week ago."""
    kind = "change7d_ratio" if MOVES[headline.kpi.unit].relative else "change7d"
    return f"job:{headline.kpi.metric}:{kind}"


def week_threshold(headline: Headline) -> float | None:
    """Returns the change for the worse that is worth an alert, or None if none is."""
    kpi = headline.kpi
    given = kpi.week_alert
    if given is None and headline.target is not None:
        given = MOVES[kpi.unit].threshold
    return given if given and _is_compared(headline) else None


def _is_compared(headline: Headline) -> bool:
    """Returns whether a week ago says anything: a direction is good, and the window has no edge."""
    return headline.kpi.good is not Good.NONE and headline.window not in TO_DATE


class _Writer:
    """Writes the rules with the same options."""

    def __init__(self, options: RuleOptions) -> None:
        self._options = options

    def targets(self, headlines: Iterable[Headline]) -> Iterator[Rule]:
        for headline in headlines:
            target = headline.target
            if target is None:
                continue
            above = target.comparison in ("<=", "<")
            sides = (headline.now, number(target.value))
            expr = " - ".join(sides if above else sides[::-1])
            yield Recording(gap_record(headline), expr)
            yield self._off_target(headline, target)

    def weeks(self, headlines: Iterable[Headline]) -> Iterator[Rule]:
        anchored = False
        for headline in headlines:
            threshold = week_threshold(headline)
            shown = headline.kpi.dashboards and _is_compared(headline)
            if not shown and threshold is None:
                continue
            yield Recording(change_record(headline), _change(headline))
            if threshold is not None:
                yield self._worse(headline, threshold)
            if headline.is_sum and not headline.labels and not anchored:
                anchored = True
                yield self._gap(headline)

    def _off_target(self, headline: Headline, target: Target) -> Alert:
        value = _FORMATS.get(headline.kpi.unit, _COUNTED)
        aim = f"{target.comparison} {_said(target.value, headline.kpi.unit)}"
        return self._alert(
            headline,
            off_target_name(headline),
            f"{headline.now} {_MISSED[target.comparison]} {number(target.value)}",
            TARGET_PAGE,
            f"{plain(headline.kpi.title)} is off target",
            f"{headline.words} is {value}{_where(headline)}; "
            f"its target {plain(target.name)} is {aim}.",
        )

    def _worse(self, headline: Headline, threshold: float) -> Alert:
        kpi, move = headline.kpi, MOVES[headline.kpi.unit]
        worse = "fell" if kpi.good is Good.UP else "rose"
        sign, below = ("<", -threshold) if kpi.good is Good.UP else (">", threshold)
        if move.relative:
            change, limit = "{{ $value | humanizePercentage }}", f"{100 * threshold:g}%"
        elif kpi.unit is KpiUnit.RATIO:
            change = "{{ $value | humanizePercentage }} points"
            limit = f"{100 * threshold:g}% points"
        else:
            change, limit = f"{_FORMATS[kpi.unit]} points", f"{threshold:g} points"
        return self._alert(
            headline,
            worse_name(headline),
            f"{change_record(headline)} {sign} {number(below)}",
            WEEK_PAGE,
            f"{plain(kpi.title)} is worse than a week ago",
            f"{headline.words} {worse}{_where(headline)}: {change} against a week ago, "
            f"where {limit} is worth a look.",
        )

    def _alert(
        self, headline: Headline, name: str, expr: str, page: str, summary: str, text: str
    ) -> Alert:
        kpi, options = headline.kpi, self._options
        annotations = {
            "summary": summary,
            "description": text,
            "runbook_url": options.runbook(page),
        }
        uid = dashboard_of(kpi)
        if uid is not None:
            annotations["dashboard_url"] = options.dashboard(uid)
        return Alert(
            name,
            expr,
            options.hold(HOLD_S),
            options.hold(KEEP_S),
            {"severity": Severity.WARNING, "family": kpi.family, "kpi": kpi.id},
            annotations,
        )

    def _gap(self, headline: Headline) -> Alert:
        """Alerts when a figure that always has a value has none of a week ago."""
        options = self._options
        return Alert(
            GAP,
            f"{headline.now}\nunless\n{_past(headline)}",
            options.hold(GAP_HOLD_S),
            0,
            {"severity": Severity.INFO, "family": "service"},
            {
                "summary": "There is no history of a week ago",
                "description": f"{headline.words} has no value of a week ago, so that nothing can "
                "be compared with then. History can be imported: see the runbook.",
                "runbook_url": options.runbook(GAP),
                "dashboard_url": options.dashboard(dashboard_of(headline.kpi) or SERVICE_UID),
            },
        )


def _past(headline: Headline) -> str:
    return newest(f"last_over_time({headline.selector}[{LOOKBACK}] offset 7d)")


def _change(headline: Headline) -> str:
    """Writes the change against a week ago, as its unit has it; none without a figure of then."""
    now, past = headline.now, _past(headline)
    if not MOVES[headline.kpi.unit].relative:
        return f"{now}\n-\n{past}"
    return f"({now}\n-\n{past})\n/\n(abs({past}) > 0)"


def _where(headline: Headline) -> str:
    """Names the label values that tell a KPI's alerts apart."""
    told = (f"{name} {{{{ $labels.{name} }}}}" for name in headline.labels)
    return f" for {', '.join(told)}" if headline.labels else ""


def _said(value: float, unit: KpiUnit) -> str:
    """Writes a target's value for people, in ASCII like all else in an alert."""
    match unit:
        case KpiUnit.RATIO:
            return f"{100 * value:g}%"
        case KpiUnit.SECONDS:
            return f"{value:g} s"
        case _:
            return f"{value:g}"
