"""Gathered contributions: those of many units, added up at once.

Cell by cell each would be looked up. Here they are columns (number of the series, tile, delta),
which are sorted and added up at the end, in arrays.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from aggregates.ledger.in_rows import Indices, begins_of, running_sums_of
from aggregates.ledger.integers import Integers, integers, narrowed, summable
from aggregates.ledger.ledger import Key, Ledger, Prefix
from aggregates.ledger.measure import (
    Column,
    Contribution,
    Outline,
    Segment,
    Series,
    Together,
)

PENDING_MAX: Final = 1 << 20
"""Contributions that wait to be added up; some 80 MB."""

_STRIDE: Final = 1 << 33
"""Distance of the keys of two series: wider than any tile; 2**30 series fit into 64 bits."""

_MIDDLE: Final = 1 << 31
"""Added to tiles, so that none is below 0."""


@dataclass(frozen=True, slots=True, eq=False)
class SeriesCells:
    """The cells of series, those of one after those of the other.

    Attributes:
        keys: The series and their segments.
        lengths: How many cells each has; none has no cell.
        tiles: The tiles of the cells, of each series ascending.
        deltas: By how much the series changes there.
    """

    keys: Sequence[Key]
    lengths: Indices
    tiles: Column
    deltas: Integers


class Gathered:
    """Contributions of many units and segments.

    >>> gathered = Gathered()
    >>> gathered.take([(("mrr",), 5, 100), (("mrr",), 9, -40), (("mrr",), 5, 1)], ("smb",))
    >>> gathered.ledger().cells
    {(('mrr',), ('smb',)): {5: 101, 9: -40}}
    """

    def __init__(self) -> None:
        self._numbers: dict[Segment, dict[Series, int]] = {}
        self._keys: list[Key] = []
        self._rows, self._tiles, self._deltas = array("q"), array("q"), array("q")
        self._wide: list[tuple[int, int, int]] = []
        self._outlines: dict[type[Outline], Together] = {}
        self._outlined = 0
        self._columns: list[tuple[Column, Column, Integers]] = []

    def number(self, series: Series, segment: Segment) -> int:
        """Returns the number of a series in a segment."""
        numbers = self._numbers.setdefault(segment, {})
        number = numbers.get(series)
        if number is None:
            number = numbers[series] = len(self._keys)
            self._keys.append((series, segment))
        return number

    def take(self, contributions: Iterable[Contribution | Outline], segment: Segment) -> None:
        """Takes contributions of one segment."""
        numbers = self._numbers.setdefault(segment, {})
        add_row, add_tile, add_delta = self._rows.append, self._tiles.append, self._deltas.append
        last: Series | None = None
        number = 0
        for each in contributions:
            if isinstance(each, Outline):
                self._take_outline(each, segment)
                continue
            series, tile, delta = each
            if series is not last:  # contributions mostly come series by series
                last = series
                found = numbers.get(series)
                number = self.number(series, segment) if found is None else found
            try:
                add_delta(delta)
            except OverflowError:
                self._wide.append((number, tile, delta))
                continue
            add_row(number)
            add_tile(tile)
        if len(self._rows) + self._outlined > PENDING_MAX:
            self._columns = [self._added_up()]

    def _take_outline(self, outline: Outline, segment: Segment) -> None:
        alike = self._outlines.get(type(outline))
        if alike is None:
            alike = self._outlines[type(outline)] = outline.together()
        try:
            self._outlined += alike.take(outline, segment)
        except OverflowError:
            self.take(outline.contributions(), segment)

    def put(self, rows: Column, tiles: Column, deltas: Column) -> None:
        """Takes columns of contributions: the numbers of their series, tiles, 64-bit deltas."""
        self._columns.append((rows, tiles, deltas))

    def put_cells(self, cells: SeriesCells, keys: Iterable[Key]) -> None:
        """Takes the cells of series as those of others.

        Args:
            cells: The cells.
            keys: The series to add each to, and its segment.
        """
        numbers = np.array([self.number(*key) for key in keys], dtype=np.int64)
        self._columns.append((np.repeat(numbers, cells.lengths), cells.tiles, cells.deltas))

    def ledger(self) -> Ledger:
        """Returns a ledger of all that was taken."""
        return Ledger(self._sums())

    def cells(self) -> SeriesCells:
        """Returns the cells of all that was taken, of each series that has one."""
        rows, tiles, deltas = self._added_up()
        begins = begins_of(rows)
        lengths = np.diff(begins, append=len(rows))
        keys = [self._keys[number] for number in rows[begins].tolist()]
        return SeriesCells(keys, lengths, tiles, deltas)

    def _added_up(self) -> tuple[Column, Column, Integers]:
        """Returns the cells of all that was taken, by series and tile."""
        for outlines in self._outlines.values():
            outlines.move_to(self)
        self._outlines.clear()
        self._outlined = 0
        rows, tiles, deltas = self._all()
        places = rows * _STRIDE + (tiles + _MIDDLE)
        order = np.argsort(places)
        places, deltas = places[order], summable(deltas[order])
        begins = begins_of(places)
        if len(begins):
            deltas = np.add.reduceat(deltas, begins)
        there = np.flatnonzero(deltas)
        places, deltas = places[begins[there]], deltas[there]
        rows = places // _STRIDE
        return rows, places - rows * _STRIDE - _MIDDLE, deltas

    def _all(self) -> tuple[Column, Column, Integers]:
        """Returns all that was taken, in three columns, and keeps nothing of it."""
        rows, tiles, deltas = zip(*self._columns, *self._taken(), strict=True)
        whole = np.concatenate(rows), np.concatenate(tiles), np.concatenate(deltas)
        self._columns.clear()
        self._wide.clear()
        for taken in (self._rows, self._tiles, self._deltas):
            del taken[:]
        return whole

    def _taken(self) -> Iterator[tuple[Column, Column, Integers]]:
        """Yields what was taken one by one."""
        yield (
            np.array(self._rows, dtype=np.int64),
            np.array(self._tiles, dtype=np.int64),
            np.array(self._deltas, dtype=np.int64),
        )
        if self._wide:
            rows, tiles, deltas = zip(*self._wide, strict=True)
            yield integers(rows), integers(tiles), integers(deltas)

    def _sums(self) -> dict[Key, Prefix]:
        """Returns the running sums of each series."""
        cells = self.cells()
        if not cells.keys:
            return {}
        sums = running_sums_of(cells.deltas, cells.lengths)
        wide = sums.dtype == object
        found: dict[Key, Prefix] = {}
        begin = 0
        for key, end in zip(cells.keys, np.cumsum(cells.lengths).tolist(), strict=True):
            own = sums[begin:end]
            found[key] = cells.tiles[begin:end], narrowed(own) if wide else own
            begin = end
        return found
