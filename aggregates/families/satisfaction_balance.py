"""Satisfaction balance: satisfied less dissatisfied accounts, as a share of those that answered.

Formula: of each account the latest answer to a satisfaction survey (``satisfaction_surveys``) that
was given in the window and stands as of T; satisfied from the threshold of its scale on
(``csat_thresholds``), dissatisfied as far from the scale's other end, else neutral, which counts in
the denominator. Unit: accounts. Undefined: no value where no account answered.
Source: NetSuite (customer health score: satisfied less dissatisfied).
"""

from collections.abc import Sequence
from typing import Final

from aggregates.family import Family, Scope
from aggregates.measure import Contributions, Kind, Measure, Unit
from aggregates.row import DerivedKind
from aggregates.rows.responses import RESPONSES, scored
from aggregates.score import mood_of
from aggregates.standing import latest, windowed
from aggregates.store import AccountRows

ACCOUNT_ANSWERS: Final = DerivedKind("account_answers", (RESPONSES,))
"""All answers of an account."""

_WINDOWS: Final = ("90d",)
_RATED: Final = "rated_accounts"


def contributions(accounts: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Gives what the latest answers of one account contribute."""
    windows = [scope.calendar.windows[name] for name in _WINDOWS]
    surveys = scope.policy.satisfaction_surveys
    for account in accounts:
        rows = account.of(RESPONSES).values()
        given = [answer for row in rows for answer in scored(row, surveys)]
        told = [each for each in given if mood_of(each.value, scope.policy) is not None]
        for standing, data in latest(told):
            yield from windowed(_RATED, windows, standing, str(mood_of(data, scope.policy)))


FAMILY = Family(
    name="satisfaction_balance",
    reads=ACCOUNT_ANSWERS,
    measures=(
        Measure(
            _RATED,
            Kind.WINDOWED,
            Unit.COUNT,
            "Accounts by their latest answer: satisfied, neutral, dissatisfied.",
            labels=("mood",),
            windows=_WINDOWS,
        ),
    ),
    contributions=contributions,
    policies=("satisfaction_surveys", "csat_thresholds", "ces_scale", "ces_reversed"),
)
