"""Departure: when an account has left, by its subscriptions and not by its revenue.

An account is there while a subscription of it goes on: active, on trial, late or paused. It has
left when none does any more, and is back when one does again. One that never had any has not left.
One that another takes the place of goes on no more, told or not (``aggregates.revenue.replaced``).
"""

from collections.abc import Iterator

from aggregates.contributions.counts import counted
from aggregates.contributions.occurrence import FOREVER
from aggregates.contributions.steps import StepFunction
from aggregates.revenue.phase import GOING_ON, Life, Lives
from aggregates.time.tile import tile_of


def departure(lives: Lives) -> StepFunction[bool]:
    """Returns whether an account with these subscriptions has left."""
    there = counted(span for life in lives.values() for span in _spans(life))
    return StepFunction.of(False, ((tile, not count) for tile, count in there.steps))


def _spans(life: Life) -> Iterator[tuple[int, int]]:
    """Yields the spans of tiles in which a subscription goes on."""
    ends = [*(phase.begin_ms for phase in life.phases[1:]), FOREVER]
    for phase, next_ms in zip(life.phases, ends, strict=False):  # no phase, if all is retracted
        if phase.status in GOING_ON:
            end_ms = next_ms if phase.cancel_ms is None else min(phase.cancel_ms, next_ms)
            yield tile_of(phase.begin_ms), tile_of(end_ms)
