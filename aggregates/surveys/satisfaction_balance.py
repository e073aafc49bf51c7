"""Satisfaction balance: satisfied less dissatisfied accounts, as a share of those that answered.

Formula: of each account the latest answer to a satisfaction survey (``satisfaction_surveys``) that
was given in the window and is in force as of T; satisfied from the threshold of its scale on
(``csat_thresholds``), dissatisfied as far from the scale's other end, else neutral, which counts in
the denominator. By survey: the latest answer to it. Unit: accounts. Undefined: no value where no
account answered.
Source: NetSuite (customer health score: satisfied less dissatisfied).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.contributions.occurrence import Ranked
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.rows.store import AccountRows
from aggregates.surveys.answers import Increment, survey_family
from aggregates.surveys.responses import ACCOUNT_ANSWERS, RESPONSES, scored
from aggregates.surveys.score import SATISFACTION, mood_of

_RATED: Final = "rated_accounts"


def _answers(accounts: Sequence[AccountRows], policy: Policy) -> Iterator[list[Ranked]]:
    for account in accounts:
        rows = account.of(RESPONSES).values()
        answers = [each for row in rows for each in scored(row, policy.satisfaction_surveys)]
        yield [each for each in answers if mood_of(each.value, policy) is not None]


FAMILY = survey_family(
    "satisfaction_balance",
    ACCOUNT_ANSWERS,
    _answers,
    lambda answer, policy: [Increment(_RATED, labels=(str(mood_of(answer, policy)),))],
    Measure.windowed(
        _RATED,
        "Accounts by their latest answer: satisfied, neutral, dissatisfied.",
        ("90d",),
        labels=("mood",),
    ),
    policies=SATISFACTION,
)
