"""Entries: the ``[[kpi]]`` tables as they are written, one over another, and what they alert on."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from aggregates.catalogue.kpi import Good, KpiUnit, Least, Target

MOST: Final = 1e15
"""The largest limit: beyond any figure, and no infinity, by which an alert would never end."""

_FORMULAS: Final = ("formula", "variants", "under", "movements")
"""Fields that say what a figure is: those of a file before hold no longer where one is new."""

_NotNegative = Annotated[float, msgspec.Meta(ge=0, le=MOST)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[kpi]]`` table, as written."""

    id: str
    code: str
    family: str
    title: str
    unit: KpiUnit
    description: str
    source: str
    good: Good = Good.NONE
    formula: str | None = None
    variants: dict[str, str] | None = None
    under: dict[str, str] | None = None
    movements: dict[str, str] = {}  # msgspec copies defaults
    windows: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    values: dict[str, tuple[str, ...] | str] = {}
    targets: dict[str, str] = {}
    seeds: tuple[str, ...] = ()
    dashboards: tuple[int, ...] = ()
    acceptable: str = ""
    week_alert: _NotNegative | None = None
    alert_min: _NotNegative | dict[str, _NotNegative] | None = None
    alert_change_min: _NotNegative = 0.0
    band: _NotNegative = 0.0


def replaced(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Puts the fields of a later file over those of an earlier one.

    There is one formula. Where an alert went by a target that is there no more, it goes by the
    first of the new ones: who has targets of their own wants to hear of those.
    """
    if "formula" in after or "variants" in after:
        before = {k: v for k, v in before.items() if k not in _FORMULAS}
    both = before | after
    if "acceptable" not in after and before.get("acceptable") in (before.get("targets") or {}):
        both["acceptable"] = _still_there(before["acceptable"], both["targets"])
    return both


def _still_there(name: str, targets: object) -> str:
    """Returns a target's name, or that of the first one if it is gone; no name if none is left."""
    if not isinstance(targets, Mapping):
        return ""
    return name if name in targets else next(iter(targets), "")


def targets_of(entry: Entry) -> tuple[Target, ...]:
    """Reads the benchmarks.

    Raises:
        ValueError: If one is no comparison.
    """
    return tuple(Target.read(name, text) for name, text in entry.targets.items())


def acceptable_of(entry: Entry) -> Target | None:
    """Reads the limit that is alerted on: one of the targets by name, or a comparison.

    Raises:
        ValueError: If it is neither.
    """
    if not entry.acceptable:
        return None
    text = entry.targets.get(entry.acceptable)
    if text is not None:
        return Target.read(entry.acceptable, text)
    try:
        return Target.read("acceptable", entry.acceptable)
    except ValueError as error:
        known = ", ".join(entry.targets) or "none"
        problem = f"acceptable is {entry.acceptable!r}, neither a comparison nor one of its targets"
        raise ValueError(f"{problem} ({known})") from error


def least_of(entry: Entry) -> Least | None:
    """Reads from which size on a KPI alerts.

    Raises:
        ValueError: If it names several KPIs, or none.
    """
    match entry.alert_min:
        case None:
            return None
        case float(value):
            return Least(value)
        case dict(named) if len(named) == 1:
            return next(Least(value, kpi) for kpi, value in named.items())
        case _:
            raise ValueError("alert_min is a number, or one KPI with a number")


def check_limits(entry: Entry, *, of_kpis: bool) -> None:
    """Refuses limits that can never alert.

    Args:
        entry: The table.
        of_kpis: Whether it has a figure for each KPI: an alert's own label `kpi` would take the
            place of that by which they are told apart.

    Raises:
        ValueError: If no direction is the worse one, or if it has a figure for each KPI.
    """
    if of_kpis and (entry.acceptable or entry.week_alert or entry.targets):
        raise ValueError("it has a figure for each KPI, which no one limit fits: limit those")
    if entry.week_alert and entry.good is Good.NONE:
        raise ValueError("week_alert needs good = 'up' or 'down': otherwise no change is worse")
