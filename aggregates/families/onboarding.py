"""Onboarding: how long getting started takes, and how many accounts are at it.

Formulas: the duration is completed - started, read by the time of the completion, or of that start
(``onboarding_cohort``); it is known from the completion on. A start before the completion replaces
the one before it, one after it begins another round. An onboarding is open from its first start to
its completion, or until its account is merged into another one. Unit: ms, onboardings. Undefined: a
mean or quantile of no completion has no value; open ones are no duration yet. Source: ClientSuccess
documentation (completion is not yet value).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.history import History
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.rows.onboardings import ONBOARDINGS, rounds_of
from aggregates.standing import FOREVER, Standing, distributed, level

_OPEN: Final = ("onboardings_open",)
_DURATION: Final = "onboarding"
_WINDOWS: Final = ("90d",)


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Gives what one onboarding contributes."""
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
        standing = Standing(position_ms, way.completed_ms)
        yield from distributed(_DURATION, windows, standing, duration_ms)


FAMILY = Family(
    name="onboarding",
    reads=ONBOARDINGS,
    measures=(
        Measure(
            _DURATION,
            Kind.DURATION,
            Unit.MS,
            "Time from start to completion, of onboardings completed in the window, or by "
            "onboarding_cohort of those started in it and completed since.",
            windows=_WINDOWS,
        ),
        Measure(_OPEN[0], Kind.LEVEL, Unit.COUNT, "Onboardings started and not completed."),
    ),
    contributions=contributions,
    policies=("onboarding_cohort",),
)
