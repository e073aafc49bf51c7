"""Trials: of those that had their time, how many became customers.

Formulas: an account's trial is the first of an account that did not pay before it nor as it began;
it begins with ``trial_start``, else with the state that is trialing, and is mature so many days
later (``trial_conversion_days``). It belongs to the windows that hold that instant. It converted if
MRR of the account was above 0 by then. Free periods that keep a customer are no trials. By policy,
the first sign-up of the account stands in for its trial (``trial_base``), and windows hold those
that began in them, and those that paid in them within their time (``trial_cohort``).
Unit: accounts. Undefined: never; a ratio over windows in which no trial matured has no value.
Source: ChartMogul (cohorts of trials); Stripe counts what was paid within 30 days; Baremetrics
moved to the same period.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from aggregates.contributions.occurrence import FOREVER, Occurrence, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.policies.revenue import MOVING
from aggregates.revenue.change import changes
from aggregates.revenue.life import SELF
from aggregates.revenue.ownership import Holdings
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import DerivedKind, HistoryKind
from aggregates.rows.store import AccountRows
from aggregates.time.tile import DAY_MS

SIGNUPS: Final = HistoryKind(
    History, name="signup", topic="account", types={"account.signed_up"}, keep=lambda event: {}
)
"""One row an account, of when it came to the product by itself."""


PROSPECTS: Final = DerivedKind[AccountRows]("prospect", (SUBSCRIPTIONS, SIGNUPS))
"""How an account that may become a customer came, and what it pays."""

_WINDOWS: Final = ("90d",)


class Trial(NamedTuple):
    """When a trial began, and from when until when that is what is known; ms of the epoch."""

    start_ms: int
    known_ms: int
    until_ms: int


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    policy = scope.policy
    subscriptions = rows[0].of(SUBSCRIPTIONS).get("")
    signups: list[Trial] | None = None
    if policy.trial_base == "signups":
        signups = list(_signups(rows[0].of(SIGNUPS).get("")))
    elif subscriptions is None or not subscriptions.has_trials():
        return
    holdings = Holdings({}, {}) if subscriptions is None else subscriptions.holdings(scope)
    trials = list(_trials(holdings, policy)) if signups is None else signups
    paid_ms = _first_paid_ms(holdings, policy)
    windows = scope.windows["trials_matured"]
    for trial in trials:
        if paid_ms < trial.start_ms or (signups is None and paid_ms == trial.start_ms):
            continue
        mature_ms = trial.start_ms + policy.trial_conversion_days * DAY_MS
        counted_ms, converted_ms = mature_ms, mature_ms
        if policy.trial_cohort == "same_period":
            counted_ms, converted_ms = trial.start_ms, paid_ms
        known = Occurrence(counted_ms, trial.known_ms, trial.until_ms)
        yield windowed("trials_matured", windows, known)
        if paid_ms <= mature_ms:
            paid = known._replace(position_ms=converted_ms)
            yield windowed("trials_converted", windows, paid)


def _signups(row: History | None) -> Iterator[Trial]:
    facts = [] if row is None else row.unretracted()
    if facts:
        at_ms = facts[0].effective_ms
        yield Trial(at_ms, at_ms, FOREVER)


def _trials(holdings: Holdings, policy: Policy) -> Iterator[Trial]:
    """Yields the start of the account's first trial, as it was known over time."""
    told = [trial for sub in holdings.lives for trial in _trials_of(sub, holdings, policy)]
    instants = sorted({trial.known_ms for trial in told} | {trial.until_ms for trial in told})
    first: Trial | None = None
    for at_ms in instants:
        starts = [each.start_ms for each in told if each.known_ms <= at_ms < each.until_ms]
        start_ms = min(starts, default=None)
        if first is not None and start_ms != first.start_ms:
            yield first._replace(until_ms=at_ms)
        if start_ms is None:
            first = None
        elif first is None or start_ms != first.start_ms:
            first = Trial(start_ms, at_ms, FOREVER)


def _trials_of(sub: str, holdings: Holdings, policy: Policy) -> Iterator[Trial]:
    """Yields what is told of when a subscription's trial began; it goes along till it is mature."""
    length_ms = policy.trial_conversion_days * DAY_MS
    start_ms = FOREVER
    for phase in holdings.lives[sub].phases:
        if phase.trial_ms is None:
            continue
        start_ms = min(start_ms, phase.trial_ms)
        mature_ms = start_ms + length_ms
        for stay in holdings.of(sub):
            if stay.account == SELF and stay.begin_ms <= mature_ms:
                until_ms = FOREVER if mature_ms < stay.end_ms else stay.end_ms
                known_ms = max(phase.begin_ms, stay.begin_ms)
                if known_ms < until_ms:
                    yield Trial(start_ms, known_ms, until_ms)


def _first_paid_ms(holdings: Holdings, policy: Policy) -> int:
    """Returns when what the account has was first paid for, wherever it was then."""
    first = FOREVER
    for sub, life in holdings.lives.items():
        had_until_ms = max((s.end_ms for s in holdings.of(sub) if s.account == SELF), default=0)
        for change in changes(sub, life, policy):
            if change.at_ms >= min(first, had_until_ms):
                break
            if change.mrr and not change.retention:
                first = change.at_ms
                break
    return first


FAMILY = Family(
    name="trials",
    reads=PROSPECTS,
    measures=(
        Measure.windowed(
            "trials_matured",
            "Accounts whose trial, or sign-up by policy, had its time to become paid.",
            _WINDOWS,
        ),
        Measure.windowed("trials_converted", "Those of them that paid within that time.", _WINDOWS),
    ),
    contributions=contributions,
    policies=("trial_conversion_days", "trial_base", "trial_cohort", *MOVING),
)
