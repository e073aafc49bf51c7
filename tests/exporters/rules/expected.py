"""What rules have to say about KPIs, worked out from the catalogue without a look at the rules.

Written against docs/alerting.md: its tables of units and texts are here once more, on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Good, Kpi, KpiUnit

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


@dataclass(frozen=True)
class Case:
    """One alert and the values of its KPI that keep it quiet and set it off.

    Attributes:
        kpi: The KPI.
        alert: Name of the alert.
        record: Name of the recorded series beside it.
        recorded: Its value while the KPI has the bad one.
        quiet: Values that must not set it off, in turn, the last ones for long.
        bad: The value that must.
        base: The value of a week before.
        summary: What it says in short.
        description: What it says.
        page: Its runbook.
    """

    kpi: Kpi
    alert: str
    record: str
    recorded: float
    quiet: tuple[float, ...]
    bad: float
    base: float
    summary: str
    description: str
    page: str

    @property
    def recorded_series(self) -> str:
        """The recorded series, without any exporter."""
        return selector(self.record, {"job": "tidemark", **labels_of(self.kpi)})

    @property
    def series(self) -> str:
        """The input series, as one exporter shows it."""
        exporter = {"job": "tidemark", "instance": "a:9108"}
        return selector(f"cs_{self.kpi.id}", exporter | labels_of(self.kpi))

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


def target_cases(catalogue: Catalogue) -> Iterator[Case]:
    """The alerts against targets: the first one counts, and meeting it exactly is as it says."""
    for kpi in catalogue:
        if not kpi.targets:
            continue
        target = kpi.targets[0]
        step = max(abs(target.value) / 4, 0.02)
        worse = step if target.comparison in ("<", "<=") else -step
        met_at = target.comparison in ("<=", ">=")
        on_edge, bad = (target.value, target.value + worse) if met_at else (None, target.value)
        quiet = (target.value - worse, target.value - worse if on_edge is None else on_edge)
        aim = {
            KpiUnit.RATIO: f"{100 * target.value:g}%",
            KpiUnit.SECONDS: f"{target.value:g} s",
        }.get(kpi.unit, f"{target.value:g}")
        yield Case(
            kpi,
            f"Tidemark{camel(kpi.id)}OffTarget",
            f"job:cs_{kpi.id}:target_gap",
            bad - target.value if worse > 0 else target.value - bad,
            quiet,
            bad,
            target.value - worse,
            f"{kpi.title} is off target",
            f"{named(kpi)} is {figure(kpi, bad)}{apart(kpi)}; "
            f"its target {target.name} is {target.comparison} {aim}.",
            "KpiOffTarget",
        )


def week_cases(catalogue: Catalogue) -> Iterator[Case]:
    """The alerts against a week ago, of KPIs with a target or a ``week_alert``."""
    for kpi in catalogue:
        usual = RELATIVE.get(kpi.unit) or POINTS[kpi.unit] if kpi.targets else 0.0
        limit = usual if kpi.week_alert is None else kpi.week_alert
        if not limit or kpi.good is Good.NONE or window_of(kpi) == "month":
            continue
        relative = kpi.unit in RELATIVE
        base = 1_000.0 if relative else 8 * limit
        scale = (base if relative else 1.0) * (-1 if kpi.good is Good.UP else 1)
        bad = base + 2 * limit * scale
        moved = -2 * limit if kpi.good is Good.UP else 2 * limit
        if relative:
            change, least = percent(moved), f"{100 * limit:g}%"
        elif kpi.unit is KpiUnit.RATIO:
            change, least = f"{percent(moved)} points", f"{100 * limit:g}% points"
        else:
            change, least = f"{moved:.1f} points", f"{limit:g} points"
        way = "fell" if kpi.good is Good.UP else "rose"
        yield Case(
            kpi,
            f"Tidemark{camel(kpi.id)}WorseThanAWeekAgo",
            f"job:cs_{kpi.id}:change7d{'_ratio' if relative else ''}",
            (bad - base) / base if relative else bad - base,
            (base - 3 * limit * scale, base + 0.5 * limit * scale),
            bad,
            base,
            f"{kpi.title} is worse than a week ago",
            f"{named(kpi)} {way}{apart(kpi)}: {change} against a week ago, "
            f"where {least} is worth a look.",
            "KpiWorseThanAWeekAgo",
        )
