"""Onboarding: how long getting started takes, and how many accounts are at it.

Formulas: the duration is completed - started, read by the time of the completion, or of that start
(``onboarding_cohort``); it is known from the completion on. A start before the completion replaces
the one before it, one after it begins another round. An onboarding is open from its first start to
its completion, or until its account is merged into another one. Unit: ms, onboardings. Undefined: a
mean or quantile of no completion has no value; open ones are no duration yet. Source: ClientSuccess
documentation (completion is not yet value).
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, cast

from aggregates.contributions.occurrence import FOREVER, Occurrence, distributed, level
from aggregates.ledger.measure import Contributions, Measure
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import HistoryKind
from events.account import OnboardingData

STARTED: Final = "onboarding.started"
COMPLETED: Final = "onboarding.completed"


ONBOARDINGS: Final = HistoryKind(
    History,
    name="onboarding",
    topic="account",
    types={STARTED, COMPLETED},
    entity=lambda event: cast(OnboardingData, event.data).onboarding_id or "",
    keep=lambda event: {},
)
"""One row an onboarding; without an id it is the account's only one."""


class Round(NamedTuple):
    """One way from the start to completion; times are ms of the epoch.

    Attributes:
        begun_ms: When it began at first: from then on it is open.
        started_ms: When it was started for the last time: what its duration counts from.
        completed_ms: When it was completed, or None while it is open.
    """

    begun_ms: int
    started_ms: int
    completed_ms: int | None


def rounds_of(row: History) -> Iterator[Round]:
    """Yields the rounds of an onboarding: a start before its completion replaces the one before.

    A completion without a start says nothing of a duration and is left out.
    """
    begun_ms = started_ms = None
    for fact in row.unretracted():
        if fact.type == STARTED:
            started_ms = fact.effective_ms
            begun_ms = started_ms if begun_ms is None else begun_ms
        elif begun_ms is not None and started_ms is not None:
            yield Round(begun_ms, started_ms, fact.effective_ms)
            begun_ms = started_ms = None
    if begun_ms is not None and started_ms is not None:
        yield Round(begun_ms, started_ms, None)


_OPEN: Final = ("onboardings_open",)
_DURATION: Final = "onboarding"
_WINDOWS: Final = ("90d",)


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what one onboarding contributes."""
    windows = scope.windows[_DURATION]
    merged_ms = scope.account.merged_ms
    last_ms = FOREVER if merged_ms is None else merged_ms
    for way in (way for row in rows for way in rounds_of(row)):
        if way.completed_ms is None:
            yield from level(_OPEN, way.begun_ms, last_ms)
            continue
        yield from level(_OPEN, way.begun_ms, min(way.completed_ms, last_ms))
        duration_ms = way.completed_ms - way.started_ms
        of_started = scope.policy.onboarding_cohort == "started"
        position_ms = way.started_ms if of_started else way.completed_ms
        occurrence = Occurrence(position_ms, way.completed_ms)
        yield from distributed(_DURATION, windows, occurrence, duration_ms)


FAMILY = Family(
    name="onboarding",
    reads=ONBOARDINGS,
    measures=(
        Measure.duration(
            _DURATION,
            "Time from start to completion, of onboardings completed in the window, or by "
            "onboarding_cohort of those started in it and completed since.",
            _WINDOWS,
        ),
        Measure.level(_OPEN[0], "Onboardings started and not completed."),
    ),
    contributions=contributions,
    policies=("onboarding_cohort",),
)
