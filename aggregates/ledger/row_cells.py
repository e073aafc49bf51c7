"""The cells of numbered rows in columns, and sums of them."""

from collections.abc import Iterator
from typing import Final, NamedTuple, Self, cast

import numpy as np

from aggregates.ledger.in_rows import Indices, begins_of
from aggregates.ledger.integers import Integers, summable
from aggregates.ledger.measure import Column

_STRIDE: Final = 1 << 33
"""Distance of the keys of two rows: wider than any tile; 2**30 rows fit into 64 bits."""

_MIDDLE: Final = 1 << 31
"""Added to tiles, so that none is below 0."""


class RowCells(NamedTuple):
    """Cells of rows that have some.

    Attributes:
        rows: The numbers of the rows, ascending.
        lengths: How many cells each has.
        tiles: The tiles of the cells, of each row ascending.
        deltas: By how much it changes there.
    """

    rows: Indices
    lengths: Indices
    tiles: Column
    deltas: Integers

    def short(self) -> Self:
        """Returns them with tiles of 32 bits, if these hold them, as they wait for ``together``."""
        tiles = cast(Column, self.tiles.astype(np.int32))
        return self._replace(tiles=tiles) if (tiles == self.tiles).all() else self


def added_up(
    rows: Column, tiles: Column, deltas: Integers, *, keeps_zeros: bool = False
) -> RowCells:
    """Adds up what is at one tile of one row.

    Args:
        rows: Number of the row of each delta, from 0.
        tiles: Its tile.
        deltas: The delta.
        keeps_zeros: Whether cells stay that add up to 0.
    """
    places = rows * _STRIDE + (tiles + _MIDDLE)
    order = np.argsort(places)
    places, deltas = places[order], summable(deltas[order])
    begins = begins_of(places)
    if len(begins):
        deltas = np.add.reduceat(deltas, begins)
    places = places[begins]
    if not keeps_zeros:
        there = np.flatnonzero(deltas)
        places, deltas = places[there], deltas[there]
    rows = places // _STRIDE
    firsts = begins_of(rows)
    lengths = np.diff(firsts, append=len(rows))
    return RowCells(rows[firsts], lengths, places - rows * _STRIDE - _MIDDLE, deltas)


def together(parts: list[RowCells], most: int) -> RowCells:
    """Adds up cells that were added up part by part, some rows after the other.

    Args:
        parts: The parts, at least one; taken out of the list, so that they need not stay.
        most: Cells to add up at a time, so that little memory is used beside the result.

    >>> one, other = (added_up(*np.array(told).T) for told in ([(0, 5, 1), (2, 9, 7)], [(2, 9, 1)]))
    >>> [column.tolist() for column in together([one, other], 1)]
    [[0, 2], [1, 1], [5, 9], [1, 8]]
    """
    taken = [part for part in parts if len(part.rows)] or parts[:1]
    parts.clear()
    if len(taken) == 1:
        return taken[0]._replace(tiles=taken[0].tiles.astype(np.int64))
    counts = np.zeros(1 + max(int(part.rows[-1]) for part in taken), dtype=np.int64)
    for part in taken:
        counts[part.rows] += part.lengths
    ends = [np.concatenate([[0], np.cumsum(part.lengths)]) for part in taken]
    found = [_block(taken, ends, *span) for span in _blocks(counts, most)]
    taken.clear()
    return RowCells(*map(np.concatenate, zip(*found, strict=True)))


def _blocks(counts: Indices, most: int) -> Iterator[tuple[int, int]]:
    """Yields spans of rows with so many cells at most, or of a single row."""
    ends = np.cumsum(counts)
    first = 0
    while first < len(counts):
        held = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, held + most, side="right")))
        yield first, last
        first = last


def _block(parts: list[RowCells], ends: list[Indices], first: int, last: int) -> RowCells:
    """Adds up the cells of the rows ``[first, last)``."""
    cut = [_cut(*each, first, last) for each in zip(parts, ends, strict=True)]
    return added_up(*map(np.concatenate, zip(*cut, strict=True)))


def _cut(cells: RowCells, ends: Indices, first: int, last: int) -> tuple[Column, Column, Integers]:
    """Returns the row, the tile and the delta of each cell of the rows ``[first, last)``."""
    begin, end = np.searchsorted(cells.rows, [first, last])
    rows = np.repeat(cells.rows[begin:end], cells.lengths[begin:end])
    own = slice(ends[begin], ends[end])
    return rows, cells.tiles[own].astype(np.int64), cells.deltas[own]
