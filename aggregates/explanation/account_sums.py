"""The prefix sums of measures in segments of one account each, exchanged account by account.

Of each measure all accounts lie in a few arrays, so that thousands of accounts take little room and
are read at once. Exchanging some of them copies the others.
"""

from collections.abc import Collection, Iterable

import numpy as np

from aggregates.ledger.gathered import SeriesCells
from aggregates.ledger.in_rows import (
    Indices,
    begins_after,
    begins_of,
    ranges,
    running_sums_of,
)
from aggregates.ledger.integers import Integers, narrowed
from aggregates.ledger.measure import Column, Measure, Segment, Series
from aggregates.reading.layout import Layout
from aggregates.reading.prefix_sums import MeasureSums

_NONE = np.zeros(0, dtype=np.int64)


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
        gone = np.array([self._owner(shard, account) for account in accounts], dtype=np.int64)
        places: dict[str, list[int]] = {name: [] for name in measures}
        for place, (series, _) in enumerate(cells.keys):
            if (found := places.get(series[0])) is not None:
                found.append(place)
        begins = begins_after(cells.lengths)
        for name, chosen in places.items():
            if not chosen and name not in self._of:
                continue
            keys = [cells.keys[place] for place in chosen]
            owners = [self._owner(shard, segment[-1]) for _, segment in keys]
            lengths = cells.lengths[chosen]
            those = ranges(begins[chosen], lengths)
            new = SeriesCells(keys, lengths, cells.tiles[those], cells.deltas[those])
            self._of.setdefault(name, _MeasureCells()).exchange(gone, owners, new)

    def forget(self, shard: int) -> None:
        """Forgets the accounts of a shard."""
        accounts = [account for number, account in self._owners if number == shard]
        self.exchange(shard, accounts, SeriesCells((), _NONE, _NONE, _NONE), self._of.keys())

    def segments_of(self, measure: str) -> tuple[Segment, ...]:
        """Returns the segments of a measure that hold a cell."""
        held = self._of.get(measure)
        return () if held is None else held.layout.segments

    def of(self, measure: Measure, *, by_filter: bool = False) -> MeasureSums:
        """Returns the prefix sums of a measure; see ``Sums``."""
        return self._of.get(measure.name, _NOTHING).sums(measure, by_filter=by_filter)

    def _owner(self, shard: int, account: str) -> int:
        return self._owners.setdefault((shard, account), len(self._owners))


class _MeasureCells:
    """The cells of a measure: series after series, each of a segment of one account."""

    def __init__(self) -> None:
        self._series: dict[Series, int] = {}
        self._segments: dict[Segment, int] = {}
        self._series_of = self._segment_of = self._owner_of = self._lengths = _NONE
        self._tiles: Column = _NONE
        self._deltas: Integers = _NONE
        self._layout: Layout | None = None
        self._sums: dict[bool, MeasureSums] = {}

    def exchange(self, gone: Indices, owners: list[int], new: SeriesCells) -> None:
        """Takes series in place of all those of some owners."""
        stays = np.isin(self._owner_of, gone, invert=True)
        if not owners and stays.all():
            return
        cell_stays = np.repeat(stays, self._lengths)
        series = [self._series.setdefault(key, len(self._series)) for key, _ in new.keys]
        segments = [self._segments.setdefault(key, len(self._segments)) for _, key in new.keys]
        self._series_of = np.append(self._series_of[stays], _numbers(series))
        self._segment_of = np.append(self._segment_of[stays], _numbers(segments))
        self._owner_of = np.append(self._owner_of[stays], _numbers(owners))
        self._lengths = np.append(self._lengths[stays], new.lengths)
        self._tiles = np.append(self._tiles[cell_stays], new.tiles)
        self._deltas = np.append(self._deltas[cell_stays], new.deltas)
        self._layout = None
        self._sums.clear()

    @property
    def layout(self) -> Layout:
        """The layout of the series."""
        if self._layout is None:
            self._layout = Layout(
                tuple(self._series), tuple(self._segments), self._series_of, self._segment_of
            )
        return self._layout

    def sums(self, measure: Measure, *, by_filter: bool) -> MeasureSums:
        """Returns the prefix sums, kept until something is exchanged."""
        is_whole = by_filter or not measure.filters
        found = self._sums.get(is_whole)
        if found is None:
            found = self._sums[is_whole] = self._whole() if is_whole else self._totals(measure)
        return found

    def _whole(self) -> MeasureSums:
        sums = narrowed(running_sums_of(self._deltas, self._lengths))
        return MeasureSums(self.layout, self._lengths, self._tiles, sums)

    def _totals(self, measure: Measure) -> MeasureSums:
        """Adds up what differs only in the values of filters; a tile may be there repeatedly."""
        begin = measure.depth
        end = begin + len(measure.filters)
        totals: dict[Series, int] = {}
        total_of = _numbers(
            [totals.setdefault(s[:begin] + s[end:], len(totals)) for s in self._series]
        )
        group_of = total_of[self._series_of] * len(self._segments) + self._segment_of
        groups, number_of = np.unique(group_of, return_inverse=True)
        cell_group = np.repeat(number_of, self._lengths)
        order = np.lexsort((self._tiles, cell_group))
        lengths = np.diff(begins_of(cell_group[order]), append=len(order))
        sums = narrowed(running_sums_of(self._deltas[order], lengths))
        series_of, segment_of = np.divmod(groups, max(len(self._segments), 1))
        layout = Layout(tuple(totals), tuple(self._segments), series_of, segment_of)
        return MeasureSums(layout, lengths, self._tiles[order], sums)


_NOTHING = _MeasureCells()


def _numbers(numbers: list[int]) -> Indices:
    return np.array(numbers, dtype=np.int64)
