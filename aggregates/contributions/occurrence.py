"""Occurrences: what happened at one time and counts for spans of time, read by window.

A ticket is created once, but it stands only while it is not deleted; an answer stands until it is
replaced. Read at ``T``, a window holds what happened inside it and stands at ``T``. What becomes
of it after ``T`` changes no reading at ``T``, and what is withdrawn after it has left a window is
not taken from that window again.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from typing_extensions import override

from aggregates.ledger.buckets import kept_as
from aggregates.ledger.integers import INT64_MAX
from aggregates.ledger.measure import Columns, Contribution, Deltas, Outline, Segment, Series
from aggregates.time.tile import TILE_MS, tile_of
from aggregates.time.window import Window

FOREVER: Final = 1 << 62
"""End, in ms, of what is not over: later than any instant of an event, and still 64 bits."""


class Occurrence(NamedTuple):
    """An occurrence and one span ``[begin, end)`` in which it stands, all in ms of the epoch.

    Attributes:
        position_ms: When it happened: what decides to which windows it belongs.
        begin_ms: From when on it stands, if not only from its position on.
        end_ms: When it no longer stands.
    """

    position_ms: int
    begin_ms: int
    end_ms: int = FOREVER


class Ranked(NamedTuple):
    """One of several occurrences of which only the latest that stands counts.

    Attributes:
        rank: Its place among them: its position in time first, then whatever breaks ties.
        occurrence: Where it stands.
        value: What it says.
    """

    rank: tuple[Any, ...]
    occurrence: Occurrence
    value: Any


def level(series: Series, begin_ms: int, end_ms: int) -> Deltas:
    """Yields one unit of a level during a span.

    >>> list(level(("backlog",), 0, 900_000))
    [(('backlog',), 0, 1), (('backlog',), 1, -1)]
    >>> list(level(("backlog",), 0, FOREVER)), list(level(("backlog",), 0, 1))
    ([(('backlog',), 0, 1)], [])
    """
    begin, end = tile_of(begin_ms), tile_of(end_ms)
    if begin < end:
        yield series, begin, 1
        if end_ms != FOREVER:
            yield series, end, -1


class Windowed(Outline, frozen=True, gc=False):
    """An occurrence in each window: its amount where the window holds it and it stands.

    Attributes:
        name: The measure.
        windows: The windows.
        labels: What follows the window in the series.
        position: The tile in which it happened.
        begin: The tile from which on it stands, not before its position.
        end: The tile from which on it no longer stands.
        amount: What it adds.
    """

    name: str
    windows: Sequence[Window]
    labels: tuple[str, ...]
    position: int
    begin: int
    end: int
    amount: int

    @override
    def contributions(self) -> list[Contribution]:
        found: list[Contribution] = []
        begin, amount = self.begin, self.amount
        for window in self.windows:
            end = min(window.end(self.position), self.end)
            if begin < end:
                series = (self.name, window.name, *self.labels)
                found += ((series, begin, amount), (series, end, -amount))
        return found

    @classmethod
    @override
    def together(cls) -> "_Occurrences":
        return _Occurrences()


class _Occurrences:
    """Occurrences in windows, in columns."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, tuple[str, ...], int, Segment], int] = {}
        self._windows: list[Sequence[Window]] = []
        self._rows: array[int] = array("q")

    def take(self, outline: Windowed, segment: Segment) -> int:
        name, windows, labels, position, begin, end, amount = msgspec.structs.astuple(outline)
        if abs(amount) > INT64_MAX:
            raise OverflowError(amount)
        key = name, labels, id(windows), segment
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._windows)
            self._windows.append(windows)
        self._rows.extend((number, position, begin, end, amount))
        return 2 * len(windows)

    def move_to(self, columns: Columns) -> None:
        table = np.array(self._rows, dtype=np.int64).reshape(-1, 5)
        by_window: dict[str, tuple[Window, list[int], list[int]]] = {}
        for (name, labels, _, segment), number in self._numbers.items():
            for window in self._windows[number]:
                _, numbers, rows = by_window.setdefault(window.name, (window, [], []))
                numbers.append(number)
                rows.append(columns.number((name, window.name, *labels), segment))
        for window, numbers, rows in by_window.values():
            row_of = np.full(len(self._windows), -1)
            row_of[numbers] = rows
            series, positions, begins, last, amounts = table[row_of[table[:, 0]] >= 0].T
            ends = np.minimum(window.ends(positions), last)
            there = np.flatnonzero(begins < ends)
            series, deltas = row_of[series[there]], amounts[there]
            columns.put(series, begins[there], deltas)
            columns.put(series, ends[there], -deltas)


