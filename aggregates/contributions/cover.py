"""Covers: the union of spans that each begin at a tile and last for a window.

A user active on some days is an active user of the last 30 days wherever one of those days is at
most 30 days back: the union of the spans, kept as deltas. ``cover`` gives the whole; with
``cover_change`` one more beginning changes a few deltas beside it, with the same outcome.
"""

from collections.abc import Callable, Sequence

from aggregates.ledger.measure import Contribution, Contributions, Series

End = Callable[[int], int]


def cover(series: Series, end: End, tiles: Sequence[int], times: int = 1) -> Contributions:
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
