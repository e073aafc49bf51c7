"""Trials: of those that had their time, how many became customers.

Formulas: an account's trial is the first of an account that never paid before; it begins with
``trial_start``, else with the state that is trialing, and is mature so many days later
(``trial_conversion_days``). It belongs to the windows that hold that instant. It converted if MRR
of the account was above 0 by then. Free periods that keep a customer are no trials.
Unit: accounts. Undefined: never; a ratio over windows in which no trial matured has no value.
Source: ChartMogul (cohorts of trials); Stripe counts what was paid within 30 days.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from aggregates.family import Family, Scope
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.phase import Lives
from aggregates.policies.revenue import MOVING
from aggregates.policy import Policy
from aggregates.rows.subscriptions import SUBSCRIPTIONS, Subscriptions
from aggregates.standing import FOREVER, Standing, windowed
from aggregates.subscription import changes
from aggregates.tile import DAY_MS

_WINDOWS: Final = ("90d",)


class Trial(NamedTuple):
    """When a trial began, and from when until when that is what is known; ms of the epoch."""

    start_ms: int
    known_ms: int
    until_ms: int


def contributions(rows: Sequence[Subscriptions], scope: Scope) -> Contributions:
    """Gives what one account contributes."""
    if not rows[0].has_trials():
        return
    lives = rows[0].lives(scope)
    paid_ms = _first_paid_ms(lives, scope.policy)
    span_ms = scope.policy.trial_conversion_days * DAY_MS
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    for trial in _trials(lives):
        if paid_ms < trial.start_ms:
            continue
        mature_ms = trial.start_ms + span_ms
        standing = Standing(mature_ms, trial.known_ms, trial.until_ms)
        yield from windowed("trials_matured", windows, standing)
        if paid_ms <= mature_ms:
            yield from windowed("trials_converted", windows, standing)


def _trials(lives: Lives) -> Iterator[Trial]:
    """Gives the start of the account's first trial, as it was known over time."""
    told = sorted(
        (phase.begin_ms, phase.trial_ms)
        for life in lives.values()
        for phase in life.phases
        if phase.trial_ms is not None
    )
    earliest: list[tuple[int, int]] = []
    for known_ms, start_ms in told:
        if not earliest or start_ms < earliest[-1][1]:
            earliest.append((known_ms, start_ms))
    for place, (known_ms, start_ms) in enumerate(earliest, 1):
        until_ms = earliest[place][0] if place < len(earliest) else FOREVER
        yield Trial(start_ms, known_ms, until_ms)


def _first_paid_ms(lives: Lives, policy: Policy) -> int:
    """Gives the instant at which an account first had MRR, ``FOREVER`` if never."""
    first = FOREVER
    for sub, life in lives.items():
        for change in changes(sub, life, policy):
            if change.at_ms >= first:
                break
            if change.mrr and not change.retention:
                first = change.at_ms
                break
    return first


def _windowed(name: str, doc: str) -> Measure:
    return Measure(name, Kind.WINDOWED, Unit.COUNT, doc, windows=_WINDOWS)


FAMILY = Family(
    name="trials",
    reads=SUBSCRIPTIONS,
    measures=(
        _windowed("trials_matured", "Accounts whose trial had its time to become paid."),
        _windowed("trials_converted", "Those of them that paid within that time."),
    ),
    contributions=contributions,
    policies=("trial_conversion_days", *MOVING),
)
