"""Covers: the union of spans that each begin at a tile and last for a window.

A user active on some days is an active user of the last 30 days wherever one of those days is at
most 30 days back: the union of the spans, kept as deltas. ``cover`` gives the whole; with
``cover_change`` one more beginning changes a few deltas beside it, with the same outcome.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from aggregates.ledger.measure import (
    Columns,
    Contribution,
    Deltas,
    Segment,
    Series,
    SeriesOutline,
)
from aggregates.time.calendar import Calendar
from aggregates.time.tile import NEVER, Tiles

End = Callable[[int], int]

Places = NDArray[np.intp]

Spans = list[tuple[int, int]]
"""Spans ``[begin, end)`` of tiles, ascending, apart from each other."""


def cover(series: Series, end: End, tiles: Sequence[int], times: int = 1) -> Deltas:
    """Yields the deltas of the union of spans, or of where several of them overlap.

    Args:
        series: The series that counts it.
        end: Returns the tile at which a span that begins at a tile is over; must not decrease.
        tiles: The beginnings, ascending.
        times: How many spans must overlap.

    >>> active = ("active_users", "10t")
    >>> [delta[1:] for delta in cover(active, lambda tile: tile + 10, [5, 8, 40])]
    [(5, 1), (18, -1), (40, 1), (50, -1)]
    >>> [delta[1:] for delta in cover(active, lambda tile: tile + 10, [5, 8, 40], times=2)]
    [(8, 1), (15, -1)]
    """
    over: int | None = None
    for first, tile in zip(tiles, tiles[times - 1 :], strict=False):
        until = end(first)
        if until <= tile:
            continue
        if over is None:
            yield series, tile, 1
        elif tile > over:
            yield series, over, -1
            yield series, tile, 1
        over = until
    if over is not None:
        yield series, over, -1


class Covered(SeriesOutline, frozen=True, gc=False, eq=False):
    """The cover of spans of some local days.

    Attributes:
        series: The series that counts it.
        calendar: Knows the days.
        days: How many days a span lasts, that of its beginning included.
        tiles: The beginnings, ascending.
        times: How many spans must overlap.
    """

    calendar: Calendar
    days: int
    tiles: Sequence[int]
    times: int = 1

    @property
    @override
    def length(self) -> int:
        return len(self.tiles)

    @override
    def changes(self) -> Tiles:
        if len(self.tiles) < self.times:
            return np.zeros((2, 0), dtype=np.int64)
        tiles = np.asarray(self.tiles, dtype=np.int64)
        alone = np.zeros(len(tiles), dtype=np.intp)
        _, begins, ends = covers(self.calendar, self.days, tiles, alone, self.times)
        changes = np.empty((2, 2 * len(begins)), dtype=np.int64)
        changes[0, ::2], changes[1, ::2] = begins, 1
        changes[0, 1::2], changes[1, 1::2] = ends, -1
        return changes

    @classmethod
    @override
    def together(cls) -> "_Covers":
        return _Covers()


class _Covers:
    """Covers of spans of days, in columns."""

    def __init__(self) -> None:
        self._alike: dict[tuple[int, int], list[tuple[Covered, Segment]]] = {}

    def take(self, outline: Covered, segment: Segment) -> int:
        if len(outline.tiles) >= outline.times:
            alike = self._alike.setdefault((outline.days, outline.times), [])
            alike.append((outline, segment))
        return len(outline.tiles)

    def move_to(self, columns: Columns) -> None:
        for (days, times), taken in self._alike.items():
            calendar = taken[0][0].calendar
            series = [columns.number(outline.series, segment) for outline, segment in taken]
            tiles, units = _laid_out([outline.tiles for outline, _ in taken])
            units, begins, ends = covers(calendar, days, tiles, units, times)
            rows, ones = np.array(series, dtype=np.int64)[units], np.ones_like(begins)
            columns.put(rows, begins, ones)
            columns.put(rows, ends, -ones)


def _laid_out(numbers: Sequence[Sequence[int] | Tiles]) -> tuple[Tiles, Places]:
    """Returns the numbers of all, those of each next to each other, and whose each is."""
    lengths = [len(own) for own in numbers]
    whole = np.concatenate([np.asarray(own, dtype=np.int64) for own in numbers])
    return whole, np.repeat(np.arange(len(lengths)), lengths)


def covers(
    calendar: Calendar, days: int, tiles: Tiles, units: Places, times: int = 1
) -> tuple[Places, Tiles, Tiles]:
    """Returns the unions of spans of local days, or of where several of them overlap.

    Args:
        calendar: Knows the days.
        days: How many days a span lasts, that of its beginning included.
        tiles: The beginnings, ascending in each unit; at least as many as must overlap.
        units: To which unit each belongs, those of one unit next to each other.
        times: How many spans of one unit must overlap.

    Returns:
        The unit of each span of the unions, its begin and its end, in order.

    >>> units, begins, ends = covers(Calendar(), 1, np.array([5, 8, 300]), np.array([0, 0, 0]))
    >>> begins.tolist(), ends.tolist()
    ([5, 300], [96, 384])
    """
    first, last = slice(len(tiles) - times + 1), slice(times - 1, None)
    ends = calendar.days_ends(days, tiles[first])
    overlap = (units[first] == units[last]) & (ends > tiles[last])
    begins, ends, units = tiles[last][overlap], ends[overlap], units[last][overlap]
    apart = np.ones(len(units) + 1, dtype=np.bool_)
    apart[1:-1] = (units[1:] != units[:-1]) | (begins[1:] > ends[:-1])
    return units[apart[:-1]], begins[apart[:-1]], ends[apart[1:]]


class Column(SeriesOutline, frozen=True, gc=False, eq=False):
    """Changes of one series.

    Attributes:
        series: The series.
        tiles: Where it changes, in any order.
        deltas: By how much at each; None for one at each.
    """

    tiles: Sequence[int] | NDArray[np.int64]
    deltas: NDArray[np.int64] | None = None

    @property
    @override
    def length(self) -> int:
        return len(self.tiles)

    @override
    def changes(self) -> Tiles:
        tiles = np.asarray(self.tiles, dtype=np.int64)
        changes = np.ones((2, len(tiles)), dtype=np.int64)
        changes[0] = tiles
        if self.deltas is not None:
            changes[1] = self.deltas
        return changes

    @classmethod
    @override
    def together(cls) -> "_Changes":
        return _Changes()


class _Changes:
    """Changes of several series, in columns."""

    def __init__(self) -> None:
        self._taken: list[tuple[Column, Segment]] = []

    def take(self, outline: Column, segment: Segment) -> int:
        self._taken.append((outline, segment))
        return len(outline.tiles)

    def move_to(self, columns: Columns) -> None:
        series = [columns.number(outline.series, segment) for outline, segment in self._taken]
        tiles, places = _laid_out([outline.tiles for outline, _ in self._taken])
        deltas = [
            np.ones(len(outline.tiles), dtype=np.int64)
            if outline.deltas is None
            else outline.deltas
            for outline, _ in self._taken
        ]
        columns.put(np.array(series, dtype=np.int64)[places], tiles, np.concatenate(deltas))


def cover_change(
    series: Series, end: End, previous: int | None, tile: int, following: int | None
) -> tuple[Contribution, ...]:
    """Returns the deltas of a cover by which a new beginning changes it.

    Args:
        series: The series that counts it.
        end: Returns the tile at which a span that begins at a tile is over; must not decrease.
        previous: The beginning before it, or None.
        tile: The new beginning.
        following: The beginning after it, or None.

    >>> active = ("active_users", "10t")
    >>> [delta[1:] for delta in cover_change(active, lambda tile: tile + 10, None, 5, None)]
    [(5, 1), (15, -1)]
    >>> [delta[1:] for delta in cover_change(active, lambda tile: tile + 10, 5, 8, None)]
    [(15, 1), (18, -1)]
    """
    over = end(tile)
    if following is not None and following < over:
        over = following
    begin = tile
    if previous is not None:
        before = end(previous)
        if following is not None and following < before:
            before = following
        if before > tile:
            begin = before
    if begin != over:
        return (series, begin, 1), (series, over, -1)
    return ()


def spans_of(end: End, tiles: Sequence[int]) -> Spans:
    """Returns the union of spans that begin at tiles.

    >>> spans_of(lambda tile: tile + 10, [5, 8, 40])
    [(5, 18), (40, 50)]
    """
    deltas = [tile for _, tile, _ in cover((), end, tiles)]
    return list(zip(deltas[::2], deltas[1::2], strict=True))


def gaps(spans: Spans) -> Spans:
    """Returns what lies outside of spans.

    >>> gaps([(5, 18), (40, 50)]) == [(0, 5), (18, 40), (50, NEVER)]
    True
    """
    edges = [0, *(tile for span in spans for tile in span), NEVER]
    return [(begin, over) for begin, over in pairwise(edges)][::2]


def within(changes: Iterable[Contribution], spans: Spans) -> Deltas:
    """Yields what holds within spans of what begins and is over, each pair of deltas in turn.

    >>> held = [(("active",), 5, 1), (("active",), 18, -1)]
    >>> [delta[1:] for delta in within(held, [(0, 7), (9, 30)])]
    [(5, 1), (7, -1), (9, 1), (18, -1)]
    """
    following = iter(changes)
    for (series, begin, delta), (_, over, _) in zip(following, following, strict=True):
        for first, last in spans:
            low, high = max(begin, first), min(over, last)
            if low < high:
                yield series, low, delta
                yield series, high, -delta
