"""Gathered contributions: those of many units, added up at once.

Cell by cell each would be looked up. Here they are columns (number of the series, tile, delta),
which are sorted and added up in arrays: whenever there are many, and what that comes to at the end.
"""

from array import array
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from aggregates.ledger.integers import Integers, integers
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import (
    Column,
    Contribution,
    Outline,
    Segment,
    Series,
    Together,
)
from aggregates.ledger.row_cells import RowCells, added_up, together
from aggregates.ledger.series_cells import SeriesCells

PENDING_MAX: Final = 1 << 19
"""Contributions that wait to be added up; some 40 MB."""


BLOCK_MAX: Final = 1 << 17
"""Cells of parts that are added up at a time; some 10 MB."""


class Gathered:
    """Contributions of many units and segments.

    >>> gathered = Gathered()
    >>> gathered.take([(("mrr",), 5, 100), (("mrr",), 9, -40), (("mrr",), 5, 1)], ("smb",))
    >>> gathered.ledger().cells
    {(('mrr',), ('smb',)): {5: 101, 9: -40}}
    """

    def __init__(self) -> None:
        self._numbers: dict[Segment, dict[Series, int]] = {}
        self._series: dict[Series, int] = {}
        self._segments: dict[Segment, int] = {}
        self._series_of, self._segment_of = array("q"), array("q")
        self._rows, self._tiles, self._deltas = array("q"), array("q"), array("q")
        self._wide: list[tuple[int, int, int]] = []
        self._outlines: dict[type[Outline], Together] = {}
        self._outlined = 0
        self._columns: list[tuple[Column, Column, Integers]] = []
        self._parts: list[RowCells] = []

    def number(self, series: Series, segment: Segment) -> int:
        """Returns the number of a series in a segment."""
        numbers = self._numbers.setdefault(segment, {})
        number = numbers.get(series)
        if number is None:
            number = numbers[series] = len(self._series_of)
            self._series_of.append(self._series.setdefault(series, len(self._series)))
            self._segment_of.append(self._segments.setdefault(segment, len(self._segments)))
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
            self._parts.append(self._added_up().short())

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

    def ledger(self) -> Ledger:
        """Returns a ledger of all that was taken."""
        return Ledger(self.cells().prefixes())

    def cells(self) -> SeriesCells:
        """Returns the cells of all that was taken."""
        parts, self._parts = [*self._parts, self._added_up()], []
        rows, lengths, tiles, deltas = together(parts, BLOCK_MAX)
        series_of = np.array(self._series_of, dtype=np.int64)[rows]
        segment_of = np.array(self._segment_of, dtype=np.int64)[rows]
        series, segments = tuple(self._series), tuple(self._segments)
        return SeriesCells(series, segments, series_of, segment_of, lengths, tiles, deltas)

    def _added_up(self) -> RowCells:
        """Returns the cells of what waits, and keeps nothing of it."""
        for outlines in self._outlines.values():
            outlines.move_to(self)
        self._outlines.clear()
        self._outlined = 0
        return added_up(*self._all())

    def _all(self) -> tuple[Column, Column, Integers]:
        """Returns what waits, in three columns, and keeps nothing of it."""
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
