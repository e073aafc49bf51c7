"""Subscriptions that another of their account takes the place of: they have ended as it counts.

It does while it is active or late, kept as a retention offer or through a pause, or back from one.
That holds without a word of their end, unless a state that takes effect later tells them anew; a
request to cancel does not. Terms are looked at before: who replaces a subscription renews its term
(``aggregates.revenue.term``).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile
from typing import NamedTuple

from aggregates.contributions.occurrence import FOREVER
from aggregates.policies.policy import Policy
from aggregates.revenue.change import counts
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.phase import ENDED, Life, SubscriptionPhase


class _Span(NamedTuple):
    """Where a subscription counts in the place of others: ms of the epoch, the place of why."""

    begin_ms: int
    end_ms: int
    place: int
    replaces: Sequence[str]


def without_replaced(holdings: Holdings, policy: Policy) -> Holdings:
    """Returns the subscriptions of an account, those that are replaced as over by then.

    That is once the other counts and both are in one account.
    """
    lives = holdings.lives
    starts: dict[str, dict[str, tuple[int, int]]] = {}
    for sub, life in lives.items():
        for span in _spans(life, policy):
            for replaced in span.replaces:
                if replaced in lives and replaced != sub:
                    at_ms = holdings.meets(sub, replaced, span.begin_ms)
                    if at_ms is not None and at_ms < span.end_ms:
                        starts.setdefault(replaced, {}).setdefault(sub, (at_ms, span.place))
    if not starts:
        return holdings
    ended = {sub: _ended(lives[sub], own.values()) for sub, own in starts.items()}
    return holdings._replace(lives={**lives, **ended})


def _spans(life: Life, policy: Policy) -> Iterator[_Span]:
    """Yields where a subscription counts that replaces others, ascending."""
    nexts = [*(phase.begin_ms for phase in life.phases[1:]), FOREVER]
    for phase, next_ms in zip(life.phases, nexts, strict=False):  # no phase, if all is retracted
        if not phase.replaces:
            continue
        first_ms = life.starts_ms(phase)
        for at_ms in (first_ms, max(first_ms, phase.resumes_ms or 0)):
            if at_ms < next_ms and counts(phase, at_ms, policy):
                end_ms = next_ms if phase.cancel_ms is None else min(phase.cancel_ms, next_ms)
                yield _Span(at_ms, end_ms, phase.place, phase.replaces)
                break


def _ended(life: Life, starts: Iterable[tuple[int, int]]) -> Life:
    """Returns a subscription that ends when others start in its place."""
    phases = life.phases
    for at_ms, place in sorted(starts):
        before = [phase for phase in phases if phase.begin_ms <= at_ms]
        if not before or before[-1].status == ENDED:
            continue
        after = dropwhile(lambda phase: phase.cancelling, phases[len(before) :])
        own = before[-1]
        replaces = own.replaces if life.starts_ms(own) == at_ms else ()  # for that instant
        if own.begin_ms == at_ms:
            before.pop()
        phases = [*before, SubscriptionPhase(at_ms, place, ENDED, replaces=replaces), *after]
    return life._replace(phases=phases)
