"""Read measures: those whose cells the values of some KPIs are made from."""

from collections.abc import Iterable
from functools import lru_cache

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi
from aggregates.formula.expression import OverKpis
from aggregates.ledger.measure import REGROUPED


def read_measures(catalogue: Catalogue, kpis: Iterable[Kpi]) -> frozenset[str]:
    """Returns the names of the measures that KPIs of a catalogue are read from.

    A figure over other KPIs is read from the measures of all.
    """
    asked = tuple(kpis)
    if any(isinstance(variant.formula, OverKpis) for kpi in asked for variant in kpi.variants):
        asked = tuple(catalogue)
    names = {name for kpi in asked for name in catalogue.measures_of(kpi)}
    return names_read(catalogue, names)


@lru_cache(maxsize=4)
def every_measure(catalogue: Catalogue) -> frozenset[str]:
    """Returns the same of all KPIs of a catalogue."""
    return read_measures(catalogue, catalogue)


def names_read(catalogue: Catalogue, names: Iterable[str]) -> frozenset[str]:
    """Returns names of measures, with those of what windows hold besides some of them."""
    found = frozenset(names)
    return found | {name + REGROUPED for name in found if catalogue.measures[name].regrouped}
