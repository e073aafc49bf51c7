"""Customer happiness: positive answers among all answers to satisfaction surveys of any kind.

Formula: what counts for CSAT, over all survey types of the policy ``satisfaction_surveys``, by
default ratings after a ticket and of the relationship: of each ticket the latest rating, and every
other answer, given in the window and in force as of T. Positive is a rating from its scale's
threshold on (``csat_thresholds``), an easy CES answer, an NPS promoter. Answers without a score
stay out. By survey: the same among the answers to it. Unit: answers. Undefined: no value where
nobody answered.
Source: NetSuite (customer happiness: positive responses by all responses).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.ledger.measure import Contributions
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.surveys.answers import Part, counted, measures
from aggregates.surveys.responses import RESPONSES, voices
from aggregates.surveys.score import SATISFACTION, Answer, Mood, mood_of

_WINDOWS: Final = ("90d",)
_HAPPY: Final = Part("happy_answers")
_ALL: Final = Part("satisfaction_answers")


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what the answers of one voice contribute."""
    for survey_type in dict.fromkeys(scope.policy.satisfaction_surveys):
        for answers in voices(rows, survey_type):
            yield from counted(answers, scope, _parts)


def _parts(answer: Answer, policy: Policy) -> Iterator[Part]:
    mood = mood_of(answer, policy)
    if mood is not None:
        yield _ALL
    if mood is Mood.SATISFIED:
        yield _HAPPY


FAMILY = Family(
    name="happiness",
    reads=RESPONSES,
    measures=(
        *measures(_HAPPY.measure, "Positive answers.", _WINDOWS),
        *measures(_ALL.measure, "Answers with a score.", _WINDOWS),
    ),
    contributions=contributions,
    policies=SATISFACTION,
)
