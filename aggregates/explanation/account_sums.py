"""The prefix sums of measures in segments of one account each, exchanged account by account.

Of each measure all accounts lie in a few arrays, so that thousands of accounts take little room and
are read at once. Exchanging some of them copies the others.
"""

from collections.abc import Collection, Iterable

import numpy as np

from aggregates.ledger.in_rows import Indices
from aggregates.ledger.integers import narrowed
from aggregates.ledger.measure import Measure, Segment
from aggregates.ledger.series_cells import SeriesCells, no_cells
from aggregates.reading.layout import Layout
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
        gone = _numbers([self._owner(shard, account) for account in accounts])
        owner_of = _numbers([self._owner(shard, segment[-1]) for segment in cells.segments])
        names = {name: number for number, name in enumerate(measures)}
        name_of = _numbers([names.get(series[0], -1) for series in cells.series])[cells.series_of]
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


class _MeasureCells:
    """The cells of a measure: series after series, each of a segment of one account."""

    def __init__(self) -> None:
        self._cells = no_cells()
        self._owner_of: Indices = _numbers([])
        self._layout: Layout | None = None
        self._sums: dict[bool, MeasureSums] = {}

    def exchange(self, gone: Indices, new: SeriesCells, owners: Indices) -> None:
        """Takes series, and whose they are, in place of all those of some owners."""
        stays = np.isin(self._owner_of, gone, invert=True)
        if not len(owners) and stays.all():
            return
        self._cells = self._cells.chosen(np.flatnonzero(stays)).followed_by(new)
        self._owner_of = np.append(self._owner_of[stays], owners)
        self._layout = None
        self._sums.clear()

    @property
    def layout(self) -> Layout:
        """The layout of the series."""
        if self._layout is None:
            self._layout = _layout(self._cells)
        return self._layout

    def sums(self, measure: Measure, *, by_filter: bool) -> MeasureSums:
        """Returns the prefix sums, kept until something is exchanged."""
        is_whole = by_filter or not measure.filters
        found = self._sums.get(is_whole)
        if found is None:
            found = self._whole() if is_whole else self._totals(measure)
            self._sums[is_whole] = found
        return found

    def _whole(self) -> MeasureSums:
        return _sums(self.layout, self._cells)

    def _totals(self, measure: Measure) -> MeasureSums:
        """Adds up what differs only in the values of filters."""
        begin = measure.depth
        end = begin + len(measure.filters)
        totals = self._cells.named([s[:begin] + s[end:] for s in self._cells.series])
        return _sums(_layout(totals), totals)


def _layout(cells: SeriesCells) -> Layout:
    return Layout(cells.series, cells.segments, cells.series_of, cells.segment_of)


def _sums(layout: Layout, cells: SeriesCells) -> MeasureSums:
    return MeasureSums(layout, cells.lengths, cells.tiles, narrowed(cells.sums()))


def _numbers(numbers: list[int]) -> Indices:
    return np.array(numbers, dtype=np.int64)
