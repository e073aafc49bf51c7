"""A KPI: what the catalogue says about one figure, checked and ready to be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Final

from aggregates.formula.dimension import COUNT, PLAIN, TIME, Dimension
from aggregates.formula.expression import Count, Formula, Mean, OverKpis, Quantile, Read, Sum, reads

Labels = tuple[tuple[str, str], ...]
"""Label names and values, ascending by name."""

_COMPARISONS: Final = {"<=": le, "<": lt, ">=": ge, ">": gt}
_TARGET: Final = re.compile(r"(<=|<|>=|>)\s*(-?\d+(?:\.\d+)?)")


class KpiUnit(StrEnum):
    """The unit that a KPI is shown in."""

    MONEY = "money"
    """Major units of the reporting currency, also by account."""
    COUNT = "count"
    ACCOUNTS = "accounts"
    USERS = "users"
    TICKETS = "tickets"
    RATIO = "ratio"
    """A share or a quotient of like amounts; 1 is 100 %."""
    RATE = "rate"
    """Something for each 100 of something else."""
    SCORE = "score"
    """A figure on a scale of its own."""
    SECONDS = "seconds"
    """Seconds, also by user."""

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What a formula may count to be shown in this unit."""
        match self:
            case KpiUnit.MONEY:
                return Dimension(money=1), Dimension(money=1, count=-1)
            case KpiUnit.SECONDS:
                return TIME, TIME / COUNT
            case KpiUnit.RATIO | KpiUnit.RATE | KpiUnit.SCORE:
                return (PLAIN,)
            case _:
                return (COUNT,)


def family_title(family: str) -> str:
    """Returns the name of a family of KPIs for people.

    >>> family_title("customer_health")
    'Customer health'
    """
    return family.replace("_", " ").capitalize()


class Good(StrEnum):
    """The direction in which a KPI is better."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Target:
    """A benchmark, in the unit of the KPI.

    >>> target = Target.read("default", ">= 0.80")
    >>> str(target), target.met(0.8), str(Target.read("ours", ">1234567"))
    ('>= 0.8', True, '> 1234567')
    """

    name: str
    comparison: str
    value: float

    @classmethod
    def read(cls, name: str, text: str) -> "Target":
        """Reads a comparison and a number.

        Raises:
            ValueError: If the text is anything else.
        """
        match = _TARGET.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"target {name!r} is {text!r}, not a comparison such as '<= 0.05'")
        return cls(name, match[1], float(match[2]))

    def __str__(self) -> str:
        return f"{self.comparison} {self.value:.12g}"

    def met(self, value: float) -> bool:
        """Returns whether a value reaches the target."""
        return bool(_COMPARISONS[self.comparison](value, self.value))


@dataclass(frozen=True, slots=True)
class Least:
    """How much there must be for a KPI to alert: below it one more or less looks like a landslide.

    Attributes:
        value: The least amount.
        kpi: The KPI whose figure it is of; None for what the KPI itself is computed over: the
            denominator of a quotient, the number behind a mean, otherwise the figure.
    """

    value: float
    kpi: str | None = None

    def __str__(self) -> str:
        return f"{self.value:.12g} {self.kpi}" if self.kpi else f"{self.value:.12g}"


@dataclass(frozen=True, slots=True)
class Variant:
    """One formula of a KPI.

    Attributes:
        value: The value of the KPI's variant label; ``None`` if the KPI has one formula.
        text: The formula as written.
        formula: The formula as read.
        dimension: What it counts.
        parts: What numerator and denominator count, if the formula is a quotient or a mean.
        labels: Names of the labels that its measures leave.
    """

    value: str | None
    text: str
    formula: Formula
    dimension: Dimension
    parts: tuple[Dimension, Dimension] | None
    labels: tuple[str, ...]

    @property
    def over(self) -> Dimension | None:
        """What it is computed over: its denominator, or what a mean is of; None if nothing.

        A denominator that counts nothing, as in ``mrr / 12``, says nothing of how much there is.
        """
        return self.parts[1] if self.parts is not None and self.parts[1] != PLAIN else None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI of the catalogue.

    Attributes:
        id: Name; the metric is ``cs_`` and it.
        code: Code of its definition, such as ``R1``.
        family: Group that it is shown with.
        title: Name for people.
        description: Definition and edge cases.
        source: The events that it comes from.
        unit: Unit of its value.
        good: The direction in which it is better.
        variants: Its formulas.
        variant_label: Label that distinguishes the formulas, if there are several.
        windows: Windows that it is read over; none for a figure of the moment.
        labels: Fixed labels.
        values: Values of labels that always exist.
        targets: Benchmarks, the one in force first.
        seeds: Lists of KPIs that ask for it.
        dashboards: Numbers of the dashboards that show it.
        acceptable: What it must keep to, or there is an alert; None for no such alert.
        week_alert: Change for the worse against a week ago that is worth an alert: a share of what
            it was, or points of a ratio or score. 0 for no alert, None for the unit's own.
        alert_min: From which size on it alerts; None for the usual one.
        alert_change_min: Least change against a week ago that is worth an alert, in its unit.
        band: How far beyond the acceptable it must come back before that alert ends.
        setting: The setting that its formula was chosen by, if there is one.
        under: The formulas, as written, that hold under other values of that setting.
        movements: Why it changes: sums of flows by name, which add up to any change of it.
    """

    id: str
    code: str
    family: str
    title: str
    description: str
    source: str
    unit: KpiUnit
    good: Good
    variants: tuple[Variant, ...]
    variant_label: str | None
    windows: tuple[str, ...]
    labels: Labels
    values: Mapping[str, tuple[str, ...]]
    targets: tuple[Target, ...]
    seeds: tuple[str, ...]
    dashboards: tuple[int, ...]
    acceptable: Target | None = None
    week_alert: float | None = None
    alert_min: Least | None = None
    alert_change_min: float = 0.0
    band: float = 0.0
    setting: str | None = None
    under: tuple[tuple[str, str], ...] = ()
    movements: tuple[tuple[str, Formula], ...] = ()

    @property
    def is_about_kpis(self) -> bool:
        """Whether it is about other KPIs, with all their windows."""
        return isinstance(self.variants[0].formula, OverKpis)

    def over(self, window: str | None) -> "Kpi":
        """Returns the KPI read over one window alone; one about other KPIs as it is."""
        if self.is_about_kpis:
            return self
        return replace(self, windows=(window,) if window else ())

    @property
    def metric(self) -> str:
        """Name of the gauge."""
        return f"cs_{self.id}"

    @property
    def formula_text(self) -> str:
        """The formula as written; several with the value of the variant label before each."""
        return "; ".join(
            variant.text if variant.value is None else f"{variant.value}: {variant.text}"
            for variant in self.variants
        )

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of all labels that its values carry, ascending."""
        names = {name for name, _ in self.labels}.union(*(v.labels for v in self.variants))
        names |= {self.variant_label} if self.variant_label else set()
        names |= {"window"} if self.windows else set()
        names |= {"currency"} if self.unit is KpiUnit.MONEY else set()
        return tuple(sorted(names))

    @property
    def own_labels(self) -> tuple[str, ...]:
        """Names of the labels by which its series over one window differ, ascending."""
        fixed = {name for name, _ in self.labels} | {"window", "currency"}
        return tuple(name for name in self.label_names if name not in fixed)

    @property
    def duration(self) -> Read | None:
        """The duration measure behind it, if its formulas are statistics of one."""
        for variant in self.variants:
            if isinstance(variant.formula, Mean | Count | Quantile | Sum):
                return next(reads(variant.formula))
        return None
