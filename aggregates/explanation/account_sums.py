"""The prefix sums of measures in segments of one account each, exchanged account by account.

Of each measure all accounts lie in a few arrays, so that thousands of accounts take little room and
are read at once. Exchanging some of them copies the others, so that waits until somebody reads.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from aggregates.ledger.in_rows import Indices, indices
from aggregates.ledger.integers import narrowed
from aggregates.ledger.measure import Measure, Segment
from aggregates.ledger.series_cells import SeriesCells, no_cells
from aggregates.reading.layout import Layout, NumberedSeries
from aggregates.reading.prefix_sums import MeasureSums


class AccountSums:
    """Prefix sums by measure; an account is told by its shard's number and its id.

    The id comes last in its segments.
    """

    def __init__(self) -> None:
        self._owners: dict[tuple[int, str], int] = {}
        self._of: dict[str, _MeasureCells] = {}

    def exchange(
        self, shard: int, accounts: Iterable[str], cells: SeriesCells, measures: Collection[str]
    ) -> None:
        """Takes what accounts of a shard have now in some measures in place of what they had."""
        gone = indices([self._owner(shard, account) for account in accounts])
        owner_of = indices([self._owner(shard, segment[-1]) for segment in cells.segments])
        names = {name: number for number, name in enumerate(measures)}
        name_of = indices([names.get(series[0], -1) for series in cells.series])[cells.series_of]
        order = np.argsort(name_of, kind="stable")
        bounds = name_of[order].searchsorted(np.arange(len(names) + 1)).tolist()
        for name, begin, end in zip(names, bounds, bounds[1:], strict=False):
            rows = order[begin:end]
            if len(rows) or name in self._of:
                held = self._of.setdefault(name, _MeasureCells())
                held.exchange(gone, cells.chosen(rows), owner_of[cells.segment_of[rows]])

    def forget(self, shard: int) -> None:
        """Forgets the accounts of a shard."""
        accounts = [account for number, account in self._owners if number == shard]
        self.exchange(shard, accounts, no_cells(), self._of.keys())

    def segments_of(self, measure: str) -> tuple[Segment, ...]:
        """Returns the segments of a measure that hold a cell."""
        held = self._of.get(measure)
        return () if held is None else held.layout.segments

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure; see ``Sums``."""
        held = self._of.get(measure.name) or _MeasureCells()
        return held.sums(measure, by_filter=by_filter)

    def _owner(self, shard: int, account: str) -> int:
        return self._owners.setdefault((shard, account), len(self._owners))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Series that were taken together.

    Attributes:
        gone: Owners that have nothing else.
        cells: The series.
        owners: Whose each is.
    """

    gone: Indices
    cells: SeriesCells
    owners: Indices

    def without(self, gone: Indices) -> "_Part":
        """Returns the series of other owners."""
        stays = np.isin(self.owners, gone, invert=True)
        if stays.all():
            return self
        return _Part(self.gone, self.cells.chosen(np.flatnonzero(stays)), self.owners[stays])


class _MeasureCells:
    """The cells of a measure: series after series, each of a segment of one account."""

    def __init__(self) -> None:
        self._part = _Part(indices([]), no_cells(), indices([]))
        self._waiting: list[_Part] = []
        self._waiting_size = 0
        self._layout: Layout | None = None
        self._sums: dict[bool, MeasureSums] = {}

    def exchange(self, gone: Indices, new: SeriesCells, owners: Indices) -> None:
        """Takes series, and whose they are, in place of all those of some owners."""
        self._waiting.append(_Part(gone, new, owners))
        self._waiting_size += len(gone) + len(new.tiles)
        if self._waiting_size > len(self._part.cells.tiles):  # perhaps nobody ever reads
            self._join()

    def _join(self) -> None:
        """Exchanges all that waits, at once."""
        later = indices([])
        parts: list[_Part] = []
        for part in reversed([self._part, *self._waiting]):  # of an owner the last counts
            parts.append(part.without(later))
            later = np.append(later, part.gone)
        self._waiting, self._waiting_size = [], 0
        first, *others = [part for part in reversed(parts) if len(part.owners)] or parts[:1]
        if not others and first is self._part:
            return
        cells = first.cells.followed_by(*(part.cells for part in others))
        owners = np.concatenate([first.owners, *(part.owners for part in others)])
        self._part = _Part(indices([]), cells, owners)
        self._layout = None
        self._sums.clear()

    @property
    def cells(self) -> SeriesCells:
        """The cells, all that was exchanged by now included."""
        if self._waiting:
            self._join()
        return self._part.cells

    @property
    def layout(self) -> Layout:
        """The layout of the series."""
        cells = self.cells
        if self._layout is None:
            self._layout = _layout(cells)
        return self._layout

    def sums(self, measure: Measure, *, by_filter: bool) -> MeasureSums:
        """Returns the prefix sums, kept until something is exchanged."""
        cells, is_whole = self.cells, by_filter or not measure.filters
        found = self._sums.get(is_whole)
        if found is None:
            found = _sums(self.layout, cells) if is_whole else _totals(measure, cells)
            self._sums[is_whole] = found
        return found


def _totals(measure: Measure, cells: SeriesCells) -> MeasureSums:
    """Adds up what differs only in the values of filters."""
    totals = cells.named([*map(measure.unfiltered, cells.series)], keeps_zeros=True)
    return _sums(_layout(totals), totals)


def _layout(cells: SeriesCells) -> Layout:
    return Layout(NumberedSeries(cells.series), cells.segments, cells.series_of, cells.segment_of)


def _sums(layout: Layout, cells: SeriesCells) -> MeasureSums:
    return MeasureSums(layout, cells.lengths, cells.tiles, narrowed(cells.sums()))
