"""What rules have to say about KPIs, worked out from the catalogue without a look at the rules.

Written against docs/alerting.md: its tables of units, its usual size and the texts are here once
more, on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Good, Kpi, KpiUnit, Target
from aggregates.formula.dimension import COUNT

RUNBOOKS = "docs/runbooks"

ROLLING = ("1d", "7d", "30d", "90d", "365d")

SPOKEN = {"month": "month to date", "1d": "1 day"} | {w: f"{w[:-1]} days" for w in ROLLING[1:]}

RELATIVE = {
    KpiUnit.MONEY: 0.1,
    KpiUnit.COUNT: 0.1,
    KpiUnit.ACCOUNTS: 0.1,
    KpiUnit.USERS: 0.1,
    KpiUnit.TICKETS: 0.25,
    KpiUnit.RATE: 0.25,
    KpiUnit.SECONDS: 0.25,
}
"""Changes that are worth an alert, as a share of what was."""

POINTS = {KpiUnit.RATIO: 0.05, KpiUnit.SCORE: 10.0}
"""Changes that are worth an alert, as a difference."""


def window_of(kpi: Kpi) -> str | None:
    """30 days if it has them, otherwise its first rolling window, otherwise the month."""
    if not kpi.windows:
        return None
    if "30d" in kpi.windows:
        return "30d"
    return next((window for window in kpi.windows if window in ROLLING), "month")


def labels_of(kpi: Kpi) -> dict[str, str]:
    """The labels of one series of a KPI: its first formula, its main window."""
    labels = dict.fromkeys(kpi.label_names, "x") | dict(kpi.labels)
    if "currency" in labels:
        labels["currency"] = "USD"
    window = window_of(kpi)
    if window is not None:
        labels["window"] = window
    if kpi.variant_label is not None:
        labels[kpi.variant_label] = str(kpi.variants[0].value)
    return labels


def named(kpi: Kpi) -> str:
    """Title, window and formula, as descriptions begin."""
    told = []
    window = window_of(kpi)
    if window is not None:
        told.append(SPOKEN[window])
    if kpi.variant_label is not None:
        told.append(f"{kpi.variant_label} {kpi.variants[0].value}")
    return kpi.title + (f" ({', '.join(told)})" if told else "")


def apart(kpi: Kpi) -> str:
    """The labels that tell a KPI's series apart, as descriptions name them."""
    known = {"window", "currency", kpi.variant_label, *dict(kpi.labels)}
    told = [f"{name} x" for name in kpi.label_names if name not in known]
    return f" for {', '.join(told)}" if told else ""


def percent(value: float) -> str:
    """A share, as Prometheus humanizes it."""
    return f"{100 * value:.4g}%"


def lasting(seconds: float) -> str:
    """A duration, as Prometheus humanizes it."""
    if seconds < 60:
        return f"{seconds:.4g}s"
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    text = f"{minute}m {second}s"
    text = f"{hour}h {text}" if hours else text
    return f"{days}d {text}" if days else text


def figure(kpi: Kpi, value: float) -> str:
    """A value as descriptions write it."""
    match kpi.unit:
        case KpiUnit.RATIO:
            return percent(value)
        case KpiUnit.MONEY:
            return f"{value:.2f} USD"
        case KpiUnit.SECONDS:
            return lasting(value)
        case KpiUnit.SCORE | KpiUnit.RATE:
            return f"{value:.1f}"
        case _:
            return f"{value:.0f}"


def camel(text: str) -> str:
    """An id as part of an alert's name."""
    return text.replace("_", " ").title().replace(" ", "")


def selector(metric: str, labels: dict[str, str]) -> str:
    """One series, as PromQL writes it."""
    return f"{metric}{{{', '.join(f'{name}={value!r}' for name, value in labels.items())}}}"


COUNTED = 10
"""How many counted things there must be under a quotient or a mean, unless the KPI says."""

MONEY = 8_192.0
"""A denominator of money; nobody asks how much of it there is."""

Series = tuple[str, tuple[tuple[str, str], ...]]
"""A metric and the labels of a KPI."""


