"""Readings by segment: every KPI of the whole, and of each segment from when it came to be.

Live gauges, backfills and replays by segment are all this.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.values import ALWAYS, NEVER, Edges, Floats
from aggregates.ledger.measure import UNKNOWN, Segment
from aggregates.reading.reader import Reader
from aggregates.reading.shown_segments import shown_segments
from aggregates.reading.table import Result, Table, results_of


@dataclass(frozen=True, slots=True, eq=False)
class BySegment:
    """Every KPI at some edges.

    Attributes:
        tables: Over all accounts, in the first column of each, and by segment as shown: each from
            its first cell on, none before the first account with a known attribute.
        columns: The column of each segment that is shown at one of the edges.
        values: How many values each attribute has.
    """

    tables: Sequence[Table]
    columns: Mapping[Segment, int]
    values: tuple[int, ...]

    @property
    def whole(self) -> Sequence[Result]:
        """Every KPI over all accounts."""
        return results_of(self.tables)

    @property
    def segments(self) -> Mapping[Segment, Sequence[Result]]:
        """Every KPI of each segment that is shown; made anew each time, and many."""
        return {
            segment: results_of(self.tables, column) for segment, column in self.columns.items()
        }


def segment_labels(kpi: Kpi, names: Sequence[str], segment: Segment) -> Labels:
    """Returns a segment as labels of a KPI: ``account_plan`` where the KPI has a ``plan`` itself.

    Args:
        kpi: The KPI.
        names: The attributes that make up a segment.
        segment: Their values.
    """
    taken = kpi.label_names
    shown = (f"account_{name}" if name in taken else name for name in names)
    return tuple(zip(shown, segment, strict=True))


def read_by_segment(
    reader: Reader,
    catalogue: Catalogue,
    edges: Edges,
    currency: str,
    kpis: Iterable[Kpi] | None = None,
    chosen: frozenset[Segment] | None = None,
) -> BySegment:
    """Reads KPIs at each edge.

    Args:
        reader: Of the ledger.
        catalogue: The KPIs.
        edges: Tile edges, in any order.
        currency: The reporting currency.
        kpis: Those of the catalogue to read; None for all.
        chosen: The only segments of the ledger to show; None for all.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    every = reader.beginnings(catalogue)
    beginnings = {
        segment: tile for segment, tile in every.items() if chosen is None or segment in chosen
    }
    shown = shown_segments(beginnings, catalogue.policy.segment_values_max)
    first_known = _first_known(every)
    firsts = {name: max(first, first_known) for name, first in shown.beginnings.items()}
    visible = [name for name, first in firsts.items() if (edges > first).any()]
    columns = (None, *(shown.members[name] for name in visible))
    tables = reader.tables(catalogue, edges, columns, currency, kpis)
    there = np.stack([edges > first for first in (ALWAYS, *(firsts[name] for name in visible))])
    there[0] = True
    if not there.all():
        tables = [table.where(there) for table in tables]
    columns_of = {name: column for column, name in enumerate(visible, start=1)}
    return BySegment(tables, columns_of, shown.values)


def read_segment(
    reader: Reader,
    catalogue: Catalogue,
    segment: Segment,
    edges: Edges,
    currency: str,
    kpis: Iterable[Kpi],
) -> list[Result]:
    """Reads KPIs of one segment at each edge, as they are read beside those of all others.

    Args:
        reader: Of the ledger.
        catalogue: The KPIs.
        segment: A segment as it is shown; there are no results of one that is not.
        edges: Tile edges, in any order.
        currency: The reporting currency.
        kpis: Those of the catalogue to read.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    every = reader.beginnings(catalogue)
    shown = shown_segments(every, catalogue.policy.segment_values_max)
    if segment not in shown.members:
        return []
    first = max(shown.beginnings[segment], _first_known(every))
    results = reader.evaluate(catalogue, edges, shown.members[segment], currency, kpis)
    return [_from(result, edges > first) for result in results]


def _from(result: Result, there: NDArray[np.bool_]) -> Result:
    """Returns a result with values at some edges only."""

    def kept(part: Floats | None) -> Floats | None:
        return None if part is None else np.where(there, part, np.nan)

    return replace(
        result,
        values=np.where(there, result.values, np.nan),
        numerator=kept(result.numerator),
        denominator=kept(result.denominator),
    )


def _first_known(beginnings: Mapping[Segment, int]) -> int:
    """Returns the tile of the first cell of an account with a known attribute.

    Segments are shown from there on: before, they would repeat the whole.
    """
    known = (
        tile for segment, tile in beginnings.items() if any(value != UNKNOWN for value in segment)
    )
    return min(known, default=NEVER)
