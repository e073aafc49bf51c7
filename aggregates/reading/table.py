"""Tables: the series of a KPI over one window, for several segments, at some edges."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.values import NEVER, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One series of a KPI: a value for each edge.

    Attributes:
        kpi: The KPI.
        labels: All labels but the segment.
        values: Values in the KPI's unit; NaN for none.
        numerator: What was divided, if the formula is a quotient or a mean.
        denominator: What it was divided by.
    """

    kpi: Kpi
    labels: Labels
    values: Floats
    numerator: Floats | None = None
    denominator: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All series of a formula over a window, for each segment: made into results where asked for.

    Attributes:
        kpi: The KPI.
        labels: All labels but the segment, by row.
        since: The tile from which on a series is there, rows by segments; ``NEVER`` if it is not.
        values: Values in the KPI's unit, rows by segments by edges; NaN for none.
        parts: What was divided, and by what, if the formula is a quotient or a mean.
    """

    kpi: Kpi
    labels: Sequence[Labels]
    since: NDArray[np.int64]
    values: Floats
    parts: tuple[Floats, ...] = ()

    def results(self, segment: int) -> Iterator[Result]:
        """Yields the series of a segment."""
        for row, labels in enumerate(self.labels):
            if self.since[row, segment] != NEVER:
                parts = [part[row, segment] for part in self.parts]
                yield Result(self.kpi, labels, self.values[row, segment], *parts)

    def where(self, there: NDArray[np.bool_]) -> "Table":
        """Returns the table with values at some edges of each segment only, or of each series."""
        values, *parts = (np.where(there, each, np.nan) for each in (self.values, *self.parts))
        return replace(self, values=values, parts=tuple(parts))


def results_of(tables: Iterable[Table], segment: int = 0) -> list[Result]:
    """Returns the series of a segment in all tables; by default of the first one, the whole."""
    return [result for table in tables for result in table.results(segment)]


def joined(blocks: Sequence[Table]) -> Table:
    """Joins blocks of edges; all blocks have the same series, since those are the ledger's."""
    first = blocks[0]
    values = np.concatenate([block.values for block in blocks], axis=2)
    parts = zip(*(block.parts for block in blocks), strict=True)
    return replace(first, values=values, parts=tuple(np.concatenate(p, axis=2) for p in parts))
