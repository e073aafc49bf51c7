"""Survey response: answers given and surveys sent, whatever their type.

Formula: answers given in the window and in force as of T, over surveys sent in it. The two are
counted, not matched: an answer counts with or without a score or a name, also where no
``survey.sent`` is known; a deleted answer vanishes, an updated one stays one, internal people are
in neither. By survey: the answers to it. Unit: answers, surveys. Undefined: no ratio of none sent.
"""

from typing import Final

from aggregates.ledger.measure import Measure
from aggregates.surveys.answers import Increment, survey_family
from aggregates.surveys.responses import RESPONSES, given
from events.survey import SCALES

_ANSWERS: Final = "survey_answers"

FAMILY = survey_family(
    "survey_answers",
    RESPONSES,
    lambda rows, policy: (given(row, SCALES) for row in rows),
    lambda answer, policy: [Increment(_ANSWERS)],
    Measure.windowed(_ANSWERS, "Answers given, with a score or without.", ("90d",)),
)
