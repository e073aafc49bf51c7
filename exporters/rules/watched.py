"""Watched series: the one window and formula of a KPI that rules look at.

An alert for every window and variant would say one thing several times. The window is the one that
dashboards show at first: a running month begins at nothing on its first day, so a rolling one is
taken where there is one.
"""

from dataclasses import dataclass
from typing import Final

from aggregates.catalogue.headline import main_window
from aggregates.catalogue.kpi import Kpi, KpiUnit, Target
from exporters.dashboards.query import matcher, newest
from exporters.wording import window_title


@dataclass(frozen=True, slots=True)
class WatchedSeries:
    """The series of a KPI that rules look at.

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
    def selector(self) -> str:
        """The series, as PromQL selects them."""
        matchers = []
        if self.kpi.variant_label is not None:
            matchers.append(matcher(self.kpi.variant_label, self.variant or ""))
        if self.window is not None:
            matchers.append(matcher("window", self.window))
        return self.kpi.metric + (f"{{{', '.join(matchers)}}}" if matchers else "")

    @property
    def now(self) -> str:
        """The figure of this moment, once, however many exporters are scraped."""
        return newest(self.selector)

    @property
    def is_sum(self) -> bool:
        """Whether it has a value at all times, being no quotient, mean or quantile."""
        return self.kpi.variants[0].parts is None and self.kpi.duration is None

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels that distinguish its series."""
        known = {name for name, _ in self.kpi.labels} | {"window", "currency"}
        return tuple(
            name
            for name in self.kpi.label_names
            if name not in known and name != self.kpi.variant_label
        )

    @property
    def words(self) -> str:
        """Title, window and variant, for people.

        Braces are kept from being read as a template.
        """
        parts = [] if self.window is None else [window_title(self.window)]
        if self.variant is not None:
            parts.append(f"{self.kpi.variant_label} {self.variant}")
        return plain(self.kpi.title + (f" ({', '.join(parts)})" if parts else ""))


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


def plain(text: str) -> str:
    """Keeps a text from being read as a template.

    >>> plain("MRR {{x}}")
    'MRR {{ "{{" }}x}}'
    """
    return text.replace("{{", '{{ "{{" }}')


def number(value: float) -> str:
    """Writes a number for PromQL, exactly.

    >>> number(0.05), number(50.0), number(-1.5)
    ('0.05', '50', '-1.5')
    """
    return str(int(value)) if value.is_integer() else repr(value)


def camel(name: str) -> str:
    """Writes an id in CamelCase.

    >>> camel("csat_ratio")
    'CsatRatio'
    """
    return "".join(part.capitalize() for part in name.split("_"))
