"""Cohorts: what a window saw of one entity, from its states at the window's start and now.

Read at ``T``, both states are step functions of ``T``: now changes where the entity does, the start
changes where that leaves the window. Any function of the two is therefore a step function too, and
sums over entities.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from aggregates.ledger.measure import Contributions, Series
from aggregates.time.window import Window

S = TypeVar("S")


def cohort(
    steps: Sequence[tuple[int, S]],
    window: Window,
    nothing: S,
    series: Sequence[Series],
    figures: Callable[[S, S], tuple[int, ...]],
) -> Contributions:
    """Yields the contributions of figures of a start and a present state.

    Args:
        steps: States by the tile from which they hold, ascending.
        window: The window.
        nothing: The state before the first step.
        series: The series of each figure.
        figures: The figures of the state at the window's start and the state now; all 0 where
            the two are ``nothing``.

    >>> from aggregates.time.calendar import Calendar
    >>> day = Calendar().windows["1d"]
    >>> steps = [(0, 10), (100, 30), (300, 0)]
    >>> list(cohort(steps, day, 0, [("kept",)], lambda start, now: (min(start, now),)))
    [(('kept',), 96, 10), (('kept',), 196, 20), (('kept',), 300, -30)]
    """
    before = figures(nothing, nothing)
    for tile, start, now in _pieces(steps, window, nothing):
        values = figures(start, now)
        if values != before:
            for name, value, old in zip(series, values, before, strict=True):
                if value != old:
                    yield name, tile, value - old
            before = values


def _pieces(
    steps: Sequence[tuple[int, S]], window: Window, nothing: S
) -> Iterator[tuple[int, S, S]]:
    """Yields each tile at which one of the two states changes, with the start and the present."""
    ends = [window.end(tile) for tile, _ in steps]
    start = now = nothing
    left = entered = 0
    while left < len(steps):  # every step enters before it leaves
        tile = ends[left]
        if entered < len(steps) and steps[entered][0] <= tile:
            tile = steps[entered][0]
            now = steps[entered][1]
            entered += 1
        while left < len(steps) and ends[left] <= tile:
            start = steps[left][1]
            left += 1
        yield tile, start, now
