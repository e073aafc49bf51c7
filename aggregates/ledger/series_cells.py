"""The cells of many series in columns, those of one series after those of the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np

from aggregates.ledger.in_rows import (
    Indices,
    begins_after,
    deltas_in,
    indices,
    ranges,
    running_sums_of,
)
from aggregates.ledger.integers import Integers, narrowed
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Column, Segment, Series
from aggregates.ledger.row_cells import added_up
from aggregates.ledger.told_sums import Key, Prefix

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class SeriesCells:
    """Series of segments, and their cells. None is without a cell.

    Attributes:
        series: The series, each once.
        segments: The segments, each once.
        series_of: The number, in ``series``, of each series of a segment.
        segment_of: The same of its segment.
        lengths: How many cells each has.
        tiles: The tiles of the cells, of each ascending.
        deltas: By how much it changes there.
    """

    series: Sequence[Series]
    segments: Sequence[Segment]
    series_of: Indices
    segment_of: Indices
    lengths: Indices
    tiles: Column
    deltas: Integers

    def keys(self) -> list[Key]:
        """Returns the series and their segments."""
        pairs = zip(self.series_of.tolist(), self.segment_of.tolist(), strict=True)
        return [(self.series[series], self.segments[segment]) for series, segment in pairs]

    def sums(self) -> Integers:
        """Returns the running sums of the deltas of each series."""
        return running_sums_of(self.deltas, self.lengths)

    def prefixes(self) -> dict[Key, Prefix]:
        """Returns the tiles of each series, and the running sums of its deltas."""
        sums = self.sums()
        wide = sums.dtype == object
        found: dict[Key, Prefix] = {}
        begin = 0
        for key, end in zip(self.keys(), np.cumsum(self.lengths).tolist(), strict=True):
            own = sums[begin:end]
            found[key] = self.tiles[begin:end], narrowed(own) if wide else own
            begin = end
        return found

    def chosen(self, rows: Indices) -> Self:
        """Returns some of the series, by their places."""
        lengths = self.lengths[rows]
        cells = ranges(begins_after(self.lengths)[rows], lengths)
        series, series_of = _used(self.series, self.series_of[rows])
        segments, segment_of = _used(self.segments, self.segment_of[rows])
        return replace(
            self,
            series=series,
            segments=segments,
            series_of=series_of,
            segment_of=segment_of,
            lengths=lengths,
            tiles=self.tiles[cells],
            deltas=narrowed(self.deltas[cells]),  # what was wide may be of others
        )

    def followed_by(self, *more: Self) -> Self:
        """Returns these series and then those."""
        parts = [self, *more]
        series, series_of = _joined((part.series, part.series_of) for part in parts)
        segments, segment_of = _joined((part.segments, part.segment_of) for part in parts)
        return replace(
            self,
            series=series,
            segments=segments,
            series_of=series_of,
            segment_of=segment_of,
            lengths=np.concatenate([part.lengths for part in parts]),
            tiles=np.concatenate([part.tiles for part in parts]),
            deltas=np.concatenate([part.deltas for part in parts]),
        )

    def named(
        self,
        series: Sequence[Series] | None = None,
        segments: Sequence[Segment] | None = None,
        *,
        keeps_zeros: bool = False,
    ) -> Self:
        """Returns the cells under other names; what is of one name then is added up.

        Args:
            series: The name of each series; None for those that they have.
            segments: The same of segments.
            keeps_zeros: Whether cells stay that add up to 0: something was there.
        """
        all_series, series_of = _named(self.series if series is None else series)
        all_segments, segment_of = _named(self.segments if segments is None else segments)
        pairs = series_of[self.series_of] * len(all_segments) + segment_of[self.segment_of]
        pairs, pair_of = np.unique(pairs, return_inverse=True)
        rows = np.repeat(pair_of, self.lengths)
        rows, lengths, tiles, deltas = added_up(
            rows, self.tiles, self.deltas, keeps_zeros=keeps_zeros
        )
        series_of, segment_of = np.divmod(pairs[rows], max(len(all_segments), 1))
        return replace(
            self,
            series=all_series,
            segments=all_segments,
            series_of=series_of,
            segment_of=segment_of,
            lengths=lengths,
            tiles=tiles,
            deltas=deltas,
        )


def no_cells() -> SeriesCells:
    """Returns no series."""
    none = np.zeros(0, dtype=np.int64)
    return SeriesCells((), (), none, none, none, none, none)


def cells_of(ledger: Ledger) -> SeriesCells:
    """Returns the cells of a ledger in columns, as they go from one process to another."""
    every = ledger.every_prefix()
    if not every:
        return no_cells()
    series, series_of = _named([series for series, _ in every])
    segments, segment_of = _named([segment for _, segment in every])
    tiles, sums = zip(*every.values(), strict=True)
    lengths = indices([len(own) for own in tiles])
    deltas = deltas_in(np.concatenate(sums), lengths)
    return SeriesCells(
        series, segments, series_of, segment_of, lengths, np.concatenate(tiles), deltas
    )


def summed(parts: Iterable[SeriesCells]) -> Ledger:
    """Returns the sum of ledgers whose cells are given."""
    return Ledger(no_cells().followed_by(*parts).named().prefixes())


def _used(names: Sequence[_T], number_of: Indices) -> tuple[Sequence[_T], Indices]:
    """Returns the names that are used, and their numbers among those."""
    is_used = np.zeros(len(names), dtype=np.bool_)
    is_used[number_of] = True
    if is_used.all():
        return names, number_of
    used = [names[number] for number in np.flatnonzero(is_used).tolist()]
    return used, (np.cumsum(is_used) - 1)[number_of]


def _joined(parts: Iterable[tuple[Sequence[_T], Indices]]) -> tuple[list[_T], Indices]:
    """Returns the names of all parts, each once, and the numbers of each part among those."""
    numbers: dict[_T, int] = {}
    found = []
    for names, number_of in parts:
        found.append(indices([numbers.setdefault(n, len(numbers)) for n in names])[number_of])
    return list(numbers), np.concatenate(found)


def _named(names: Sequence[_T]) -> tuple[list[_T], Indices]:
    """Returns names, each once, and the number of each."""
    return _joined([(names, np.arange(len(names)))])