def series(metric: str, labels: dict[str, str]) -> Series:
    """A series as the exporter has it, without what a scrape adds."""
    return metric, tuple(sorted(labels.items()))


@dataclass(frozen=True)
class Case:
    """One alert and the values of its KPI that keep it quiet and set it off.

    Attributes:
        kpi: The KPI.
        alert: Name of the alert.
        record: Name of a series recorded beside it.
        recorded: Its value while the KPI has the bad one; None if it is not recorded.
        quiet: Values that must not set it off.
        bad: The value that must.
        between: A value that would not set it off, and does not end it either, if it has a band.
        other: The series of another KPI that says how much there is.
        base: The value of a week before, for an alert on that.
        summary: What it says in short.
        description: What it says.
        page: Its runbook.
    """

    kpi: Kpi
    alert: str
    record: str
    recorded: float | None
    quiet: tuple[float, ...]
    bad: float
    between: float | None = None
    base: float | None = None
    other: Series | None = None
    summary: str = field(kw_only=True)
    description: str = field(kw_only=True)
    page: str = field(kw_only=True)

    @property
    def own(self) -> Series:
        """The series of the KPI."""
        return series(self.kpi.metric, labels_of(self.kpi))

    @property
    def recorded_series(self) -> str:
        """The recorded series, without any exporter."""
        return selector(self.record, {"job": "tidemark", **labels_of(self.kpi)})

    def beside(self, value: float, size: float | None = None) -> dict[Series, float]:
        """What an exporter shows beside the figure: a week ago, parts, and how much there is."""
        kpi, labels = self.kpi, labels_of(self.kpi)
        shown: dict[Series, float] = {}
        if self.base is not None:
            shown[series(f"cs_week_ago_{kpi.id}", labels)] = self.base
        if kpi.variants[0].parts is not None:
            below = over(kpi, size)
            shown[series(f"{kpi.metric}_denominator", labels)] = below
            shown[series(f"{kpi.metric}_numerator", labels)] = below * value
        if self.other is not None:
            shown[self.other] = enough(kpi) if size is None else size
        return shown

    def firing(self, dashboards: dict[int, str]) -> dict[str, Any]:
        """The alert as promtool expects it."""
        kpi = self.kpi
        labels = {"severity": "warning", "family": kpi.family, "kpi": kpi.id, "job": "tidemark"}
        texts = {
            "summary": self.summary,
            "description": self.description,
            "runbook_url": f"{RUNBOOKS}/{self.page}.md#what-it-means",
        }
        shown = [dashboards[number] for number in kpi.dashboards if number in dashboards]
        if shown:
            texts["dashboard_url"] = f"/d/{shown[0]}"
        return {"exp_labels": {**labels_of(kpi), **labels}, "exp_annotations": texts}


def least(kpi: Kpi) -> float:
    """From which size on a KPI alerts; 0 if it does not matter."""
    if kpi.alert_min is not None:
        return kpi.alert_min.value
    parts = kpi.variants[0].parts
    return COUNTED if parts is not None and parts[1] == COUNT else 0


def enough(kpi: Kpi) -> float:
    """A size at which a KPI alerts: exactly its least."""
    return least(kpi) or 16


def other_of(catalogue: Catalogue, kpi: Kpi) -> Series | None:
    """The series of another KPI that says how much there is, if one does."""
    if kpi.alert_min is None or kpi.alert_min.kpi is None:
        return None
    other = catalogue[kpi.alert_min.kpi]
    return series(other.metric, labels_of(other))


def over(kpi: Kpi, size: float | None = None) -> float:
    """The denominator of a KPI: its size, if that is what it is asked for."""
    parts = kpi.variants[0].parts
    if parts is None or parts[1] != COUNT:
        return MONEY
    return enough(kpi) if size is None else size


def out_of(kpi: Kpi, value: float) -> str:
    """Out of how many, as descriptions write it."""
    parts = kpi.variants[0].parts
    if parts is None:
        return ""
    decimals = 0 if parts[1] == COUNT else 2
    below = f"{over(kpi):.{decimals}f}"
    if kpi.unit is KpiUnit.RATIO:
        return f" ({over(kpi) * value:.{decimals}f} of {below})"
    return f" (over {below})"


