"""Rules as Prometheus knows them: recordings and alerts in groups, groups in files.

Nothing here knows a KPI. `for:` is called `hold_s` here, which Python lets be a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look."""

    CRITICAL = "critical"
    """Now: there are no figures."""
    WARNING = "warning"
    """Today: a figure is off, or will be if nobody looks."""
    INFO = "info"
    """When there is time: it explains what else may be seen."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A series computed at each evaluation.

    Attributes:
        record: Its name, ``level:metric:operation``.
        expr: PromQL.
    """

    record: str
    expr: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody should hear of.

    Attributes:
        name: Name in CamelCase.
        expr: PromQL; each series of the result is one alert.
        hold_s: How long it must be so before the alert fires.
        keep_s: How long it goes on firing when it is no longer so; bridges short gaps.
        labels: Labels in addition to those of the series.
        annotations: Texts; Prometheus's templates.
    """

    name: str
    expr: str
    hold_s: int
    keep_s: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


Rule = Recording | Alert


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated together, in order: a later one sees what earlier ones recorded.

    Attributes:
        name: Name, unique in the file.
        interval_s: Time between two evaluations; None for Prometheus's own setting.
        rules: The rules.
    """

    name: str
    interval_s: int | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file of groups.

    Attributes:
        name: Name of the file.
        comment: The lines at its top.
        groups: The groups.
    """

    name: str
    comment: tuple[str, ...]
    groups: tuple[RuleGroup, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of all groups."""
        return tuple(r for group in self.groups for r in group.rules if isinstance(r, Alert))

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """The recordings of all groups."""
        return tuple(r for group in self.groups for r in group.rules if isinstance(r, Recording))
