"""Survey response: answers given and surveys sent, whatever their type.

Formula: answers that were given in the window and stand as of T, over surveys sent in it. The two
are counted, not matched: an answer counts with or without a score or a name, also where no
``survey.sent`` is known; a deleted answer vanishes, an updated one stays one. By survey: the
answers to it. Unit: answers, surveys. Undefined: the ratio has no value where nothing was sent.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from aggregates.ledger.measure import Contributions
from aggregates.policies.policy import Policy
from aggregates.rows.family import Family, Scope
from aggregates.rows.history import History
from aggregates.surveys.answers import Part, counted, measures
from aggregates.surveys.responses import RESPONSES, given
from aggregates.surveys.score import Answer
from events.survey import SCALES

_WINDOWS: Final = ("90d",)
_ANSWERS: Final = Part("survey_answers")


def contributions(rows: Sequence[History], scope: Scope) -> Contributions:
    """Yields what responses contribute, each by itself."""
    for row in rows:
        yield from counted(given(row, SCALES), scope, _parts)


def _parts(_answer: Answer, _policy: Policy) -> Iterator[Part]:
    yield _ANSWERS


FAMILY = Family(
    name="survey_answers",
    reads=RESPONSES,
    measures=measures(_ANSWERS.measure, "Answers given, with a score or without.", _WINDOWS),
    contributions=contributions,
)
