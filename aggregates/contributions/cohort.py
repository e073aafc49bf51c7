"""Cohorts: figures of what windows saw of one entity, which add up over entities."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from aggregates.contributions.steps import StepFunction, differences
from aggregates.ledger.measure import Deltas
from aggregates.time.tile import NEVER
from aggregates.time.window import Window

S = TypeVar("S")


def cohort(
    names: Sequence[str],
    windows: Iterable[Window],
    states: StepFunction[S],
    figures: Callable[[S, S], tuple[int, ...]],
) -> Deltas:
    """Yields figures of an entity's states at the start of each window and now.

    Args:
        names: The measure of each figure.
        windows: The windows.
        states: The entity.
        figures: The figures of the state at the window's start and the state now; all 0 where
            both are the initial one.

    >>> from aggregates.time.calendar import Calendar
    >>> day = [Calendar().windows["1d"]]
    >>> states = StepFunction(0, [(0, 10), (100, 30), (300, 0)])
    >>> list(cohort(["kept"], day, states, lambda start, now: (min(start, now),)))
    [(('kept', '1d'), 96, 10), (('kept', '1d'), 196, 20), (('kept', '1d'), 300, -30)]
    """
    for window in windows:
        series = [(name, window.name) for name in names]
        yield from differences(series, states.between(window, figures))


def cohort_as_found(
    names: Sequence[str],
    windows: Iterable[Window],
    found: Sequence[tuple[int, StepFunction[S]]],
    figures: Callable[[S, S], tuple[int, ...]],
) -> Deltas:
    """Yields the same of an entity that is another one to windows that begin later.

    Args:
        names: The measure of each figure.
        windows: The windows.
        found: The entity by the tile from which on windows see it so; the first one from ever.
        figures: As in ``cohort``.

    >>> from aggregates.time.calendar import Calendar
    >>> day = [Calendar().windows["1d"]]
    >>> found = [(0, StepFunction(0, [(0, 10)])), (300, StepFunction(0, [(0, 4), (320, 3)]))]
    >>> list(cohort_as_found(["kept"], day, found, lambda start, now: (min(start, now),)))
    [(('kept', '1d'), 96, 10), (('kept', '1d'), 396, -7)]
    """
    first = found[0][1]
    for window in windows:
        series = [(name, window.name) for name in names]
        begins = [0, *(window.end(tile) for tile, _ in found[1:])]
        spans = zip(found, begins, [*begins[1:], NEVER], strict=True)
        steps = (
            step
            for (_, states), begin, end in spans
            if begin < end
            for step in states.within(window, figures, begin, end)
        )
        initial = figures(first.initial, first.initial)
        yield from differences(series, StepFunction.of(initial, steps))
