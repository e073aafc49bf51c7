"""Spans: where in time a subscription is in force, not yet, or over.

A phase is over from its scheduled end on, and nothing before its start. A subscription is in force
where it goes on at a price: trials and free plans are not, pauses and late payments are.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.revenue.phase import ENDED, Status, SubscriptionPhase

_IN_FORCE: Final = frozenset({Status.ACTIVE, Status.PAST_DUE, Status.PAUSED})
_OVER: Final = frozenset({ENDED, "canceled", "incomplete_expired"})


class PhaseSpan(NamedTuple):
    """A span of time, in ms of the epoch, in which a phase is over or is not."""

    begin_ms: int
    end_ms: int
    phase: SubscriptionPhase
    over: bool

    @property
    def in_force(self) -> bool:
        """Whether the subscription goes on at a price."""
        phase = self.phase
        goes_on = phase.status in _IN_FORCE or phase.retention
        return goes_on and bool(phase.items) and not self.over


def spans_of(phases: Sequence[SubscriptionPhase], *, signed: bool = False) -> Iterator[PhaseSpan]:
    """Yields the spans of a subscription, ascending.

    Args:
        phases: Its phases.
        signed: Whether what has not begun is there from when it is told on.
    """
    for place, phase in enumerate(phases, 1):
        end_ms = phases[place].begin_ms if place < len(phases) else FOREVER
        cancel_ms = FOREVER if phase.cancel_ms is None else phase.cancel_ms
        told_ms = phase.begin_ms
        begin_ms = told_ms if signed or phase.start_ms is None else max(told_ms, phase.start_ms)
        over_ms = told_ms if phase.status in _OVER else min(max(cancel_ms, told_ms), end_ms)
        if begin_ms < over_ms:
            yield PhaseSpan(begin_ms, over_ms, phase, over=False)
        if over_ms < end_ms:
            yield PhaseSpan(over_ms, end_ms, phase, over=True)


def is_over(phase: SubscriptionPhase, at_ms: int) -> bool:
    """Returns whether a phase is over at an instant, by what it says or by its scheduled end."""
    return phase.status in _OVER or (phase.cancel_ms is not None and phase.cancel_ms <= at_ms)


def over_at(spans: Sequence[PhaseSpan], at_ms: int) -> bool:
    """Returns whether a subscription is over at an instant."""
    return any(span.over and span.begin_ms <= at_ms < span.end_ms for span in spans)


def last_in_force(spans: Sequence[PhaseSpan], before_ms: int) -> PhaseSpan | None:
    """Returns the last span in which a subscription was in force before an instant, or None."""
    found = [span for span in spans if span.in_force and span.begin_ms < before_ms]
    return found[-1] if found else None


def without(
    begin_ms: int, end_ms: int, holes: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yields what is left of a span, ascending.

    >>> list(without(0, 9, [(7, 20), (2, 4), (3, 5)]))
    [(0, 2), (5, 7)]
    """
    for hole_begin_ms, hole_end_ms in sorted(holes):
        if begin_ms < hole_end_ms and hole_begin_ms < min(hole_end_ms, end_ms):
            if begin_ms < hole_begin_ms:
                yield begin_ms, hole_begin_ms
            begin_ms = hole_end_ms
    if begin_ms < end_ms:
        yield begin_ms, end_ms
