"""Cohorts: figures of what windows saw of one entity, which add up over entities."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from aggregates.contributions.steps import StepFunction, differences
from aggregates.ledger.measure import Deltas
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
