"""Tracks: any value as a step function of time, and functions of several of them."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

V = TypeVar("V")


class Track(NamedTuple, Generic[V]):
    """A value over time.

    Attributes:
        initial: The value before the first step.
        steps: The tile from which each further value holds, ascending; neighbours differ.
    """

    initial: V
    steps: Sequence[tuple[int, V]] = ()


def track(initial: V, steps: Iterable[tuple[int, V]]) -> Track[V]:
    """Makes a track of steps in order; of several at one tile the last counts.

    >>> track(0, [(3, 1), (3, 2), (5, 2), (7, 0)])
    Track(initial=0, steps=[(3, 2), (7, 0)])
    """
    kept: list[tuple[int, V]] = []
    for tile, value in steps:
        if kept and kept[-1][0] == tile:
            kept.pop()
        if value != (kept[-1][1] if kept else initial):
            kept.append((tile, value))
    return Track(initial, kept)


def counted(spans: Iterable[tuple[int, int]]) -> Track[int]:
    """Counts the spans ``[begin, end)`` of tiles that hold a moment.

    >>> counted([(1, 5), (3, 9), (4, 4)])
    Track(initial=0, steps=[(1, 1), (3, 2), (5, 1), (9, 0)])
    """
    changes: dict[int, int] = {}
    for begin, end in spans:
        if begin < end:
            changes[begin] = changes.get(begin, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    count = 0
    steps = []
    for tile in sorted(changes):
        count += changes[tile]
        steps.append((tile, count))
    return track(0, steps)


def joined(function: Callable[..., V], *tracks: Track[Any]) -> Track[V]:
    """Returns a function of several tracks.

    >>> joined(max, Track(0, [(2, 5)]), Track(1, [(1, 3), (4, 9)]))
    Track(initial=1, steps=[(1, 3), (2, 5), (4, 9)])
    """
    values = [one.initial for one in tracks]
    initial = function(*values)
    changes = [
        (tile, place, value) for place, one in enumerate(tracks) for tile, value in one.steps
    ]
    changes.sort(key=itemgetter(0))
    steps = []
    for tile, group in groupby(changes, key=itemgetter(0)):
        for _, place, value in group:
            values[place] = value
        steps.append((tile, function(*values)))
    return track(initial, steps)
