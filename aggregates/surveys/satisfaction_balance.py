"""Satisfaction balance: satisfied less dissatisfied accounts, as a share of those that answered.

Formula: of each account the latest answer to a satisfaction survey (``satisfaction_surveys``) that
was given in the window and stands as of T; satisfied from the threshold of its scale on
(``csat_thresholds``), dissatisfied as far from the scale's other end, else neutral, which counts in
the denominator. By survey: the latest answer to it. Unit: accounts. Undefined: no value where no
account answered.
Source: NetSuite (customer health score: satisfied less dissatisfied).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.ledger.measure import Contributions
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.rows.store import AccountRows
from aggregates.surveys.answers import Part, counted, measures
from aggregates.surveys.responses import ACCOUNT_ANSWERS, RESPONSES, scored
from aggregates.surveys.score import SATISFACTION, Answer, mood_of

_WINDOWS: Final = ("90d",)
_RATED: Final = "rated_accounts"


def contributions(accounts: Sequence[AccountRows], scope: Scope) -> Contributions:
    """Yields what the latest answers of one account contribute."""
    surveys = scope.policy.satisfaction_surveys
    for account in accounts:
        rows = account.of(RESPONSES).values()
        answers = [answer for row in rows for answer in scored(row, surveys)]
        told = [each for each in answers if mood_of(each.value, scope.policy) is not None]
        yield from counted(told, scope, _parts)


def _parts(answer: Answer, policy: Policy) -> Iterator[Part]:
    yield Part(_RATED, labels=(str(mood_of(answer, policy)),))


FAMILY = Family(
    name="satisfaction_balance",
    reads=ACCOUNT_ANSWERS,
    measures=measures(
        _RATED,
        "Accounts by their latest answer: satisfied, neutral, dissatisfied.",
        _WINDOWS,
        ("mood",),
    ),
    contributions=contributions,
    policies=SATISFACTION,
)
