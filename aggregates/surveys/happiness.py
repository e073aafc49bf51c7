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

from aggregates.contributions.occurrence import Ranked
from aggregates.ledger.measure import Measure
from aggregates.policies.policy import Policy
from aggregates.rows.history import History
from aggregates.surveys.answers import Increment, survey_family
from aggregates.surveys.responses import RESPONSES, voices
from aggregates.surveys.score import SATISFACTION, Answer, Mood, mood_of

_HAPPY: Final = "happy_answers"
_ALL: Final = "satisfaction_answers"


def _answers(rows: Sequence[History], policy: Policy) -> Iterator[list[Ranked]]:
    for survey_type in dict.fromkeys(policy.satisfaction_surveys):
        yield from voices(rows, survey_type)


def _increments(answer: Answer, policy: Policy) -> Iterator[Increment]:
    mood = mood_of(answer, policy)
    if mood is not None:
        yield Increment(_ALL)
    if mood is Mood.SATISFIED:
        yield Increment(_HAPPY)


FAMILY = survey_family(
    "happiness",
    RESPONSES,
    _answers,
    _increments,
    Measure.windowed(_HAPPY, "Positive answers.", ("90d",)),
    Measure.windowed(_ALL, "Answers with a score.", ("90d",)),
    policies=SATISFACTION,
)
