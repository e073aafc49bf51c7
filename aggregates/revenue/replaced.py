"""Subscriptions that another of their account takes the place of: they have ended as it starts.

That holds without a word of their end, unless a state that takes effect later tells them anew; a
request to cancel does not. Terms are looked at before: who replaces a subscription renews its term
(``aggregates.revenue.term``).
"""

from itertools import dropwhile
from typing import Final

from aggregates.contributions.occurrence import FOREVER
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.phase import ENDED, Life, Status, SubscriptionPhase
from aggregates.revenue.span import is_over

_STARTED: Final = frozenset({Status.ACTIVE, Status.PAST_DUE})


def without_replaced(holdings: Holdings) -> Holdings:
    """Returns the subscriptions of an account, those that are replaced as over by then.

    That is once both are in one account.
    """
    lives = holdings.lives
    starts: dict[str, list[tuple[int, int]]] = {}
    for sub, life in lives.items():
        for replaced, (begin_ms, place) in _starts(life).items():
            if replaced in lives and replaced != sub:
                at_ms = holdings.meets(sub, replaced, begin_ms)
                if at_ms is not None and (at_ms == begin_ms or _goes_on(life, at_ms)):
                    starts.setdefault(replaced, []).append((at_ms, place))
    if not starts:
        return holdings
    ended = {sub: _ended(lives[sub], own) for sub, own in starts.items()}
    return holdings._replace(lives={**lives, **ended})


def _goes_on(life: Life, at_ms: int) -> bool:
    """Returns whether a subscription that has started counts at an instant."""
    phase = next(phase for phase in reversed(life.phases) if phase.begin_ms <= at_ms)
    return phase.status in _STARTED and not is_over(phase, at_ms)


def _starts(life: Life) -> dict[str, tuple[int, int]]:
    """Returns, by what it replaces, when a subscription starts to count, and the place of why."""
    found: dict[str, tuple[int, int]] = {}
    for number, phase in enumerate(life.phases):
        if not phase.replaces or phase.status not in _STARTED:
            continue
        at_ms = max(phase.begin_ms, phase.start_ms or 0, life.paid.first_ms)
        ends = [
            FOREVER,
            phase.cancel_ms,
            *(after.begin_ms for after in life.phases[number + 1 :][:1]),
        ]
        if all(end_ms is None or at_ms < end_ms for end_ms in ends):
            for replaced in phase.replaces:
                found.setdefault(replaced, (at_ms, phase.place))
    return found


def _ended(life: Life, starts: list[tuple[int, int]]) -> Life:
    """Returns a subscription that ends when others start in its place."""
    phases = life.phases
    for at_ms, place in sorted(starts):
        before = [phase for phase in phases if phase.begin_ms <= at_ms]
        if not before or before[-1].status == ENDED:
            continue
        after = dropwhile(lambda phase: phase.cancelling, phases[len(before) :])
        if before[-1].begin_ms == at_ms:
            before.pop()
        phases = [*before, SubscriptionPhase(at_ms, place, ENDED), *after]
    return life._replace(phases=phases)
