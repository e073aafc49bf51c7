"""Covers: the union of spans that each begin at a tile and last for a window.

A user active on some days is an active user of the last 30 days wherever one of those days is at
most 30 days back: the union of the spans, kept as deltas. ``cover`` gives the whole; with
``cover_change`` one more beginning changes a few deltas beside it, with the same outcome.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

End = Callable[[int], int]


def cover(end: End, tiles: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Gives the deltas of the union of spans.

    Args:
        end: Gives the tile at which a span that begins at a tile is over; must not decrease.
        tiles: The beginnings, ascending.

    >>> list(cover(lambda tile: tile + 10, [5, 8, 40]))
    [(5, 1), (18, -1), (40, 1), (50, -1)]
    """
    over: int | None = None
    for tile in tiles:
        if over is None:
            yield tile, 1
        elif tile > over:
            yield over, -1
            yield tile, 1
        over = end(tile)
    if over is not None:
        yield over, -1


def cover_change(
    end: End, previous: int | None, tile: int, following: int | None
) -> Iterator[tuple[int, int]]:
    """Gives the deltas of a cover by which a new beginning changes it.

    Args:
        end: Gives the tile at which a span that begins at a tile is over; must not decrease.
        previous: The beginning before it, or None.
        tile: The new beginning.
        following: The beginning after it, or None.

    >>> list(cover_change(lambda tile: tile + 10, None, 5, None))
    [(5, 1), (15, -1)]
    >>> list(cover_change(lambda tile: tile + 10, 5, 8, None))
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
        yield begin, 1
        yield over, -1


Filed = tuple[int | None, int | None, int | None]
"""What filing a tile among active days changed: first active tile of the active day before, the
first tile of the same day known till now, and first active tile of the active day after; each None
if there is none."""


def file_day(days: "array[int]", tile: int, day_of: Callable[[int], int]) -> Filed | None:
    """Files an active tile, keeping the first of each day; gives None if it changes nothing."""
    day = day_of(tile)
    if days and tile >= days[-1]:  # as events mostly come
        last = days[-1]
        if day_of(last) == day:
            return None
        days.append(tile)
        return last, None, None
    at = bisect_right(days, tile)
    if at and day_of(days[at - 1]) == day:
        return None
    replaced = None
    if at < len(days) and day_of(days[at]) == day:
        replaced = days[at]
        days[at] = tile
    else:
        days.insert(at, tile)
    before = days[at - 1] if at else None
    return before, replaced, days[at + 1] if at + 1 < len(days) else None


def union_of(parts: list["array[int]"], day_of: Callable[[int], int]) -> "array[int]":
    """Gives the active days of several, each day with its first tile."""
    if len(parts) == 1:
        return parts[0]
    first: dict[int, int] = {}
    for tile in sorted(tile for part in parts for tile in part):
        first.setdefault(day_of(tile), tile)
    return array("I", first.values())


def seen(days: "array[int]", tile: int, day_of: Callable[[int], int]) -> bool:
    """Tells whether a tile's day is known to be active from that tile or an earlier one.

    Args:
        days: The active days; at least one.
        tile: The tile.
        day_of: Gives the day of a tile.
    """
    last = days[-1]
    if tile < last:
        at = bisect_right(days, tile)
        if not at:
            return False
        last = days[at - 1]
    return day_of(last) == day_of(tile)
