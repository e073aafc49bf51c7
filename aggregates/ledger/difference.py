"""Differences: cells that somebody holds, and those that are right, told apart one by one."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from aggregates.ledger.ledger import Cells
from aggregates.ledger.measure import Segment, Series
from aggregates.ledger.packed import unpack_cells, unpack_key
from aggregates.ledger.told_sums import Key


class Difference(NamedTuple):
    """A cell that is not right.

    Attributes:
        series: Of which series.
        segment: Of which segment.
        tile: At which tile.
        held: What is held; 0 if nothing is.
        right: What it should be; 0 if it should not be.
    """

    series: Series
    segment: Segment
    tile: int
    held: int
    right: int


def cells_of(chunks: Mapping[bytes, bytes]) -> dict[Key, Cells]:
    """Returns the cells of packed chunks, added up as a reader of a board adds them up.

    Raises:
        msgspec.DecodeError: If the bytes are no packed chunks.
    """
    found: dict[Key, Cells] = {}
    for packed_key, packed in chunks.items():
        series, segment, _ = unpack_key(packed_key)
        cells = found.setdefault((series, segment), {})
        for tile, delta in unpack_cells(packed).items():
            cells[tile] = cells.get(tile, 0) + delta
    return found


def differences(held: Mapping[Key, Cells], right: Mapping[Key, Cells]) -> Iterator[Difference]:
    """Yields each cell that differs, by series, segment and tile.

    >>> [*differences({(("mrr",), ()): {5: 100}}, {(("mrr",), ()): {5: 99, 6: 0}})]
    [Difference(series=('mrr',), segment=(), tile=5, held=100, right=99)]
    """
    for key in sorted(held.keys() | right.keys()):
        there, wanted = held.get(key, {}), right.get(key, {})
        if there != wanted:
            for tile in sorted(there.keys() | wanted.keys()):
                one, other = there.get(tile, 0), wanted.get(tile, 0)
                if one != other:
                    yield Difference(*key, tile, one, other)
