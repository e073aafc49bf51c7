"""Watched: which one series of a KPI alerts look at, and with what they compare it.

An alert for every window and formula would say one thing several times. The series is that of the
headline, of each label value: the first formula, over 30 days where there is such a window.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Good, Kpi, KpiUnit, Least, Target
from aggregates.formula.dimension import COUNT, Dimension
from aggregates.time.window import TO_DATE


@dataclass(frozen=True, slots=True)
class Move:
    """How a unit's change is measured, and which change is worth an alert unless the KPI says.

    Attributes:
        relative: Whether as a share of what it was; otherwise as a difference.
        threshold: The change that is worth an alert.
    """

    relative: bool
    threshold: float


MOVES: Final = {
    KpiUnit.MONEY: Move(relative=True, threshold=0.1),
    KpiUnit.COUNT: Move(relative=True, threshold=0.1),
    KpiUnit.ACCOUNTS: Move(relative=True, threshold=0.1),
    KpiUnit.USERS: Move(relative=True, threshold=0.1),
    KpiUnit.TICKETS: Move(relative=True, threshold=0.25),
    KpiUnit.RATE: Move(relative=True, threshold=0.25),
    KpiUnit.SECONDS: Move(relative=True, threshold=0.25),
    KpiUnit.RATIO: Move(relative=False, threshold=0.05),
    KpiUnit.SCORE: Move(relative=False, threshold=10.0),
}
"""Shares change by points, amounts in proportion; support figures swing more than the rest."""

COUNTED_MIN: Final = 10.0
"""From how many counted things on a quotient or mean of them alerts, unless the KPI says: of fewer
a single one moves it by more than 10 points."""


@dataclass(frozen=True, slots=True)
class WatchedSeries:
    """The series of a KPI that alerts look at.

    Attributes:
        kpi: The KPI.
        window: Its window; None for a figure of the moment.
        variant: Value of its variant label: the first; None if it has one formula.
    """

    kpi: Kpi
    window: str | None
    variant: str | None

    @classmethod
    def of(cls, kpi: Kpi) -> "WatchedSeries":
        """Chooses the series of a KPI."""
        window = main_window(kpi.windows) if kpi.windows else None
        return cls(kpi, window, kpi.variants[0].value)

    @property
    def target(self) -> Target | None:
        """The target in force, if there is one."""
        return next(iter(self.kpi.targets), None)

    @property
    def parts(self) -> tuple[Dimension, Dimension] | None:
        """What numerator and denominator count, if it is a quotient or a mean."""
        return self.kpi.variants[0].parts

    @property
    def over(self) -> Dimension | None:
        """What it is computed over, if it is a quotient or a mean of something."""
        return self.kpi.variants[0].over

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels that tell its series apart."""
        alike = {name for name, _ in self.kpi.labels} | {"window", self.kpi.variant_label}
        return tuple(name for name in self.kpi.label_names if name not in alike)

    @property
    def week_alert(self) -> float | None:
        """The change for the worse against a week ago that is worth an alert; None for no alert.

        A running month is not compared: that of a week ago is another stretch of time.
        """
        kpi, given = self.kpi, self.kpi.week_alert
        if kpi.good is Good.NONE or self.window in TO_DATE:
            return None
        if given is None and (kpi.targets or kpi.acceptable):
            given = MOVES[kpi.unit].threshold
        return given or None

    @property
    def least(self) -> Least | None:
        """From which size on it alerts, if that matters."""
        least = self.kpi.alert_min or Least(COUNTED_MIN if self.over == COUNT else 0.0)
        return least if least.value else None

    @property
    def told(self) -> bool:
        """Whether anything is recorded of it for its own sake."""
        return bool(self.target or self.kpi.acceptable or self.week_alert)

    @property
    def base(self) -> str | None:
        """The KPI whose figure says how much there is, if that matters and is no denominator."""
        least = self.least
        if least is None or (least.kpi is None and self.over is not None):
            return None
        return least.kpi or self.kpi.id


def bases(watched: Iterable[WatchedSeries]) -> frozenset[str]:
    """Returns the KPIs whose figures say how much there is of what is told."""
    return frozenset(series.base for series in watched if series.told and series.base is not None)


def compared(kpis: Iterable[Kpi]) -> tuple[WatchedSeries, ...]:
    """Returns the series that are compared with a week ago: ``cs_week_ago_<id>`` is for them.

    So are figures that say how much there is: who falls below the least was above it.
    """
    watched = tuple(map(WatchedSeries.of, kpis))
    sizes = bases(watched)
    return tuple(
        series
        for series in watched
        if series.week_alert is not None
        or (series.kpi.id in sizes and series.window not in TO_DATE)
    )
