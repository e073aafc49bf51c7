"""Onboarding: how long getting started takes, and how many accounts are at it.

Formulas: the duration is completed - started, read by the time of the completion, or of that start
(``onboarding_cohort``); it is known from the completion on. A start before the completion replaces
the one before it, one after it begins another round. An onboarding is open from its first start to
its completion, or until it is cancelled; not while the account has left, see
``onboarding_given_up``. Unit: ms, onboardings. Undefined: a mean or quantile of no completion has
no value; open ones are no duration yet. Source: ClientSuccess documentation (completion is not yet
value).
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, cast

from aggregates.contributions.counts import counted
from aggregates.contributions.occurrence import FOREVER, Occurrence, distributed
from aggregates.contributions.steps import StepFunction, differences, joined
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.revenue import REPLACING
from aggregates.revenue.departure import departure
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import DerivedKind, HistoryKind
from aggregates.rows.store import AccountRows
from aggregates.time.tile import tile_of
from events.account import OnboardingData

STARTED: Final = "onboarding.started"
COMPLETED: Final = "onboarding.completed"
_CANCELLED: Final = "onboarding.cancelled"


ONBOARDINGS: Final = HistoryKind(
    History,
    name="onboarding",
    topic="account",
    types={STARTED, COMPLETED, _CANCELLED},
    entity=lambda event: cast(OnboardingData, event.data).onboarding_id or "",
    keep=lambda event: {},
)
"""One row an onboarding; without an id it is the account's only one."""

_ONBOARDED: Final = DerivedKind[AccountRows]("onboarded", (ONBOARDINGS, SUBSCRIPTIONS))
"""An account's onboardings, and whether it is still there."""


class Round(NamedTuple):
    """One way from the start to completion; times are ms of the epoch.

    Attributes:
        begun_ms: When it began at first: from then on it is open.
        started_ms: When it was started for the last time: what its duration counts from.
        end_ms: When it was completed or cancelled, or ``FOREVER`` while it is open.
        is_completed: Whether it was completed.
    """

    begun_ms: int
    started_ms: int
    end_ms: int = FOREVER
    is_completed: bool = False


def rounds_of(row: History) -> Iterator[Round]:
    """Yields the rounds of an onboarding: a start before its completion replaces the one before.

    An end without a start says nothing and is left out.
    """
    begun_ms = started_ms = None
    for fact in row.unretracted():
        if fact.type == STARTED:
            started_ms = fact.effective_ms
            begun_ms = started_ms if begun_ms is None else begun_ms
        elif begun_ms is not None and started_ms is not None:
            yield Round(begun_ms, started_ms, fact.effective_ms, fact.type == COMPLETED)
            begun_ms = started_ms = None
    if begun_ms is not None and started_ms is not None:
        yield Round(begun_ms, started_ms)


_OPEN: Final = ("onboardings_open",)
_DURATION: Final = "onboarding"
_WINDOWS: Final = ("90d",)


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what the onboardings of one account contribute."""
    account = rows[0]
    ways = [way for row in account.of(ONBOARDINGS).values() for way in rounds_of(row)]
    if not ways:
        return
    begun = counted((tile_of(way.begun_ms), tile_of(way.end_ms)) for way in ways)
    open_ = joined(lambda count, left: (0 if left else count,), begun, _left(account, scope))
    yield from differences([_OPEN], open_)
    for way in ways:
        if way.is_completed:
            of_started = scope.policy.onboarding_cohort == "started"
            position_ms = way.started_ms if of_started else way.end_ms
            occurrence = Occurrence(position_ms, way.end_ms)
            duration_ms = way.end_ms - way.started_ms
            yield from distributed(_DURATION, scope.windows[_DURATION], occurrence, duration_ms)


def _left(account: AccountRows, scope: Scope) -> StepFunction[bool]:
    """Returns whether the account has left, as far as that ends an onboarding."""
    subscriptions = account.of(SUBSCRIPTIONS).get("")
    if subscriptions is None or scope.policy.onboarding_given_up == "told":
        return StepFunction(False)
    return departure(subscriptions.lives(scope))


FAMILY = Family(
    name="onboarding",
    reads=_ONBOARDED,
    measures=(
        Measure.duration(
            _DURATION,
            "Time from start to completion, of onboardings completed in the window, or by "
            "onboarding_cohort of those started in it and completed since.",
            _WINDOWS,
        ),
        Measure.level(_OPEN[0], "Onboardings started, not completed and not given up."),
    ),
    contributions=contributions,
    policies=("onboarding_cohort", "onboarding_given_up", *REPLACING),
)
