"""Covers: the union of spans that each begin at a tile and last for a window.

A user active on some days is an active user of the last 30 days wherever one of those days is at
most 30 days back: the union of the spans, kept as deltas. ``cover`` gives the whole; with
``cover_change`` one more beginning changes a few deltas beside it, with the same outcome.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from aggregates.ledger.measure import Contribution, Contributions, Series
from aggregates.time.tile import NEVER

End = Callable[[int], int]

Spans = list[tuple[int, int]]
"""Spans ``[begin, end)`` of tiles, ascending, apart from each other."""


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


def within(changes: Iterable[Contribution], spans: Spans) -> Contributions:
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
