"""Prefix sums: all series of one measure laid end to end, so that one search reads them all.

A row's cells are keyed by row and tile in one ascending array. Reading every row at every edge is a
single binary search in it, whatever the number of series.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from aggregates.formula.values import NEVER, Edges
from aggregates.ledger.integers import Integers, addable
from aggregates.ledger.ledger import Key, Prefix
from aggregates.ledger.measure import Measure, Segment, Series
from aggregates.reading.filter_totals import FilterTotals, is_same
from aggregates.reading.layout import Layout, Selection

MIDDLE: Final = 2**31
"""Added to tiles, so that a row's cells come after its start for every tile of a calendar."""

STRIDE: Final = 2**33
"""Distance of the keys of two rows: wider than any tile; 2**30 rows fit into 64 bits."""

EDGE_MAX: Final = 2**30
"""Bound of the edges that can be read, some 30,000 years: windows before them stay in a row."""


class MeasureSums:
    """The prefix sums of one measure, as they are in a ledger at one moment.

    Attributes:
        layout: The measure's series.
        prefixes: The prefix sums of each of them.
    """

    def __init__(self, layout: Layout, prefixes: Sequence[Prefix]) -> None:
        self.layout = layout
        self.prefixes = prefixes
        zero = np.zeros(1, dtype=np.int64)
        tiles, sums = [zero[:0]], [zero[:0]]
        for row_tiles, row_sums in prefixes:
            tiles += [zero - MIDDLE, row_tiles]  # a row starts with a sum of 0, before all cells
            sums += [zero, row_sums]
        lengths = np.array([len(row_tiles) + 1 for row_tiles, _ in prefixes], dtype=np.int64)
        self._base = np.arange(len(prefixes), dtype=np.int64) * STRIDE + MIDDLE
        self._cells = np.concatenate(tiles) + np.repeat(self._base, lengths)
        begins = np.cumsum(lengths) - lengths
        self._sums = addable(np.concatenate(sums), begins)
        self._first = self._cells[begins + 1] - self._base

    def before(self, selection: Selection, edges: Edges) -> Integers:
        """Returns the sums before each edge: keys by segments and, in those, edges."""
        shape = len(selection.keys) * selection.segments, len(edges)
        sums = np.zeros(shape, dtype=self._sums.dtype)
        if len(selection.rows):
            wanted = self._base[selection.rows][:, None] + edges
            read = self._sums[self._cells.searchsorted(wanted) - 1]
            sums[selection.places] = np.add.reduceat(read, selection.bounds, axis=0)
        return sums.reshape(len(selection.keys), selection.segments * len(edges))

    def since(self, selection: Selection) -> Edges:
        """Returns the tile of the first cell of each key in each segment; ``NEVER`` without one."""
        since = np.full(len(selection.keys) * selection.segments, NEVER, dtype=np.int64)
        if len(selection.rows):
            first = self._first[selection.rows]
            since[selection.places] = np.minimum.reduceat(first, selection.bounds)
        return since.reshape(len(selection.keys), selection.segments)

    def beginnings(self) -> dict[Segment, int]:
        """Returns the tile of the first cell of each segment."""
        first = np.full(len(self.layout.segments), NEVER, dtype=np.int64)
        np.minimum.at(first, self.layout.segment_of, self._first)
        return dict(zip(self.layout.segments, first.tolist(), strict=True))


class Cells(Protocol):
    """What has the running sums of series, as a ledger does."""

    def revision(self, measure: str) -> int:
        """Returns a number that grows whenever a series of a measure may change."""

    def keys_of(self, measure: str) -> list[Key]:
        """Returns the series and segments of a measure that hold a cell."""

    def prefix(self, series: Series, segment: Segment) -> Prefix:
        """Returns a series' tiles, ascending, and the running sums of its deltas."""


class Sums(Protocol):
    """What has the prefix sums of measures."""

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure.

        Args:
            measure: The measure.
            by_filter: Whether to keep the values of its filters apart, not to add them up.
        """


class LedgerSums:
    """The prefix sums of each measure of a ledger, kept until one of its series changes."""

    def __init__(self, ledger: Cells) -> None:
        self._ledger = ledger
        self._kept: dict[tuple[str, bool], tuple[int, MeasureSums]] = {}
        self._totals: dict[str, FilterTotals] = {}

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure; see ``Sums``."""
        asked = measure.name, by_filter
        revision = self._ledger.revision(measure.name)
        known, sums = self._kept.get(asked, (None, None))
        if sums is None or known != revision:
            sums = self._read(measure, by_filter, sums)
            self._kept[asked] = revision, sums
        return sums

    def _read(self, measure: Measure, by_filter: bool, last: MeasureSums | None) -> MeasureSums:
        keys = self._ledger.keys_of(measure.name)
        prefixes = [self._ledger.prefix(*key) for key in keys]
        if measure.filters and not by_filter:
            totals = self._totals.setdefault(measure.name, FilterTotals(measure))
            keys, prefixes = totals.of(keys, prefixes)
        if last is None:
            return MeasureSums(Layout(keys), prefixes)
        if keys != last.layout.series:
            return MeasureSums(last.layout.grown(keys), prefixes)
        return last if is_same(prefixes, last.prefixes) else MeasureSums(last.layout, prefixes)
