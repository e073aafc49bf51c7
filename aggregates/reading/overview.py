"""The overview: KPIs about KPIs, computed from the headlines of all others.

Formulas: the change over a window is headline(T) - headline(a window ago), both over windows of the
same length; days ago is at the same local time of day, of a window to date it is where that begins.
The target is the number of the target in force; on target is 1 where the headline meets it, else 0.
Unit: that of the KPI it is about, and 0 or 1. Undefined: wherever the headline has no value, a
change also where it had none then; a target always has its number.
"""

import numpy as np

from aggregates.catalogue.kpi import Kpi
from aggregates.formula.expression import OverKpis
from aggregates.formula.values import Floats, computed


def is_about(formula: OverKpis, kpi: Kpi) -> bool:
    """Returns whether an overview is about a KPI: one on a dashboard, or one that has a target."""
    return bool(kpi.dashboards if formula.what == "change" else kpi.targets)


def overview(formula: OverKpis, kpi: Kpi, now: Floats, before: Floats) -> Floats:
    """Returns what an overview says of a KPI.

    Args:
        formula: What is asked.
        kpi: A KPI that it is about.
        now: The KPI's headline.
        before: The headline of the formula's window ago, if it has one.
    """
    match formula.what:
        case "change":
            return computed("-", now, before)
        case "target":
            return np.full_like(now, kpi.targets[0].value)
        case "on_target":
            target = kpi.targets[0]
            met = np.array([target.met(value) for value in now.flat], dtype=np.float64)
            return np.where(np.isfinite(now), met.reshape(now.shape), now)
