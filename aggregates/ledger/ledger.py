"""The ledger: sparse integer cells ``(series, segment) -> {tile -> delta}`` and their prefix sums.

Integer addition is exact, associative and has an inverse, so ledgers add, subtract and merge in any
order with the same outcome, bit for bit. The packed form travels in chunks of tiles: what one flush
changes is a few chunks, however long the history is.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from aggregates.ledger.integers import Integers, deltas_of, integers, running_sums
from aggregates.ledger.measure import Contribution, Segment, Series
from aggregates.ledger.told_sums import Key, Prefix, ToldSums

Cells = dict[int, int]
ChunkKey = tuple[Series, Segment, int]

_NEVER: Final = 1 << 40
"""Number of a chunk that there is none of."""

CHUNK_TILES: Final = 1024
"""Tiles of a chunk, about ten days: late events touch few old chunks, a full copy has few chunks.
"""


class _Stale:
    """Running sums of a series as they were, and the first chunk that changed since."""

    __slots__ = ("first", "prefix")

    def __init__(self, prefix: Prefix) -> None:
        self.prefix = prefix
        self.first = _NEVER

    def with_cells(self, chunks: dict[int, Cells]) -> Prefix:
        """Returns the running sums as they are now, those before the first change as they were."""
        tiles, sums = self.prefix
        kept = int(tiles.searchsorted(self.first * CHUNK_TILES))
        later = [cells for number, cells in chunks.items() if number >= self.first]
        new_tiles, deltas = _in_order(dict(chain.from_iterable(c.items() for c in later)))
        if kept:
            deltas = np.concatenate([sums[kept - 1 : kept], deltas])
        new_sums = running_sums(deltas)[min(kept, 1) :]
        return np.concatenate([tiles[:kept], new_tiles]), np.concatenate([sums[:kept], new_sums])


def _in_order(cells: Cells) -> tuple[NDArray[np.int64], Integers]:
    """Returns the tiles of cells, ascending, and the deltas at each."""
    tiles = np.fromiter(cells.keys(), dtype=np.int64, count=len(cells))
    order = np.argsort(tiles)
    return tiles[order], integers(cells.values())[order]


def _cells(prefix: Prefix, begin: int = 0, end: int | None = None) -> Cells:
    """Returns the cells of running sums, or of a part of them."""
    tiles, sums = prefix
    before = max(begin - 1, 0)  # a delta is told from the sum before it
    deltas = deltas_of(sums[before:end])[begin - before :]
    return dict(zip(tiles[begin:end].tolist(), deltas.tolist(), strict=True))


def _split(prefix: Prefix) -> Iterator[tuple[int, Cells]]:
    """Yields the chunks of running sums by number, ascending; most series have few cells."""
    number, before = _NEVER, 0
    cells: Cells = {}
    for tile, total in zip(*(each.tolist() for each in prefix), strict=True):
        if tile // CHUNK_TILES != number:
            if cells:
                yield number, cells
            number, cells = tile // CHUNK_TILES, {}
        cells[tile] = total - before
        before = total
    yield number, cells


class Ledger:
    """Cells of all series, with an index by measure and a note of the chunks that changed.

    A series whose running sums were given lies as these until one of its cells changes.

    Shapes: a cell is one integer (micro-units of money, ms, or a count) at one tile; zero cells are
    not kept.

    >>> ledger = Ledger()
    >>> ledger.add(("mrr",), ("smb",), 5, 100)
    >>> ledger.add(("mrr",), ("smb",), 9, -40)
    >>> [ledger.level(("mrr",), ("smb",), edge) for edge in (5, 6, 10)]
    [0, 100, 60]
    """

    def __init__(self, sums: dict[Key, Prefix] | None = None) -> None:
        """Makes a ledger of the running sums of series, none of them empty; all is changed."""
        self._chunks: dict[Key, dict[int, Cells]] = {}
        self._index: dict[str, dict[Key, None]] = {}
        self._revisions: dict[str, int] = {}
        self._prefixes = {} if sums is None else sums
        self._stale: dict[Key, _Stale] = {}
        self._told: dict[str, ToldSums] = {}
        self._changed: set[ChunkKey] | None = None if sums else set()
        for key in self._prefixes:
            self._index.setdefault(key[0][0], {})[key] = None

    @property
    def changed(self) -> set[ChunkKey]:
        """The chunks that changed since they were last told."""
        if self._changed is None:
            self._changed = set(self.chunks())
        return self._changed

    @changed.setter
    def changed(self, chunks: set[ChunkKey]) -> None:
        self._changed = chunks

    def add(self, series: Series, segment: Segment, tile: int, delta: int) -> None:
        """Adds a delta to a cell."""
        self.apply(((series, tile, delta),), segment)

    def apply(self, contributions: Iterable[Contribution], segment: Segment, sign: int = 1) -> None:
        """Adds (``sign`` 1) or subtracts (``sign`` -1) contributions under a segment."""
        last: Series | None = None
        last_number: int | None = None
        stale: _Stale | None = None
        chunks: dict[int, Cells] = {}
        cells: Cells = {}
        changed = self.changed
        for series, tile, delta in contributions:
            if series is not last:  # contributions mostly come series by series
                last, last_number = series, None
                chunks = self._chunks_of((series, segment))
                stale = self._stale.get((series, segment)) if self._stale else None
            number = tile // CHUNK_TILES
            if number != last_number:
                last_number = number
                changed.add((series, segment, number))
                if stale is not None and number < stale.first:
                    stale.first = number
                if (found := chunks.get(number)) is None:
                    found = chunks[number] = {}
                cells = found
            value = cells.get(tile, 0) + sign * delta
            if value:
                cells[tile] = value
            else:
                cells.pop(tile, None)

    def _chunks_of(self, key: Key) -> dict[int, Cells]:
        """Returns the chunks of a series to be changed, so that its prefix sums no longer hold."""
        name = key[0][0]
        self._revisions[name] = self._revisions.get(name, 0) + 1
        if (told := self._told.get(name)) is not None:
            told.changed[key] = None
        sums = self._prefixes.pop(key, None) if self._prefixes else None
        chunks = self._chunks.get(key)
        if chunks is None:
            chunks = self._chunks[key] = {}
            self._index.setdefault(name, {})[key] = None
            for tile, delta in () if sums is None else _cells(sums).items():
                chunks.setdefault(tile // CHUNK_TILES, {})[tile] = delta
        elif sums is not None:
            self._stale[key] = _Stale(sums)
        return chunks

    @property
    def cells(self) -> dict[Key, Cells]:
        """All cells, copied: by series and segment, then by tile."""
        return {key: self._cells_of(key) for keys in self._index.values() for key in keys}

    def _cells_of(self, key: Key) -> Cells:
        if key not in self._chunks and (sums := self._prefixes.get(key)) is not None:
            return _cells(sums)
        return dict(chain.from_iterable(c.items() for c in self._chunks.get(key, {}).values()))

    def merge(self, other: "Ledger", sign: int = 1) -> None:
        """Adds (``sign`` 1) or subtracts (``sign`` -1) another ledger."""
        for (series, segment), cells in other.cells.items():
            self.apply(((series, tile, delta) for tile, delta in cells.items()), segment, sign)

    def replace_chunk(self, key: ChunkKey, old: Cells, new: Cells) -> None:
        """Exchanges one contributor's cells of a chunk for its new ones."""
        series, segment, _ = key
        tiles = {tile for tile, _ in old.items() ^ new.items()}  # of many cells few differ
        self.apply([(series, t, new.get(t, 0) - old.get(t, 0)) for t in tiles], segment)

    def chunk(self, key: ChunkKey) -> Cells:
        """Returns the cells of one chunk; not to be changed."""
        series, segment, number = key
        chunks = self._chunks.get((series, segment))
        if chunks is not None:
            return chunks.get(number, {})
        if (prefix := self._prefixes.get((series, segment))) is None:
            return {}
        first = number * CHUNK_TILES
        begin, end = prefix[0].searchsorted((first, first + CHUNK_TILES)).tolist()
        return _cells(prefix, begin, end)

    def chunks(self) -> Iterator[ChunkKey]:
        """Yields the key of every chunk that holds a cell."""
        for keys in self._index.values():
            for key in keys:
                chunks = self._chunks.get(key)
                if chunks is None:
                    numbers = np.unique(self._prefixes[key][0] // CHUNK_TILES).tolist()
                else:
                    numbers = [number for number, cells in chunks.items() if cells]
                for number in numbers:
                    yield *key, number

    def every_chunk(self) -> Iterator[tuple[ChunkKey, Cells]]:
        """Yields every chunk that holds a cell, with its cells; these are not to be changed."""
        for keys in self._index.values():
            for key in keys:
                chunks = self._chunks.get(key)
                parts = _split(self._prefixes[key]) if chunks is None else chunks.items()
                for number, cells in parts:
                    if cells:
                        yield (*key, number), cells

    def revision(self, measure: str) -> int:
        """Returns a number that grows whenever a series of a measure may change."""
        return self._revisions.get(measure, 0)

    def prefixes(self, measure: str) -> tuple[list[Key], list[Prefix]]:
        """Returns the series and segments of a measure that hold a cell, and the sums of each.

        Of a series that did not change these are the very same objects as before, and of a measure
        the same lists; they are not to be changed.
        """
        told = self._told.get(measure)
        if told is None:
            told = self._told[measure] = ToldSums(self._index.get(measure, ()))
        if told.changed:
            told.refresh(self.prefix)
        return told.keys, told.prefixes

    def every_prefix(self) -> dict[Key, Prefix]:
        """Returns the running sums of every series and segment that holds a cell."""
        every = map(self.prefixes, self._index)
        return {key: prefix for told in every for key, prefix in zip(*told, strict=True)}

    def prefix(self, series: Series, segment: Segment) -> Prefix:
        """Returns a series' tiles, ascending, and the running sums of its deltas."""
        key = (series, segment)
        prefix = self._prefixes.get(key)
        if prefix is None:
            stale = self._stale.pop(key, None)
            if stale is not None:
                prefix = stale.with_cells(self._chunks[key])
            else:
                tiles, deltas = _in_order(self._cells_of(key))
                prefix = tiles, running_sums(deltas)
            self._prefixes[key] = prefix
        return prefix

    def level(self, series: Series, segment: Segment, edge: int) -> int:
        """Returns the sum of a series' deltas before a tile edge."""
        tiles, sums = self.prefix(series, segment)
        before = int(np.searchsorted(tiles, edge, side="left"))
        return int(sums[before - 1]) if before else 0

    def __eq__(self, other: object) -> bool:
        """Returns whether two ledgers hold the same cells."""
        if not isinstance(other, Ledger):
            return NotImplemented
        return self._held() == other._held()

    __hash__ = None  # type: ignore[assignment]  # a ledger changes

    def _held(self) -> dict[Key, Cells]:
        return {key: cells for key, cells in self.cells.items() if cells}
