"""Prefix sums: all series of one measure laid end to end, so that one search reads them all.

A row's cells are keyed by row and tile in one ascending array. Reading every row at every edge is a
single binary search in it, whatever the number of series.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from aggregates.formula.values import NEVER, Edges
from aggregates.ledger.in_rows import Indices, begins_after
from aggregates.ledger.integers import Integers, addable
from aggregates.ledger.measure import Column, Measure, Segment
from aggregates.ledger.told_sums import Key, Prefix
from aggregates.reading.filter_totals import FilterTotals, is_same
from aggregates.reading.layout import Layout, NumberedSeries, Numbering, Selection

MIDDLE: Final = 2**31
"""Added to tiles, so that a row's cells come after its start for every tile of a calendar."""

STRIDE: Final = 2**33
"""Distance of the keys of two rows: wider than any tile; 2**30 rows fit into 64 bits."""

EDGE_MAX: Final = 2**30
"""Bound of the edges that can be read, some 30,000 years: windows before them stay in a row."""

REMEMBERED_MAX: Final = 16
"""Readings of a measure that are kept: a page has few, over its windows and of its segments."""


def bounded(edges: Sequence[int] | Edges) -> Edges:
    """Returns edges as an array.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    array = np.asarray(edges, dtype=np.int64).reshape(-1)
    if array.size and int(np.abs(array).max()) > EDGE_MAX:
        raise ValueError(f"edges are tile numbers between -{EDGE_MAX} and {EDGE_MAX}")
    return array


class MeasureSums:
    """The prefix sums of one measure, as they are in a ledger at one moment.

    Attributes:
        layout: The measure's series.
    """

    def __init__(
        self,
        layout: Layout,
        lengths: Indices,
        tiles: Column,
        sums: Integers,
        *,
        remembers: bool = False,
    ) -> None:
        """Takes the cells of series, those of one after those of the other.

        Args:
            layout: The series.
            lengths: How many cells each has; none has no cell.
            tiles: Their tiles, of each series ascending; of equal ones the last counts.
            sums: The running sums of each series' deltas.
            remembers: Whether to keep what is read.
        """
        self.layout = layout
        self._remembers = remembers
        self._told: dict[tuple[Selection, bytes], Integers] = {}
        begins = begins_after(lengths + 1)
        self._base = np.arange(len(lengths), dtype=np.int64) * STRIDE + MIDDLE
        places = np.ones(len(tiles) + len(lengths), dtype=np.bool_)
        places[begins] = False  # a row starts with a sum of 0, before all cells
        self._cells = np.zeros(len(places), dtype=np.int64)
        self._cells[begins] = -MIDDLE
        self._cells[places] = tiles
        self._first = self._cells[begins + 1]
        self._cells += np.repeat(self._base, lengths + 1)
        laid = np.zeros(len(places), dtype=sums.dtype)
        laid[places] = sums
        self._sums = addable(laid, begins)

    def before(self, selection: Selection, edges: Edges) -> Integers:
        """Returns the sums before each edge: keys by segments and, in those, edges.

        They are not to be changed: who asks for the same again is given the same.
        """
        if not self._remembers:
            return self._before(selection, edges)
        asked = selection, edges.tobytes()
        found = self._told.get(asked)
        if found is None:
            if len(self._told) >= REMEMBERED_MAX:
                self._told.clear()
            found = self._told[asked] = self._before(selection, edges)
        return found

    def _before(self, selection: Selection, edges: Edges) -> Integers:
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

    @cached_property
    def beginnings(self) -> Mapping[Segment, int]:
        """The tile of the first cell of each segment."""
        first = np.full(len(self.layout.segments), NEVER, dtype=np.int64)
        np.minimum.at(first, self.layout.segment_of, self._first)
        return dict(zip(self.layout.segments, first.tolist(), strict=True))


class Cells(Protocol):
    """What has the running sums of series, as a ledger does."""

    def revision(self, measure: str) -> int:
        """Returns a number that grows whenever a series of a measure may change."""

    def prefixes(self, measure: str) -> tuple[list[Key], list[Prefix]]:
        """Returns the series and segments of a measure that hold a cell, and the sums of each."""


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

    def __init__(self, ledger: Cells, *, remembers: bool = False) -> None:
        """Takes a ledger.

        Args:
            ledger: The ledger.
            remembers: Whether the same will be asked again and again, as of a page that is live:
                then what was read of a measure is kept as long as none of its series changes.
        """
        self._ledger = ledger
        self._remembers = remembers
        self._told: dict[str, _Told] = {}
        self._nothing = _no_sums(remembers=remembers)
        self._kept: dict[tuple[str, bool], _Kept] = {}
        self._totals: dict[str, FilterTotals] = {}

    def changes(self, name: str) -> int:
        """Returns how often series of a measure were found changed: what does not grow, stays."""
        return self._told_of(name).changes

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure; see ``Sums``."""
        kept = self._kept.get((measure.name, by_filter))
        if kept is None:
            kept = self._kept[measure.name, by_filter] = _Kept(self._nothing)
        told = self._told_of(measure.name)
        if kept.changes != told.changes:
            keys, prefixes = told.keys, told.prefixes
            if measure.filters and not by_filter:
                totals = self._totals.setdefault(measure.name, FilterTotals(measure))
                keys, prefixes = totals.of(keys, prefixes)
            kept.sums = kept.read(keys, prefixes, remembers=self._remembers)
            kept.changes = told.changes
        return kept.sums

    def _told_of(self, name: str) -> "_Told":
        told = self._told.get(name)
        if told is None:
            told = self._told[name] = _Told()
        revision = self._ledger.revision(name)
        if told.revision != revision:
            told.revision = revision
            keys, prefixes = self._ledger.prefixes(name)
            if not is_same(prefixes, told.prefixes) or keys != told.keys:
                told.keys, told.prefixes = keys, prefixes
                told.changes += 1
        return told