def amount(kpi: Kpi, value: float) -> str:
    """A limit as descriptions write it."""
    told = {KpiUnit.RATIO: f"{100 * value:g}%", KpiUnit.SECONDS: f"{value:g} s"}
    return told.get(kpi.unit, f"{value:g}")


def target_cases(catalogue: Catalogue) -> Iterator[Case]:
    """The alerts against what is acceptable; keeping to it exactly is as it says."""
    for kpi in catalogue:
        if kpi.acceptable is not None:
            case = target_case(kpi, kpi.acceptable)
            yield replace(case, other=other_of(catalogue, kpi))


def target_case(kpi: Kpi, limit: Target) -> Case:
    """The alert against what is acceptable."""
    step = max(abs(limit.value) / 4, 0.02)
    worse = step if limit.comparison in ("<", "<=") else -step
    kept_at = limit.comparison in ("<=", ">=")
    bad = limit.value + worse if kept_at else limit.value
    quiet = (limit.value if kept_at else limit.value - worse, limit.value - worse)
    toward = -1 if worse > 0 else 1
    named = "" if limit.name == "acceptable" else f" ({limit.name})"
    target = kpi.targets[0] if kpi.targets else None
    gap = None
    if target is not None:
        gap = bad - target.value if target.comparison in ("<", "<=") else target.value - bad
    return Case(
        kpi,
        f"Tidemark{camel(kpi.id)}OffTarget",
        f"job:cs_{kpi.id}:target_gap",
        gap,
        quiet,
        bad,
        limit.value + toward * kpi.band / 2 if kpi.band else None,
        summary=f"{kpi.title} is off target",
        description=f"{named_as(kpi, bad)}; acceptable is {limit.comparison} "
        f"{amount(kpi, limit.value)}{named}.",
        page="KpiOffTarget",
    )


def named_as(kpi: Kpi, value: float) -> str:
    """How descriptions begin: what the figure is, of which label values, out of how many."""
    return f"{named(kpi)} is {figure(kpi, value)}{apart(kpi)}{out_of(kpi, value)}"


def week_cases(catalogue: Catalogue) -> Iterator[Case]:
    """The alerts against a week ago, of KPIs with a ``week_alert``, targets or a limit."""
    for kpi in catalogue:
        aimed = kpi.targets or kpi.acceptable
        usual = RELATIVE.get(kpi.unit) or POINTS[kpi.unit] if aimed else 0.0
        limit = usual if kpi.week_alert is None else kpi.week_alert
        if limit and kpi.good is not Good.NONE and window_of(kpi) != "month":
            yield replace(week_case(kpi, limit), other=other_of(catalogue, kpi))


def week_case(kpi: Kpi, limit: float) -> Case:
    """The alert against a week ago."""
    relative = kpi.unit in RELATIVE
    base = 1_000.0 if relative else 8 * limit
    scale = (base if relative else 1.0) * (-1 if kpi.good is Good.UP else 1)
    bad = base + 2 * limit * scale
    told = f"{100 * limit:g}%" if relative or kpi.unit is KpiUnit.RATIO else f"{limit:g}"
    told += "" if relative else " points"
    told += f" and at least {amount(kpi, kpi.alert_change_min)}" if kpi.alert_change_min else ""
    return Case(
        kpi,
        f"Tidemark{camel(kpi.id)}WorseThanAWeekAgo",
        f"job:cs_{kpi.id}:change7d{'_ratio' if relative else ''}",
        round((bad - base) / base if relative else bad - base, 9),
        (base - 3 * limit * scale, base + 0.5 * limit * scale),
        bad,
        base=base,
        summary=f"{kpi.title} is worse than a week ago",
        description=f"{named_as(kpi, bad)}; a week ago it was {figure(kpi, base)}. "
        f"More than {told} worse is worth a look.",
        page="KpiWorseThanAWeekAgo",
    )
