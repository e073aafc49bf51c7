"""Stacks: all series of one measure laid end to end, so that one search reads them at many edges.

A row's cells are keyed by row and tile in one ascending array. Reading every row at every edge is a
single binary search in it, whatever the number of series.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.values import NEVER, Edges
from aggregates.ledger.ledger import Ledger, Prefix
from aggregates.ledger.measure import Measure, Segment
from aggregates.reading.layout import Group, Layout, Numbers
from aggregates.reading.summed import Summed

MIDDLE: Final = 2**31
"""Added to tiles, so that a row's cells come after its start for every tile of a calendar."""

STRIDE: Final = 2**33
"""Distance of the keys of two rows: wider than any tile; 2**30 rows fit into 64 bits."""

EDGE_MAX: Final = 2**30
"""Bound of the edges that can be read, some 30,000 years: windows before them stay in a row."""


class Stack:
    """The cells of one measure, as they are in a ledger at one moment.

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
        self._sums = np.concatenate(sums)
        self._first = self._cells[np.cumsum(lengths) - lengths + 1] - self._base

    def sums(self, group: Group, edges: Edges) -> NDArray[np.int64]:
        """Returns the sums of a group before each edge: keys by scopes and, in those, edges."""
        sums = np.zeros((len(group.keys) * group.scopes, len(edges)), dtype=np.int64)
        if len(group.rows):
            read = self._read(group.rows, edges)
            sums[group.places] = np.add.reduceat(read, group.bounds, axis=0)
        return sums.reshape(len(group.keys), group.scopes * len(edges))

    def since(self, group: Group) -> Edges:
        """Returns the tile of the first cell of each key in each scope; ``NEVER`` without one."""
        since = np.full(len(group.keys) * group.scopes, NEVER, dtype=np.int64)
        if len(group.rows):
            since[group.places] = np.minimum.reduceat(self._first[group.rows], group.bounds)
        return since.reshape(len(group.keys), group.scopes)

    def beginnings(self) -> dict[Segment, int]:
        """Returns the tile of the first cell of each segment."""
        first = np.full(len(self.layout.segments), NEVER, dtype=np.int64)
        np.minimum.at(first, self.layout.segment_of, self._first)
        return dict(zip(self.layout.segments, first.tolist(), strict=True))

    def _read(self, rows: Numbers, edges: Edges) -> NDArray[np.int64]:
        """Returns the sum of the deltas before each edge, rows by edges."""
        wanted = self._base[rows][:, None] + edges
        read: NDArray[np.int64] = self._sums[self._cells.searchsorted(wanted) - 1]
        return read


class Stacks:
    """The stacks of a ledger, each kept until one of its series changes."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._stacks: dict[tuple[str, bool], Stack] = {}
        self._revisions: dict[tuple[str, bool], int] = {}
        self._summed: dict[str, Summed] = {}
        self._current: set[tuple[str, bool]] = set()

    def refresh(self) -> None:
        """Looks at the ledger again when a stack is next asked for."""
        self._current.clear()

    def of(self, measure: Measure, *, apart: bool = False) -> Stack:
        """Returns the stack of a measure.

        Args:
            measure: The measure.
            apart: Whether the values of its filters are to be told apart, not summed.
        """
        asked = measure.name, apart
        stack = self._stacks.get(asked)
        if stack is not None and asked in self._current:
            return stack
        self._current.add(asked)
        revision = self.ledger.revision(measure.name)
        if stack is not None and revision == self._revisions[asked]:
            return stack
        self._revisions[asked] = revision
        keys = self.ledger.keys_of(measure.name)
        if apart:  # not of a worker of a version that knew no filters
            keys = [key for key in keys if len(key[0]) == measure.length]
        prefixes = [self.ledger.prefix(*key) for key in keys]
        if measure.filters and not apart:
            summed = self._summed.get(measure.name) or Summed(measure)
            self._summed[measure.name] = summed
            keys, prefixes = summed.of(keys, prefixes)
        # the ledger makes new arrays for a series that changed: equal arrays mean equal cells
        if stack is None or list(map(id, prefixes)) != list(map(id, stack.prefixes)):
            layout = stack.layout if stack is not None else Layout(keys)
            layout = layout if layout.series == keys else Layout(keys)
            stack = self._stacks[asked] = Stack(layout, prefixes)
        return stack