class _Told:
    """What the ledger last told of a measure.

    Attributes:
        revision: The ledger's, once it was asked.
        changes: How often it told something else than before.
        keys: The series and their segments.
        prefixes: Their prefix sums.
    """

    def __init__(self) -> None:
        self.revision: int | None = None
        self.changes = 0
        self.keys: list[Key] = []
        self.prefixes: list[Prefix] = []


class _Kept:
    """What was last read of a measure: at first nothing, which is the same for all that have none.

    Attributes:
        changes: How often the ledger had told something else by then.
        sums: Its prefix sums.
    """

    def __init__(self, nothing: MeasureSums) -> None:
        self.changes = 0
        self.sums = nothing
        self._numbering = Numbering(nothing.layout)
        self._laid = _Laid()

    def read(self, keys: list[Key], prefixes: Sequence[Prefix], *, remembers: bool) -> MeasureSums:
        """Returns the prefix sums of series, the same as before if none of them changed."""
        layout, laid = self._numbering.layout(keys), self._laid
        if layout is self.sums.layout and is_same(prefixes, laid.prefixes):
            return self.sums
        laid.lay(prefixes)
        return MeasureSums(layout, laid.lengths, laid.tiles, laid.sums, remembers=remembers)


class _Laid:
    """The prefix sums of series, laid end to end; what did not change is taken over as it lies.

    Attributes:
        prefixes: The tiles of each series, and the running sums of its deltas.
        lengths: How many cells each has.
        tiles: The tiles of all.
        sums: The sums of all.
    """

    def __init__(self) -> None:
        self.prefixes: Sequence[Prefix] = ()
        self.lengths: Indices = np.zeros(0, dtype=np.intp)
        self.tiles: Column = np.zeros(0, dtype=np.int64)
        self.sums: Integers = np.zeros(0, dtype=np.int64)

    def lay(self, prefixes: Sequence[Prefix]) -> None:
        """Lays series: those that are as before at their places, and others that are new there."""
        before: Sequence[Prefix] = () if self.sums.dtype == object else self.prefixes
        known = min(len(before), len(prefixes))
        pairs = enumerate(zip(prefixes, before, strict=False))
        new = [place for place, (now, then) in pairs if now is not then]
        new += range(known, len(prefixes))
        ends = np.concatenate([[0], np.cumsum(self.lengths)])
        lengths = np.zeros(len(prefixes), dtype=np.intp)
        lengths[:known] = self.lengths[:known]
        parts: list[Prefix] = [(self.tiles[:0], np.zeros(0, dtype=np.int64))]
        kept = 0
        for place in new:
            if kept < min(place, known):
                span = slice(ends[kept], ends[place])
                parts.append((self.tiles[span], self.sums[span]))
            parts.append(prefixes[place])
            lengths[place] = len(prefixes[place][0])
            kept = place + 1
        if kept < known:
            span = slice(ends[kept], ends[known])
            parts.append((self.tiles[span], self.sums[span]))
        self.tiles = np.concatenate([tiles for tiles, _ in parts])
        self.sums = np.concatenate([sums for _, sums in parts])
        self.prefixes, self.lengths = prefixes, lengths


def _no_sums(*, remembers: bool) -> MeasureSums:
    none = np.zeros(0, dtype=np.int64)
    return MeasureSums(
        Layout(NumberedSeries(), (), none, none), none, none, none, remembers=remembers
    )
