"""Movements: what changes of a KPI are made of, as sums of flows between any two times."""

from typing import Final

from aggregates.catalogue.entry import Entry
from aggregates.catalogue.file import Place
from aggregates.catalogue.kpi import Variant
from aggregates.formula.dimension import Checker
from aggregates.formula.expression import Formula, FormulaError
from aggregates.formula.parser import parse
from aggregates.formula.terms import adds_up

UNNAMED: Final = "unnamed"
"""The movement of what the KPI's own ones leave of a change, if they leave something."""


def movements_of(
    place: Place, entry: Entry, variant: Variant, checker: Checker
) -> tuple[tuple[str, Formula], ...]:
    """Reads the movements of an entry.

    Args:
        place: Where it is written.
        entry: The entry.
        variant: The formula of the KPI.
        checker: Knows the measures.

    Raises:
        CatalogueError: If one is no sum of flows, or counts something else than the KPI, or the KPI
            is no sum itself.
    """
    found = []
    if entry.movements and not adds_up(variant.formula):
        raise place.error("movements: the formula is no sum, so no movements add up to its changes")
    for name, text in entry.movements.items():
        if name == UNNAMED:
            raise place.error(f"movement {name}: so is called what the others leave")
        try:
            formula = parse(text)
            shape = checker.flow(formula)
        except FormulaError as error:
            raise place.error(f"movement {name}: {error}") from error
        if shape.dimension != variant.dimension or shape.labels or variant.labels:
            raise place.error(f"movement {name}: it counts something else than the KPI")
        found.append((name, formula))
    return tuple(found)
