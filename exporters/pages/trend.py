"""Trends: the headline of each KPI, day by day, read from the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import Headline
from aggregates.reading.reader import Reader, Result
from aggregates.time.tile import TILES_A_DAY

DAYS: Final = 90
"""Days before now that a trend has."""

WEEK: Final = 7
MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Trend:
    """The headline of a KPI at this time of each day, the present one last.

    Attributes:
        result: The series, with labels and values; NaN for none.
    """

    result: Result

    @property
    def values(self) -> Sequence[float]:
        """The values, day by day."""
        values: list[float] = self.result.values.tolist()
        return values

    def since(self, days: int) -> float | None:
        """Returns by how much it changed in so many days; None if either has no value."""
        change = self.values[-1] - self.values[-1 - days]
        return change if isfinite(change) else None


def trends(reader: Reader, catalogue: Catalogue, edge: int, currency: str) -> Mapping[str, Trend]:
    """Returns the trend of each KPI that has a headline, by its id.

    Args:
        reader: Of the ledger.
        catalogue: The KPIs.
        edge: The tile edge of the present.
        currency: The reporting currency.
    """
    headlines = {kpi.id: headline for kpi in catalogue if (headline := Headline.of(kpi))}
    kpis = [headline.of_only(catalogue[name]) for name, headline in headlines.items()]
    edges = range(edge - DAYS * TILES_A_DAY, edge + 1, TILES_A_DAY)
    found: dict[str, Trend] = {}
    for result in reader.evaluate(catalogue, edges, currency=currency, kpis=kpis):
        if headlines[result.kpi.id].has(result.labels):
            found.setdefault(result.kpi.id, Trend(result))
    return found