def windowed(
    name: str, windows: Sequence[Window], occurrence: Occurrence, *labels: str, amount: int = 1
) -> Windowed:
    """Returns an occurrence in each window: its amount where the window holds it and it stands.

    >>> from aggregates.time.calendar import Calendar
    >>> day = [Calendar().windows["1d"]]
    >>> windowed("created", day, Occurrence(0, 0)).contributions()
    [(('created', '1d'), 0, 1), (('created', '1d'), 96, -1)]
    >>> windowed("created", day, Occurrence(0, 90 * 900_000, 95 * 900_000)).contributions()
    [(('created', '1d'), 90, 1), (('created', '1d'), 95, -1)]
    >>> windowed("created", day, Occurrence(0, 100 * 900_000)).contributions()
    []
    """
    position_ms, begin_ms, end_ms = occurrence
    position = position_ms // TILE_MS
    begin = begin_ms // TILE_MS if begin_ms > position_ms else position
    return Windowed(name, windows, labels, position, begin, end_ms // TILE_MS, amount)


def distributed(
    name: str, windows: Sequence[Window], occurrence: Occurrence, duration_ms: int, *labels: str
) -> Iterator[Windowed]:
    """Yields a duration (ms) that was complete at an occurrence: one in its bucket, and its sum.

    >>> from aggregates.time.calendar import Calendar
    >>> day = [Calendar().windows["1d"]]
    >>> for outline in distributed("reply", day, Occurrence(0, 0, 900_000), 7):
    ...     print(*outline.contributions())
    (('reply', '1d', '7'), 0, 1) (('reply', '1d', '7'), 1, -1)
    (('reply', '1d', '7ms'), 0, 7) (('reply', '1d', '7ms'), 1, -7)
    """
    for bucket, amount in kept_as(duration_ms):
        if amount:
            yield windowed(name, windows, occurrence, *labels, bucket, amount=amount)


def present(
    name: str, windows: Iterable[Window], occurrences: Sequence[Occurrence], *labels: str
) -> Deltas:
    """Yields whether each window holds one of some occurrences that stands: 1 however many.

    >>> from aggregates.time.calendar import Calendar
    >>> day = [Calendar().windows["1d"]]
    >>> list(present("seen", day, [Occurrence(900_000, 0), Occurrence(0, 0)]))
    [(('seen', '1d'), 0, 1), (('seen', '1d'), 97, -1)]
    """
    for window in windows:
        series = (name, window.name, *labels)
        spans = [_span(window, occurrence) for occurrence in occurrences]
        for begin, end in union([span for span in spans if span[0] < span[1]]):
            yield series, begin, 1
            yield series, end, -1


def union(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yields the union of spans ``[begin, end)``, ascending.

    >>> list(union([(5, 9), (1, 3), (8, 12), (3, 4)]))
    [(1, 4), (5, 12)]
    """
    ordered = sorted(spans)
    if not ordered:
        return
    begin, end = ordered[0]
    for following, last in ordered:
        if following > end:
            yield begin, end
            begin, end = following, last
        elif last > end:
            end = last
    yield begin, end


def _span(window: Window, occurrence: Occurrence) -> tuple[int, int]:
    """The tiles at which a window begins and ceases to count an occurrence, if in this order."""
    position = tile_of(occurrence.position_ms)
    begin = max(position, tile_of(occurrence.begin_ms))
    return begin, min(window.end(position), tile_of(occurrence.end_ms))


def latest(candidates: Sequence[Ranked]) -> Iterator[tuple[Occurrence, Any]]:
    """Returns where each of several occurrences is the latest of those that stand, with its value.

    Windows need no regard: they hold the latest if they hold any, since the others are older.

    >>> early = Ranked((1,), Occurrence(1, 1), "early")
    >>> late = Ranked((5,), Occurrence(5, 5, 9), "late")
    >>> for occurrence, value in latest([late, early]):
    ...     print(occurrence.begin_ms, occurrence.end_ms == FOREVER or occurrence.end_ms, value)
    1 5 early
    5 9 late
    9 True early
    """
    return _foremost(candidates, is_latest=True)


def earliest(candidates: Sequence[Ranked]) -> Iterator[tuple[Occurrence, Any]]:
    """Where each of several occurrences is the earliest of those that stand, with its value.

    A window that does not hold the earliest holds none of them.

    >>> early = Ranked((1,), Occurrence(1, 1, 9), "early")
    >>> late = Ranked((5,), Occurrence(5, 5), "late")
    >>> [(occurrence.begin_ms, value) for occurrence, value in earliest([late, early])]
    [(1, 'early'), (5, 'early'), (9, 'late')]
    """
    return _foremost(candidates, is_latest=False)


def _foremost(candidates: Sequence[Ranked], *, is_latest: bool) -> Iterator[tuple[Occurrence, Any]]:
    if len(candidates) == 1:
        yield candidates[0].occurrence, candidates[0].value
        return
    by_rank = sorted(candidates, key=lambda candidate: candidate.rank, reverse=is_latest)
    spans = [candidate.occurrence for candidate in by_rank]
    beginning = sorted(range(len(spans)), key=lambda i: spans[i].begin_ms)
    points = sorted({point for span in spans for point in span[1:]})
    in_force: list[int] = []  # a heap of places in by_rank, the latest first
    begun = 0
    for begin_ms, end_ms in pairwise(points):
        while begun < len(spans) and spans[beginning[begun]].begin_ms <= begin_ms:
            heappush(in_force, beginning[begun])
            begun += 1
        while in_force and spans[in_force[0]].end_ms <= begin_ms:
            heappop(in_force)
        if in_force:
            first = by_rank[in_force[0]]
            yield Occurrence(first.occurrence.position_ms, begin_ms, end_ms), first.value
