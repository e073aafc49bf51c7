"""Progress of accounts: how soon they see value, and which milestones they reach.

Formulas: time to value = first ``first_value`` milestone - ``account.created`` (or the last start
of an onboarding before it, see ``value_start``; what a contract begins is in ``contract_value``),
read by the time of the milestone. An account is eligible in the window in which it becomes
``milestone_days`` days old; of the eligible accounts those count as having reached a milestone that
have by T, with the time since they were created: any milestone, or those named in ``milestones``. A
milestone that was reached before its account was created is reached with it. Merged accounts are
one, created when the first of them was. Unit: ms, accounts. Undefined: an account that was never
created is in no figure; a mean, quantile or share of nothing has no value. Source: ClientSuccess
documentation.
"""

from collections.abc import Sequence
from typing import Final

from aggregates.contributions.occurrence import Occurrence, distributed, windowed
from aggregates.ledger.measure import Contributions, Measure
from aggregates.policies.policy import Policy
from aggregates.rows.accounts import ACCOUNTS
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.rows.kind import DerivedKind
from aggregates.rows.store import AccountRows
from aggregates.success.milestones import MILESTONES
from aggregates.success.onboarding import ONBOARDINGS, STARTED
from aggregates.time.tile import DAY_MS

FIRST_VALUE: Final = "first_value"
"""The milestone that says that an account got what it came for."""

VALUE: Final = "time_to_value"
"""The measure of the time to value."""

_TIME: Final = "milestone_time"
_ELIGIBLE: Final = "milestone_accounts"
_WINDOWS: Final = ("90d",)

_PROGRESS: Final = DerivedKind[AccountRows]("progress", (ACCOUNTS, MILESTONES, ONBOARDINGS))


def contributions(rows: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what one account contributes."""
    account = rows[0]
    created_ms = _created_ms(account.of(ACCOUNTS).get(""))
    reached = account.of(MILESTONES).get("", {})
    windows = scope.windows[_ELIGIBLE]
    value_ms = reached.get(FIRST_VALUE)
    if value_ms is not None:
        start_ms = _start_ms(account, created_ms, value_ms, scope.policy)
        if start_ms is not None:
            at_ms = max(value_ms, start_ms)
            occurrence = Occurrence(at_ms, at_ms)
            yield from distributed(VALUE, windows, occurrence, at_ms - start_ms)
    if created_ms is not None:
        grown_ms = created_ms + scope.policy.milestone_days * DAY_MS
        yield windowed(_ELIGIBLE, windows, Occurrence(grown_ms, grown_ms))
        named = scope.policy.milestones
        for milestone, reached_ms in reached.items():
            if named and milestone not in named:
                continue
            occurrence = Occurrence(grown_ms, max(grown_ms, reached_ms))
            taken_ms = max(reached_ms - created_ms, 0)
            yield from distributed(_TIME, windows, occurrence, taken_ms, milestone)


def _created_ms(row: History | None) -> int | None:
    created = (
        fact for fact in (row.unretracted() if row else ()) if fact.type == "account.created"
    )
    return next((fact.effective_ms for fact in created), None)


def _start_ms(
    account: AccountRows, created_ms: int | None, value_ms: int, policy: Policy
) -> int | None:
    """Returns where the time to value begins, or None if it does not, or with a contract."""
    match policy.value_start:
        case "account_created":
            return created_ms
        case "onboarding_started":
            return _onboarding_ms(account, value_ms)
        case "contract":
            return None


def _onboarding_ms(account: AccountRows, value_ms: int) -> int | None:
    starts = [
        fact.effective_ms
        for row in account.of(ONBOARDINGS).values()
        for fact in row.unretracted()
        if fact.type == STARTED and fact.effective_ms <= value_ms
    ]
    return max(starts, default=None)


FAMILY = Family(
    name="progress",
    reads=_PROGRESS,
    measures=(
        Measure.duration(
            VALUE, "Time to the first value, of accounts that saw it in the window.", _WINDOWS
        ),
        Measure.windowed(
            _ELIGIBLE,
            "Accounts that became old enough in the window to ask what they have reached.",
            _WINDOWS,
        ),
        Measure.duration(
            _TIME,
            "Time since creation to a milestone, of accounts that became old enough in the window.",
            _WINDOWS,
            labels=("milestone",),
        ),
    ),
    contributions=contributions,
    policies=("value_start", "milestones", "milestone_days"),
)
