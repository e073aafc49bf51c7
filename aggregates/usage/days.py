"""Active days: the first active tile of each local day, ascending, in an array.

Arrays are kept by user and feature. Of several together only the neighbours of one tile are looked
up, so that one more day costs the same however long the history is.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from aggregates.time.calendar import Calendar

DayOf = Callable[[int], int]
"""Returns the local day of a tile."""

Filed = tuple[int | None, int | None, int | None]
"""What filing a tile among active days changed: first active tile of the active day before, the
first tile of the same day known till now, and first active tile of the active day after; each None
if there is none."""


def file_day(days: "array[int]", tile: int, begin: int, over: int) -> Filed | None:
    """Files an active tile, keeping the first of each day; returns None if it changes nothing.

    The day of the tile is ``[begin, over)``.
    """
    if not days or days[-1] < begin:  # as events mostly come
        before = days[-1] if days else None
        days.append(tile)
        return before, None, None
    at = bisect_left(days, begin)
    replaced = None
    if days[at] >= over:
        days.insert(at, tile)
    elif days[at] <= tile:
        return None
    else:
        replaced = days[at]
        days[at] = tile
    return days[at - 1] if at else None, replaced, days[at + 1] if at + 1 < len(days) else None


def seen(days: "array[int]", tile: int, begin: int) -> bool:
    """Returns whether the day of a tile, which begins at ``begin``, is active by then."""
    at = bisect_right(days, tile)
    return at > 0 and days[at - 1] >= begin


def union_of(parts: Sequence["array[int]"], calendar: Calendar) -> "array[int]":
    """Returns the active days of several, each day with its first tile, in an array of its own.

    >>> union_of([array("I", [1, 12, 100]), array("I", [14, 97])], Calendar())
    array('I', [1, 97])
    """
    if len(parts) == 1:
        return parts[0][:]
    tiles = np.sort(np.frombuffer(b"".join(parts), dtype=np.uint32))
    days = calendar.days_of(tiles.astype(np.int64))
    first = np.ones(len(tiles), dtype=np.bool_)
    first[1:] = days[1:] != days[:-1]
    return array("I", tiles[first].tobytes())


def neighbours(
    parts: Iterable["array[int]"],
    begin: int,
    end: int,
    before: int | None = None,
    after: int | None = None,
) -> tuple[int | None, int | None, int | None]:
    """Returns the neighbours of a day among the active days of several.

    Args:
        parts: Active days of each, at least one.
        begin: The day's first tile.
        end: The first tile of the day after it.
        before: A tile of an active day before, known from elsewhere.
        after: The first tile of an active day after, known from elsewhere.

    Returns:
        A tile of the last active day before, the first active tile of the day itself, and that of
        the first active day after; each None if there is none.

    >>> neighbours([array("I", [1, 12, 25]), array("I", [14, 31])], 10, 20)
    (1, 12, 25)
    """
    own: int | None = None
    for part in parts:
        last = part[-1]
        if last < begin:  # as events mostly come
            if before is None or last > before:
                before = last
            continue
        at = bisect_left(part, begin)
        if at and (before is None or part[at - 1] > before):
            before = part[at - 1]
        if part[at] < end:
            if own is None or part[at] < own:
                own = part[at]
            at += 1
        if at < len(part) and (after is None or part[at] < after):
            after = part[at]
    return before, own, after


def around(
    parts: Iterable[Sequence[int]], tile: int, day_of: DayOf, count: int
) -> tuple[list[int], list[int]]:
    """Returns the neighbours of a tile's day among the active days of several.

    These are the first tiles of up to ``count`` days before, and of as many days after.

    >>> around([[1, 12, 25], [14, 31]], 18, lambda tile: tile // 10, 2)
    ([1], [25, 31])
    """
    first: dict[int, int] = {}
    for part in parts:
        at = bisect_left(part, tile)
        for near in part[max(0, at - count - 1) : at + count + 1]:
            day = day_of(near)
            if first.get(day, near) >= near:
                first[day] = near
    first.pop(day_of(tile), None)
    tiles = sorted(first.values())
    at = bisect_left(tiles, tile)
    return tiles[max(0, at - count) : at], tiles[at : at + count]
